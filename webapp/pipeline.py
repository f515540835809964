"""The event flow on one screen: who reacts to events, and how a batch of them becomes messages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.passing_trouble import is_passing
from webapp.events import queries
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.messaging.messages import compose
from webapp.messaging.messages.compose import Prepared
from webapp.messaging.messages.orders import SkipReason
from webapp.rules.answers import Answer, Decision, gathered
from webapp.rules.event_actions import subscriber as event_actions

log = logging.getLogger(__name__)

Subscriber = Callable[[Event], Answer | None]

#: Everything that reacts to events, in this order.
SUBSCRIBERS: tuple[tuple[str, Subscriber], ...] = ((event_actions.NAME, event_actions.on_event),)

BATCH = 20
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Handled:
    """What one subscriber made of one event; an error instead of an answer when it failed."""

    event_id: int
    subscriber: str
    answer: Answer
    prepared: list[Prepared] | None
    error: str | None = None


def read_batch(part: int, size: int = BATCH) -> tuple[list[int], list[Handled]]:
    """Ask every subscriber about the next events of a part, in their order. Writes nothing."""
    events = queries.list_undone(part, size)
    handled = [one for event in events for one in _ask(event)]
    return [event.id for event in events], handled


def write_batch(event_ids: list[int], handled: list[Handled]) -> None:
    """Insert the messages and receipts of a batch and mark its events done, in the present transaction."""
    for one in handled:
        _write(one)
    for event in db.session.scalars(select(Event).where(Event.id.in_(event_ids))):
        event.is_done = True


def give_up(event_id: int, error: str) -> None:
    """Mark an event done that cannot be handled, so that those behind it go on.

    The journal shows it as failed, with a button that lets it be handled again.
    """
    for name in _asked(event_id):
        _put_receipt(event_id, name, ReceiptState.FAILED, error, [])
    event = db.session.get(Event, event_id)
    if event is not None:
        event.is_done = True


def _asked(event_id: int) -> dict[str, Subscriber]:
    """Return who handles the event: everybody, or at a replay those whom a person chose."""
    wanted = queries.list_subscribers_to_replay(event_id)
    return {name: on_event for name, on_event in SUBSCRIBERS if not wanted or name in wanted}


def _ask(event: Event) -> list[Handled]:
    return [_ask_one(name, on_event, event) for name, on_event in _asked(event.id).items()]


def _ask_one(name: str, on_event: Subscriber, event: Event) -> Handled:
    try:
        # A failing statement spoils the whole transaction on PostgreSQL; a savepoint keeps it for the others.
        with db.session.begin_nested():
            answer = on_event(event) or Answer()
            prepared = compose.prepare(answer.orders) if answer.orders else None
    except Exception as error:
        if is_passing(error):
            raise  # nobody's fault: the batch is tried again
        log.exception("subscriber %s failed on event %s", name, event.id)
        return Handled(event.id, name, Answer(), None, as_words(error))
    return Handled(event.id, name, answer, prepared)


def as_words(error: Exception) -> str:
    """Return what a receipt keeps of an error."""
    return f"{type(error).__name__}: {error}"[:1000]


def _write(one: Handled) -> None:
    if one.error is not None:
        _put_receipt(one.event_id, one.subscriber, ReceiptState.FAILED, one.error, [])
        return
    decisions = list(one.answer.decisions)
    composed = compose.insert(one.prepared) if one.prepared else []
    for result in composed:
        account_ids = (result.order.account_id,) if result.order.account_id else ()
        decisions += [
            Decision(result.order.rule_code, channel.value, str(reason), account_ids)
            for channel, reason in result.skipped.items()
            if reason is not SkipReason.DUPLICATE  # they have the message: they were told, not passed over
        ]
    stored = [decision.as_json() for decision in gathered(decisions)]
    if stored or composed or _receipt(one.event_id, one.subscriber):
        _put_receipt(one.event_id, one.subscriber, ReceiptState.DONE, None, stored)


def _receipt(event_id: int, subscriber: str) -> Receipt | None:
    return db.session.get(Receipt, (event_id, subscriber))


def _put_receipt(
    event_id: int, subscriber: str, state: ReceiptState, error: str | None, decisions: list[Any]
) -> None:
    receipt = _receipt(event_id, subscriber)
    if receipt is None:
        receipt = Receipt(event_id=event_id, subscriber=subscriber, attempts=0)
        db.session.add(receipt)
    receipt.attempts += 1
    receipt.state, receipt.error, receipt.decisions, receipt.handled_at = state.value, error, decisions, now()
