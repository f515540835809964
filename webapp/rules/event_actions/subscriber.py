"""Answers events by the catalogue of event actions: who is told what, and who is passed over and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.core.locales import language_or_default
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.messaging.messages.models import Lane, MessageClass
from webapp.messaging.messages.orders import Channel, MessageOrder
from webapp.people.accounts.models import Account
from webapp.people.company import settings as company
from webapp.rules import audience
from webapp.rules.answers import Answer, Decision, Reason, gathered
from webapp.rules.audience import PRECEDENCE, Person
from webapp.rules.event_actions import catalogue, due, links, pauses
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.settings import Settings, get_settings
from webapp.rules.event_actions.triggers import Happening, all_hold
from webapp.rules.look import Look
from webapp.rules.scope import Reader, Scope

NAME = "event_actions"
Against = dict[tuple[str, Channel], Reason]


@dataclass(frozen=True)
class Candidate:
    """One person whom one row would tell by one channel."""

    row: EventAction
    channel: Channel
    person: Person

    @property
    def strength(self) -> tuple[int, int]:
        """Of several candidates for one person and channel the strongest speaks."""
        return self.row.rank, -PRECEDENCE.index(self.person.role)


@dataclass(frozen=True)
class Told:
    """Whom one event tells, with the row that speaks by each channel, and who is passed over and why."""

    candidates: tuple[Candidate, ...]
    passed_over: tuple[Decision, ...]
    accounts: dict[int, Account]


def on_event(event: Event, look: Look) -> Answer | None:
    """Answer one event; reads only. None when no row of the catalogue looks at it."""
    record = look.record_of(event)
    told = who_is_told(event, record, look)
    if told is None:
        return None
    return Answer(tuple(orders_of(told, Scope(record, event, look))), told.passed_over)


def settings_of(look: Look) -> Settings:
    """Return how the rows are set, read once for a look."""
    return look.once("settings of event actions", get_settings)


def who_is_told(
    event: Event, record: Record | None, look: Look, settings: Settings | None = None
) -> Told | None:
    """Return whom an event tells, one that happened or one that only might; reads only.

    The rows are as they are set now, or as ``settings`` say. None when no row of the catalogue looks at it.
    """
    fired = rows_that_fire(Happening(event, record))
    if not fired:
        return None
    candidates = list(_candidates(fired, record, event, look))
    known = look.accounts(one.person.account_id for one in candidates)
    against = _reasons_against_rows(fired, Happening(event, record), look, settings or settings_of(look))
    allowed, passed_over = _sift(candidates, event, known, against)
    allowed, too_soon = _without_those_told_lately(allowed, event, look)
    passed_over += too_soon
    winners, merged = _strongest(allowed)
    return Told(tuple(winners), tuple(gathered([*passed_over, *merged])), known)


def rows_that_fire(happening: Happening) -> list[EventAction]:
    """Return the rows that look for such an event, switched on or not."""
    event = happening.event
    looking = catalogue.rows_about(event.subject_type, event.data.get("template"))
    if due.is_escalation(event):
        codes = due.rules_of(event)
        return [row for row in looking if row.code in codes and all_hold(row.when, happening)]
    return [row for row in looking if row.moment is None and all_hold(row.when, happening)]


def _candidates(
    fired: list[EventAction], record: Record | None, event: Event, look: Look
) -> Iterator[Candidate]:
    for row in fired:
        for expression in row.to:
            for person in audience.people_in(expression, record, event, look):
                for channel in row.channels:
                    if person.account_id or channel is Channel.EMAIL:
                        yield Candidate(row, channel, person)


def _reasons_against_rows(
    fired: list[EventAction], happening: Happening, look: Look, settings: Settings
) -> Against:
    """Return why rows tell nobody by a channel: for everyone alike."""
    against: Against = {}
    for row in fired:
        unmet = _not_due(row, happening, look) or settings.conditions.against(row, happening)
        for channel in row.channels:
            reason = unmet if settings.switches.is_on(row, channel) else Reason.SWITCHED_OFF
            if reason is not None:
                against[row.code, channel] = reason
    return against


def _not_due(row: EventAction, happening: Happening, look: Look) -> Reason | None:
    if row.moment is None:
        return None
    return due.reason_against(row, happening.event, happening.record, look)


def _sift(
    candidates: Iterable[Candidate], event: Event, known: dict[int, Account], against: Against
) -> tuple[list[Candidate], list[Decision]]:
    allowed: list[Candidate] = []
    passed_over: list[Decision] = []
    for one in candidates:
        reason = against.get((one.row.code, one.channel)) or _reason_against(one, event, known)
        if reason:
            passed_over.append(_decision(one, reason))
        else:
            allowed.append(one)
    return allowed, passed_over


def _reason_against(one: Candidate, event: Event, known: dict[int, Account]) -> Reason | None:
    if one.person.account_id is None:
        return Reason.NOT_STAFF if one.row.staff else None
    account = known.get(one.person.account_id)
    if account is None or not account.is_active:
        return Reason.INACTIVE
    if account.id == event.actor_id and not one.row.own:
        return Reason.OWN_ACTION
    return Reason.NOT_STAFF if one.row.staff and not account.is_staff else None


def _without_those_told_lately(
    allowed: list[Candidate], event: Event, look: Look
) -> tuple[list[Candidate], list[Decision]]:
    """Rows that speak once a day leave the word to the others for whom they told within a day."""
    too_soon = [
        one for one in allowed if one.row.once_a_day and pauses.is_on(one.row, one.person, event, look)
    ]
    left = [one for one in allowed if one not in too_soon]
    return left, [_decision(one, Reason.TOLD_TODAY) for one in too_soon]


def _strongest(allowed: list[Candidate]) -> tuple[list[Candidate], list[Decision]]:
    """Of several rows that would tell one person by one channel the strongest speaks; the rest are merged."""
    by_ear: dict[tuple[int | str | None, Channel], list[Candidate]] = {}
    for one in allowed:
        by_ear.setdefault((one.person.account_id or one.person.address, one.channel), []).append(one)
    winners: list[Candidate] = []
    merged: list[Decision] = []
    for rivals in by_ear.values():
        rivals.sort(key=lambda one: one.strength, reverse=True)
        winners.append(rivals[0])
        merged += [_decision(one, Reason.MERGED) for one in rivals[1:] if one.row is not rivals[0].row]
    return winners, merged


def _decision(one: Candidate, reason: Reason) -> Decision:
    account_ids = (one.person.account_id,) if one.person.account_id else ()
    return Decision(one.row.code, one.channel.value, reason.value, account_ids)


def orders_of(told: Told, scope: Scope) -> Iterator[MessageOrder]:
    """Return a message for each person whom a row tells, in the person's language."""
    channels: dict[tuple[EventAction, Person], set[Channel]] = {}
    for one in told.candidates:
        channels.setdefault((one.row, one.person), set()).add(one.channel)
    for (row, person), chosen in channels.items():
        yield _order(row, person, frozenset(chosen), scope, told.accounts.get(person.account_id or 0))


