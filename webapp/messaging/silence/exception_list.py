"""The list of those to whom mail goes even in silent mode: addresses, and domains with all below them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from webapp.mail.address import InvalidAddress, parse_address

MOST_EXCEPTIONS: Final = 500


class NoAddress(ValueError):
    """A line of the list is neither an address nor a domain."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"line {number}: {text}")
        self.number = number
        self.text = text


@dataclass(frozen=True)
class ExceptionList:
    """Addresses and domains, all in lower case, so that nobody is kept out by how a name is written."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Read what ``read_entries`` returned."""
        lower = [entry.lower() for entry in entries]
        return cls(
            frozenset(entry for entry in lower if "@" in entry),
            frozenset(entry for entry in lower if "@" not in entry),
        )

    def has(self, address: str) -> bool:
        """Whether the address, in wire form, stands in the list, or its domain or one above that."""
        lower = address.lower()
        return lower in self.addresses or any(name in self.domains for name in _domains_of(lower))


def read_entries(text: str) -> list[str]:
    """Return the entries of a text, one a line, in wire form, each once. Raises NoAddress.

    A domain may have an @ before it, and a star before that.
    """
    lines = enumerate(map(str.strip, text.splitlines()), 1)
    return list(dict.fromkeys(_read(number, line) for number, line in lines if line))


def _read(number: int, line: str) -> str:
    local_part, _at, domain = line.rpartition("@")
    is_domain = local_part in {"", "*"}
    try:
        address = parse_address(f"anybody@{domain}" if is_domain else line)
    except InvalidAddress:
        raise NoAddress(number, line) from None
    return address.rpartition("@")[2] if is_domain else address


def _domains_of(address: str) -> Iterable[str]:
    """Return the domain and those above it, but not the last label: to name "com" names no company."""
    domain = address.rpartition("@")[2]
    yield domain
    while domain.count(".") > 1:
        domain = domain.partition(".")[2]
        yield domain
