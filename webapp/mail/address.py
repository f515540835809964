"""E-mail addresses: read from a person, kept in wire form, shown in readable form."""

import re
from typing import Final, NamedTuple

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS: Final = 254  # RFC 5321 §4.5.3.1.3: a path is 256 octets, angle brackets included
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(
    rf"(?:{_LABEL}\.)*(?![0-9]+$){_LABEL}"
)  # the last label is never a number: no IP address
_WIRE_SAFE = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\"\u2028\u2029\ud800-\udfff]+"
    r"@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)


class InvalidAddress(ValueError):
    """The text is not one usable address; ``reason`` is a word for a screen.

    Reasons: empty, too_long, control_character, no_at, several_addresses, bad_local_part, bad_domain.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Mailbox(NamedTuple):
    """A name people read and an address in wire form; the name may be empty."""

    name: str
    address: str


def parse_address(text: str) -> str:
    """Return the address in wire form: local part as written, domain in ASCII and lower case.

    No name, comment, group or quoted local part is taken, and DNS is not asked. Raises InvalidAddress.
    """
    text = text.strip()
    _refuse_at_sight(text)
    local_part, _, domain = text.rpartition("@")
    address = f"{_local_part(local_part)}@{_domain(domain)}"
    if len(address.encode("utf-8")) > LONGEST_ADDRESS:
        raise InvalidAddress("too_long")
    return address


def needs_smtputf8(address: str) -> bool:
    """Tell whether only a server with SMTPUTF8 (RFC 6531) can carry the address."""
    return not address.isascii()


def readable_address(address: str) -> str:
    """Return the address with its domain as people write it, for pages."""
    local_part, _, domain = address.rpartition("@")
    try:
        return f"{local_part}@{idna.decode(domain)}"
    except idna.IDNAError:
        return address


def is_wire_safe(address: str) -> bool:
    """Tell whether the address can stand between angle brackets without saying anything else."""
    return len(address) <= LONGEST_ADDRESS and _WIRE_SAFE.fullmatch(address) is not None


def _refuse_at_sight(text: str) -> None:
    if not text:
        raise InvalidAddress("empty")
    if len(text) > LONGEST_ADDRESS:
        raise InvalidAddress("too_long")
    if _CONTROL.search(text):
        raise InvalidAddress("control_character")
    if "@" not in text:
        raise InvalidAddress("no_at")
    if re.search(r"[,;]", text):
        raise InvalidAddress("several_addresses")


def _local_part(text: str) -> str:
    """Check the local part beside a neutral domain: the library knows no company's inner domains."""
    try:
        checked = validate_email(f"{text}@example.org", check_deliverability=False)
    except EmailNotValidError:
        raise InvalidAddress("bad_local_part") from None
    if not is_wire_safe(f"{checked.local_part}@example.org"):
        raise InvalidAddress("bad_local_part")
    return checked.local_part


def _domain(text: str) -> str:
    try:
        domain = idna.encode(text, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise InvalidAddress("bad_domain") from None
    if not _DOMAIN.fullmatch(domain):
        raise InvalidAddress("bad_domain")
    return domain
