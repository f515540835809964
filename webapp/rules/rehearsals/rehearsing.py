"""Lets what happened lately pass a row once more, through the functions that answer real events.

It only reads. Records are as they are now, except for what each event says of them; who observes them and
who is in which team is as it is today.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select

from webapp.core.db import db, reading
from webapp.events.models import Event
from webapp.messaging.messages import compose
from webapp.messaging.messages.orders import Channel
from webapp.people.company import settings as company
from webapp.rules.audience import Person
from webapp.rules.event_actions import catalogue, subscriber
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.settings import Settings, get_settings
from webapp.rules.event_actions.subscriber import Told
from webapp.rules.event_actions.triggers import Happening, all_hold
from webapp.rules.look import Look
from webapp.rules.rehearsals.tally import Tally

CHUNK: Final = 500
MOST_EVENTS: Final = 50_000
MOST_SECONDS: Final = 20.0

#: What an event would tell when the row is as it is tried: None when the row does not speak of it.
Teller = Callable[[Event, Look], Told | None]


@dataclass
class Budget:
    """How much a rehearsal may still look at."""

    events: int = MOST_EVENTS
    seconds: float = MOST_SECONDS

    @property
    def is_spent(self) -> bool:
        """Whether it has to stop."""
        return self.events <= 0 or self.seconds <= 0


def rehearse(
    row: EventAction, condition: str | None, since: datetime, budget: Budget | None = None
) -> Iterator[Tally]:
    """Go back through the events until ``since``, giving the tally after each part of them.

    Between two parts no transaction is open, so that the caller may write down how far it is.
    """
    with reading():
        settings = get_settings().as_if_on(row, condition)
    yield from rehearse_with(row.code, _teller(row, settings), since, budget or Budget())


def rehearse_with(code: str, teller: Teller, since: datetime, budget: Budget) -> Iterator[Tally]:
    """Do the same for any rule that can say what an event would tell."""
    walk = _Walk(code, teller, since, budget)
    while walk.is_more and not budget.is_spent:
        with reading():
            walk.go_on()
        yield walk.tally


def told_again(row: EventAction, event: Event, condition: str | None) -> tuple[Told | None, Look]:
    """Return what one event would tell now, for a sample."""
    look = Look([event])
    return _teller(row, get_settings().as_if_on(row, condition))(event, look), look


def _teller(row: EventAction, settings: Settings) -> Teller:
    def tell(event: Event, look: Look) -> Told | None:
        if row not in catalogue.rows_about(event.subject_type, event.data.get("template")):
            return None
        record = look.record_of(event)
        is_fired = all_hold(row.when, Happening(event, record))
        return subscriber.who_is_told(event, record, look, settings) if is_fired else None

    return tell


@dataclass
class _Walk:
    """The way back through the events, newest first, and how far it is."""

    code: str
    teller: Teller
    since: datetime
    budget: Budget
    tally: Tally = field(default_factory=Tally)
    before: int | None = None
    is_more: bool = True

    def go_on(self) -> None:
        """Look at the next part of the events."""
        ends_at = time.monotonic() + self.budget.seconds
        events = self._older()
        look, may_write_strangers = Look(events), company.get().notify_unregistered
        self.is_more = len(events) == CHUNK
        for event in events:
            if event.happened_at < self.since:
                self.is_more = False
                break
            if self.budget.events <= 0 or time.monotonic() > ends_at:
                self.is_more = True
                break
            self._look_at(event, look, may_write_strangers=may_write_strangers)
        self.budget.seconds = ends_at - time.monotonic()
        self.tally.is_cut = self.is_more

    def _look_at(self, event: Event, look: Look, *, may_write_strangers: bool) -> None:
        self.budget.events, self.before = self.budget.events - 1, event.id
        self.tally.look_at(event)
        told = self.teller(event, look)
        if told is not None:
            _count(self.code, event, told, self.tally, may_write_strangers=may_write_strangers)

    def _older(self) -> Sequence[Event]:
        query = select(Event).order_by(Event.id.desc()).limit(CHUNK)
        return db.session.scalars(query if self.before is None else query.where(Event.id < self.before)).all()


def _count(code: str, event: Event, told: Told, tally: Tally, *, may_write_strangers: bool) -> None:
    tally.fired += 1
    channels: dict[Person, set[Channel]] = {}
    for one in told.candidates:
        if one.row.code == code:
            channels.setdefault(one.person, set()).add(one.channel)
    for person, chosen in channels.items():
        _address, skipped = compose.reasons_against(
            person.account_id, person.address, chosen, told.accounts, may_write_strangers=may_write_strangers
        )
        for channel, reason in skipped.items():
            tally.pass_over(channel.value, reason.value, 1)
        if left := frozenset(chosen - skipped.keys()):
            tally.tell(event, person, left)
    for decision in told.passed_over:
        if decision.row == code:
            tally.pass_over(decision.channel, decision.reason, max(1, len(decision.account_ids)))
