"""Whether the program keeps silent at this moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from webapp.core.db import db
from webapp.messaging.silence import home
from webapp.messaging.silence.exception_list import ExceptionList
from webapp.messaging.silence.models import THE_ONLY_ROW, SilentMode


@dataclass(frozen=True)
class Silence:
    """Whether nothing leaves, and to whom it does all the same."""

    is_on: bool
    exceptions: ExceptionList = field(default_factory=ExceptionList)

    def keeps_back(self, address: str) -> bool:
        """Whether nothing may leave for the address, which is in wire form."""
        return self.is_on and not self.exceptions.has(address)


_NO_SILENCE: Final = Silence(is_on=False)


def present() -> Silence:
    """Return what holds now: one look at one row.

    A database that is opened elsewhere is silent before anybody has written so into it.
    """
    row = get_silent_mode()
    if row is None:
        return Silence(is_on=True) if home.is_elsewhere(None) else _NO_SILENCE
    if row.since is None and not home.is_elsewhere(row.home):
        return _NO_SILENCE
    return Silence(is_on=True, exceptions=ExceptionList.of(row.exceptions))


def get_silent_mode() -> SilentMode | None:
    """Return the row as it is now; None when nobody has looked yet."""
    return db.session.get(SilentMode, THE_ONLY_ROW, populate_existing=True)
