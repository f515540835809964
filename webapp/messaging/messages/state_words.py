"""States and phases of a delivery as words inside a statement.

As values they would be parameters, and PostgreSQL takes a partial index only when it sees that its condition
holds: ``ix_delivery_claim`` for what waits, ``ix_delivery_sending`` for what is on its way.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, literal_column

from webapp.messaging.messages.models import DeliveryState, Phase


def in_words(state: str) -> ColumnElement[str]:
    """Return a state as a word of the statement."""
    return literal_column(f"'{DeliveryState(state).value}'")


WAITING: Final = in_words(DeliveryState.WAITING)
SENDING: Final = in_words(DeliveryState.SENDING)
SENT: Final = in_words(DeliveryState.SENT)
CLAIMED: Final[ColumnElement[str]] = literal_column(f"'{Phase.CLAIMED.value}'")
DOT: Final[ColumnElement[str]] = literal_column(f"'{Phase.DOT.value}'")
