"""Who was told of events, by which channel and with what result, and who was passed over and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.core.locales import page_language
from webapp.events.models import Event, Receipt
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import states
from webapp.messaging.messages.models import Message
from webapp.messaging.messages.orders import Channel
from webapp.messaging.push.models import PushNote
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account
from webapp.rules.answers import Decision
from webapp.rules.event_actions import catalogue, moment_words
from webapp.rules.narration import reasons
from webapp.rules.narration.words import CHANNELS

#: Of one event so many messages, and of one decision so many names, stand on a page.
MOST_HEARD: Final = 20
MOST_NAMED: Final = 10


@dataclass(frozen=True)
class ChannelState:
    """How one message fares by one channel, in words with colour and drawing."""

    channel: str
    tone: str
    icon: str
    word: str
    more: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """One message to one person."""

    message: Message
    account: Account | None
    name: str
    rule: str
    role: str
    channels: tuple[ChannelState, ...]


@dataclass(frozen=True)
class PassedOver:
    """People whom one row did not tell, by these channels, for this reason."""

    rule: str
    channels: tuple[str, ...]
    reason: str
    people: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True)
class Telling:
    """What came of one event for people: the first of them, and how many more heard of it."""

    event: Event
    heard: tuple[Heard, ...]
    passed_over: tuple[PassedOver, ...]
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the event concerned nobody that the viewer may hear of."""
        return not self.heard and not self.passed_over


def tellings(events: Sequence[Event], *, viewer: Account, about: Account | None = None) -> list[Telling]:
    """Return who was told of each event: for staff everybody, for others only what concerns themselves.

    With ``about`` only what concerns that person. However many heard of an event, the first few are shown.
    """
    ids = [event.id for event in events]
    person = about if viewer.is_staff else viewer
    counts = _count_messages(ids, person)
    messages = _messages(ids, person)
    decisions = _decisions(ids, viewer, person)
    named = _people_in(decisions)
    heard = heard_of(messages, named)
    found = []
    for event in events:
        mine = [one for one in heard if one.message.event_id == event.id]
        passed = passed_over(decisions.get(event.id, []), named)
        found.append(Telling(event, tuple(mine), tuple(passed), counts.get(event.id, 0) - len(mine)))
    return found


def heard_of(messages: Sequence[Message], known: dict[int, Account] | None = None) -> list[Heard]:
    """Return the messages with how each of them fares."""
    told = {message.account_id for message in messages if message.account_id}
    people = (known or {}) | accounts.accounts_by_ids(told)
    notes, connections = _notes([message.id for message in messages]), _connections(messages)
    return [_heard(one, people, notes, connections) for one in messages]


def rule_name(code: str) -> str:
    """Return the name of a row of the catalogue in the reader's language."""
    return moment_words.name_of_code(code, page_language())


def role_name(role: str) -> str:
    """Return the name of a role in the reader's language."""
    return catalogue.words(page_language()).roles.get(role, role)


def _messages(event_ids: Collection[int], person: Account | None) -> Sequence[Message]:
    """Return the first messages of each event."""
    place = func.row_number().over(partition_by=Message.event_id, order_by=Message.id).label("place")
    numbered = select(Message.id, place).where(*_of(event_ids, person)).subquery()
    first = select(numbered.c.id).where(numbered.c.place <= MOST_HEARD)
    wanted = select(Message).where(Message.id.in_(first)).options(selectinload(Message.deliveries))
    return db.session.scalars(wanted.order_by(Message.id)).all()


def _count_messages(event_ids: Collection[int], person: Account | None) -> dict[int, int]:
    counted = select(Message.event_id, func.count()).where(*_of(event_ids, person))
    found = db.session.execute(counted.group_by(Message.event_id))
    return {event_id: number for event_id, number in found if event_id}


def _of(event_ids: Collection[int], person: Account | None) -> list[ColumnElement[bool]]:
    these: list[ColumnElement[bool]] = [Message.event_id.in_(event_ids)]
    return these if person is None else [*these, Message.account_id == person.id]


def _decisions(
    event_ids: Collection[int], viewer: Account, person: Account | None
) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for receipt in db.session.scalars(select(Receipt).where(Receipt.event_id.in_(event_ids))):
        every = [Decision.from_json(stored) for stored in receipt.decisions]
        if person is not None:
            every = _concerning(every, person, with_staff=viewer.is_staff)
        found.setdefault(receipt.event_id, []).extend(every)
    return found


def _concerning(decisions: Iterable[Decision], person: Account, *, with_staff: bool) -> list[Decision]:
    """What concerns one person: not others, and to who is not staff not that staff wrote to each other."""
    return [
        Decision(one.row, one.channel, one.reason, (person.id,))
        for one in decisions
        if person.id in one.account_ids and (with_staff or not _is_for_staff(one.row))
    ]


def _is_for_staff(code: str) -> bool:
    row = catalogue.row(code)
    return row is None or row.staff


def _people_in(decisions: dict[int, list[Decision]]) -> dict[int, Account]:
    """Return those who are named: of each decision the first few."""
    named = (one.account_ids[:MOST_NAMED] for several in decisions.values() for one in several)
    return accounts.accounts_by_ids({number for each in named for number in each})


def _notes(message_ids: Collection[int]) -> dict[int | None, PushNote]:
    return {
        note.message_id: note
        for note in db.session.scalars(select(PushNote).where(PushNote.message_id.in_(message_ids)))
    }


def _connections(messages: Iterable[Message]) -> dict[int, MailConnection]:
    ids = {delivery.connection_id for message in messages for delivery in message.deliveries}
    found = db.session.scalars(select(MailConnection).where(MailConnection.id.in_(ids)))
    return {connection.id: connection for connection in found}


def _heard(
    message: Message,
    people: dict[int, Account],
    notes: dict[int | None, PushNote],
    connections: dict[int, MailConnection],
) -> Heard:
    account = people.get(message.account_id or 0)
    channels = []
    for delivery in message.deliveries:
        words = states.describe(delivery, connections.get(delivery.connection_id))
        look = (words.tone, words.icon, words.word)
        channels.append(ChannelState(_channel_name(Channel.EMAIL), *look, words.cause, delivery.sent_at))
    if message.id in notes:
        channels.append(_push_state(notes[message.id]))
    name = account.name if account else next((delivery.address for delivery in message.deliveries), "")
    return Heard(
        message, account, name, rule_name(message.rule_code), role_name(message.role), tuple(channels)
    )


def _push_state(note: PushNote) -> ChannelState:
    if note.read_at is None:
        return ChannelState(_channel_name(Channel.PUSH), "info", "bell", _("Not read yet"))
    return ChannelState(_channel_name(Channel.PUSH), "success", "eye", _("Read"), at=note.read_at)


def _channel_name(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def passed_over(decisions: Iterable[Decision], people: dict[int, Account]) -> list[PassedOver]:
    """Put the channels of equal decisions together."""
    channels: dict[tuple[str, str, tuple[int, ...]], list[str]] = {}
    for one in decisions:
        channels.setdefault((one.row, one.reason, one.account_ids), []).append(_channel_name(one.channel))
    return [
        PassedOver(
            rule_name(row),
            tuple(names),
            reasons.words_of(reason),
            _names(account_ids, people),
            max(0, len(account_ids) - MOST_NAMED),
        )
        for (row, reason, account_ids), names in channels.items()
    ]


def _names(account_ids: tuple[int, ...], people: dict[int, Account]) -> tuple[str, ...]:
    if not account_ids:
        return (_("somebody without an account"),)
    return tuple(people[number].name for number in account_ids[:MOST_NAMED] if number in people)
