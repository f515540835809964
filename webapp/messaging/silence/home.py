"""Under which address the program was started, and whether the database was made for another one.

A copy of a database, opened elsewhere for a trial, must not write to the people in it. What tells it from the
original is the address in its environment (BASE_URL), which comes with the machine and not with the data.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import idna

from webapp.core import config
from webapp.people.company import settings as company

#: With or without encryption it is the same place.
_USUAL_PORTS: Final = frozenset({None, 80, 443})


def place_of(address: str) -> str | None:
    """Return what the address says about a place in the network: host, unusual port and path.

    None when it names none: it is empty, or leads nowhere but to the reader's own machine.
    """
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return None
    host = _host(parts)
    if not host or _is_this_machine(host):
        return None
    return host + ("" if port in _USUAL_PORTS else f":{port}") + parts.path.rstrip("/")


def here() -> str | None:
    """Return the place for which this process was started; None when its environment names none."""
    return place_of(config.current().base_url)


def is_elsewhere(home: str | None) -> bool:
    """Whether a database that is at home there is opened in another place, so that it must be a copy.

    One that was never opened under an address of its own is at home where the company card says. A demo
    writes to nobody but its own mailbox.
    """
    if config.current().is_demo:
        return False
    if home is not None:
        return here() != home
    return here() not in {None, made_for(home) or here()}


def made_for(home: str | None) -> str | None:
    """Return the place for which the database was made, as far as it knows."""
    return home or place_of(company.get().base_url)


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return host.lower()


def _is_this_machine(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
