"""The event flow on one screen: who reacts to events, and how a batch of them becomes messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.passing_trouble import is_passing
from webapp.core.row_changes import change_rows
from webapp.events import queries
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.messaging.messages import compose
from webapp.messaging.messages.orders import SkipReason
from webapp.messaging.messages.prepared import Composed, Prepared
from webapp.rules.answers import Answer, Decision, gathered
from webapp.rules.event_actions import subscriber as event_actions
from webapp.rules.look import Look

log = logging.getLogger(__name__)

Subscriber = Callable[[Event, Look], Answer | None]

#: Everything that reacts to events, in this order.
SUBSCRIBERS: tuple[tuple[str, Subscriber], ...] = ((event_actions.NAME, event_actions.on_event),)

BATCH = 50
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Handled:
    """What one subscriber made of one event; an error instead of an answer when it failed."""

    event_id: int
    subscriber: str
    answer: Answer
    prepared: list[Prepared]
    error: str | None = None


def read_batch(part: int, size: int = BATCH) -> tuple[list[int], list[Handled]]:
    """Ask every subscriber about the next events of a part, in their order. Writes nothing."""
    try:
        return _read_batch(part, size, is_guarded=False)
    except _Spoiled:
        db.session.rollback()
        return _read_batch(part, size, is_guarded=True)


def write_batch(event_ids: list[int], handled: list[Handled]) -> None:
    """Insert the messages and receipts of a batch and mark its events done, in the present transaction."""
    composed = iter(compose.insert([one for each in handled for one in each.prepared]))
    receipts = _Receipts(event_ids)
    for one in handled:
        _note(one, list(islice(composed, len(one.prepared))), receipts)
    receipts.write()
    change_rows(update(Event).where(Event.id.in_(event_ids)).values(is_done=True))


def give_up(event_id: int, error: str) -> None:
    """Mark an event done that cannot be handled, so that those behind it go on.

    The journal shows it as failed, with a button that lets it be handled again.
    """
    receipts = _Receipts([event_id])
    for name in _asked(queries.list_subscribers_to_replay([event_id]).get(event_id)):
        receipts.put(event_id, name, ReceiptState.FAILED, error)
    receipts.write()
    event = db.session.get(Event, event_id)
    if event is not None:
        event.is_done = True


def as_words(error: Exception) -> str:
    """Return what a receipt keeps of an error."""
    return f"{type(error).__name__}: {error}"[:1000]


class _Spoiled(Exception):
    """A statement failed, and on PostgreSQL the whole transaction with it."""


def _asked(wanted: Collection[str] | None) -> dict[str, Subscriber]:
    """Return who handles an event: everybody, or at a replay those whom a person chose."""
    return {name: on_event for name, on_event in SUBSCRIBERS if not wanted or name in wanted}


def _read_batch(part: int, size: int, *, is_guarded: bool) -> tuple[list[int], list[Handled]]:
    events = queries.list_undone(part, size)
    event_ids = [event.id for event in events]
    if not events:
        return [], []
    replayed = queries.list_subscribers_to_replay(event_ids)
    look = Look(events)
    return event_ids, [
        _ask(name, on_event, event, look, is_guarded=is_guarded)
        for event in events
        for name, on_event in _asked(replayed.get(event.id)).items()
    ]


def _ask(name: str, on_event: Subscriber, event: Event, look: Look, *, is_guarded: bool) -> Handled:
    event_id = event.id
    try:
        # A savepoint keeps the transaction for the others; it is made only once a statement did fail, because
        # hardly ever does one and it costs as much as the subscriber's work.
        with db.session.begin_nested() if is_guarded else nullcontext():
            answer = on_event(event, look) or Answer()
            prepared = compose.prepare(answer.orders, look.accounts) if answer.orders else []
    except Exception as error:
        if is_passing(error):
            raise  # nobody's fault: the batch is tried again
        if isinstance(error, SQLAlchemyError) and not is_guarded:
            raise _Spoiled from error
        log.exception("subscriber %s failed on event %s", name, event_id)
        return Handled(event_id, name, Answer(), [], as_words(error))
    return Handled(event_id, name, answer, prepared)


def _note(one: Handled, composed: list[Composed], receipts: _Receipts) -> None:
    if one.error is not None:
        receipts.put(one.event_id, one.subscriber, ReceiptState.FAILED, one.error)
        return
    decisions = list(one.answer.decisions)
    for result in composed:
        account_ids = (result.order.account_id,) if result.order.account_id else ()
        decisions += [
            Decision(result.order.rule_code, channel.value, str(reason), account_ids)
            for channel, reason in result.skipped.items()
            if reason is not SkipReason.DUPLICATE  # they have the message: they were told, not passed over
        ]
    stored = [decision.as_json() for decision in gathered(decisions)]
    if stored or composed or receipts.has(one.event_id, one.subscriber):
        receipts.put(one.event_id, one.subscriber, ReceiptState.DONE, None, stored)


class _Receipts:
    """The receipts of a batch: those that are there already, and new ones, which are inserted together."""

    def __init__(self, event_ids: Collection[int]) -> None:
        self._known = queries.list_receipts(event_ids)
        self._new: list[dict[str, Any]] = []

    def has(self, event_id: int, subscriber: str) -> bool:
        """Whether the subscriber handled the event before."""
        return (event_id, subscriber) in self._known

    def put(
        self,
        event_id: int,
        subscriber: str,
        state: ReceiptState,
        error: str | None,
        decisions: Sequence[Any] = (),
    ) -> None:
        """Keep what came of one more handling."""
        values = {"state": state.value, "error": error, "decisions": list(decisions), "handled_at": now()}
        known = self._known.get((event_id, subscriber))
        if known is None:
            self._new.append({"event_id": event_id, "subscriber": subscriber, "attempts": 1, **values})
            return
        known.attempts += 1
        for name, value in values.items():
            setattr(known, name, value)

    def write(self) -> None:
        """Insert the new ones."""
        if self._new:
            db.session.execute(insert(Receipt), self._new)