def _order(
    row: EventAction, person: Person, channels: frozenset[Channel], scope: Scope, account: Account | None
) -> MessageOrder:
    event = scope.event
    reader = reader_of(person, account)
    text = settings_of(scope.look).texts.text_of(row, reader.language)
    is_sign_in = row.message_class is MessageClass.SIGN_IN
    return MessageOrder(
        dedupe_key=_dedupe_key(row, person, event),
        event_id=event.id,
        subject=links.subject_of(scope, person),
        rule_code=row.code,
        role=person.role,
        account_id=person.account_id,
        address=account.email if account else person.address,
        name=reader.name,
        language=reader.language,
        time_zone=reader.time_zone,
        channels=channels,
        text=text,
        values=scope.values(reader, catalogue.names_used(text)),
        link=links.LINKS[row.link](scope, person),
        message_class=row.message_class,
        lane=Lane.PERSON_WAITS if is_sign_in else Lane.ORDINARY,
        why=catalogue.words(reader.language).why_of(row.topic, person.role),
        expires_at=links.expires_at(event),
    )


def _dedupe_key(row: EventAction, person: Person, event: Event) -> str:
    if row.moment is not None:
        # Not of the event: a deadline that is moved and moved back comes by another event and is the same.
        return f"due:{event.subject_id}:{due.occasion_of(event, row.code)}:{_short(person)}:{row.code}"
    if row.once_a_day:
        # Of two events in one batch neither sees the message of the other.
        day = event.happened_at.date()
        return f"{event.subject_type}:{event.subject_id}:{day}:{_short(person)}:{row.code}"
    return f"event:{event.id}:actions:{_short(person)}:{row.code}"


def _short(person: Person) -> str:
    """An address may be longer than a key."""
    return str(person.account_id or "to-" + hashlib.sha256(str(person.address).encode()).hexdigest()[:20])


def reader_of(person: Person, account: Account | None) -> Reader:
    """Return the person as a reader: an address without an account reads the company's language."""
    if account is not None:
        return Reader(account.name, language_or_default(account.language), account.time_zone, account)
    settings = company.get()
    return Reader(person.address or "", language_or_default(settings.default_language), settings.time_zone)
