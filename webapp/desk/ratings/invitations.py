"""The signed link by which one person rates one closing of a record, without signing in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from webapp.core import signed_text

PURPOSE: Final = "rating"


@dataclass(frozen=True)
class Invitation:
    """Which closing, and who may rate it: an account, or an address by its mark."""

    event_id: int
    account_id: int | None = None
    mark: str = ""

    @property
    def token(self) -> str:
        """The link's secret part; the same each time."""
        return signed_text.sign(PURPOSE, [self.event_id, self.account_id, self.mark])

    @property
    def path(self) -> str:
        """The path of the page to which the link leads."""
        return f"/ratings/{self.token}"

    @classmethod
    def read(cls, token: str) -> Self | None:
        """Return what a token says; None when it is none of ours."""
        try:
            return cls(*signed_text.read(PURPOSE, token))
        except (signed_text.NotSigned, TypeError):
            return None


def mark_of(address: str | None) -> str:
    """Return a mark of an address: links are copied and logged, and addresses are nobody's business there."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:20] if address else ""
