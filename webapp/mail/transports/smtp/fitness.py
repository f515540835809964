"""What a server can carry, judged by what it offered before a word about the mail is said."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from webapp.mail.address import is_wire_safe, needs_smtputf8
from webapp.mail.transports.base import Outcome, Parcel, Problem, Step, Verdict

_ADDRESSES_KEPT: Final = 2048  # people are written to again and again
_is_wire_safe = lru_cache(maxsize=_ADDRESSES_KEPT)(is_wire_safe)


def refusals(parcel: Parcel, extensions: Mapping[str, str]) -> dict[str, Outcome]:
    """Return the recipients that this server could only serve damaged or not at all, with the reason."""
    whole = _refusal_of_mail(parcel, extensions)
    if whole is not None:
        return dict.fromkeys(parcel.envelope.recipients, whole)
    return _refused_recipients(parcel.envelope.recipients, extensions)


def mail_line(parcel: Parcel, recipients: Sequence[str], extensions: Mapping[str, str]) -> str:
    """Return MAIL FROM with what the server has to know beforehand (RFC 1870, 6152, 6531)."""
    line = f"MAIL FROM:<{parcel.envelope.sender}>"
    if "SIZE" in extensions:
        line += f" SIZE={len(parcel.raw)}"
    if not parcel.raw.isascii():
        line += " BODY=8BITMIME"
    if _needs_utf8_headers(parcel) or any(map(needs_smtputf8, recipients)):
        line += " SMTPUTF8"
    return line


def _refusal_of_mail(parcel: Parcel, extensions: Mapping[str, str]) -> Outcome | None:
    sender, raw = parcel.envelope.sender, parcel.raw
    if sender and not _is_wire_safe(sender):
        return Outcome(Verdict.SERVER_PROBLEM, Step.SENDER, problem=Problem.BAD_ADDRESS)
    limit = extensions.get("SIZE", "")
    if limit.isdecimal() and 0 < int(limit[:18]) < len(raw):
        return Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.TOO_LARGE)
    if "SMTPUTF8" not in extensions and _needs_utf8_headers(parcel):
        return _without_smtputf8(parcel)
    if "8BITMIME" not in extensions and not raw.isascii():
        return Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.EIGHT_BIT_NEEDED)
    return None


def _without_smtputf8(parcel: Parcel) -> Outcome:
    """Blame a recipient's address only if there is one to blame; else it is one of ours."""
    if any(map(needs_smtputf8, parcel.envelope.recipients)) and parcel.envelope.sender.isascii():
        return Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.SMTPUTF8_NEEDED)
    return Outcome(Verdict.SERVER_PROBLEM, Step.SENDER, problem=Problem.SMTPUTF8_NEEDED_BY_US)


def _refused_recipients(recipients: Sequence[str], extensions: Mapping[str, str]) -> dict[str, Outcome]:
    refused = {}
    for address in recipients:
        if not _is_wire_safe(address):
            refused[address] = Outcome(Verdict.REFUSED, Step.RECIPIENT, problem=Problem.BAD_ADDRESS)
        elif needs_smtputf8(address) and "SMTPUTF8" not in extensions:
            refused[address] = Outcome(Verdict.REFUSED, Step.RECIPIENT, problem=Problem.SMTPUTF8_NEEDED)
    return refused


def _needs_utf8_headers(parcel: Parcel) -> bool:
    if parcel.raw.isascii() and parcel.envelope.sender.isascii():
        return False
    return needs_smtputf8(parcel.envelope.sender) or not parcel.raw.partition(b"\r\n\r\n")[0].isascii()
