"""Who was told of events, by which channel and with what result, and who was passed over and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
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


@dataclass(frozen=True)
class Telling:
    """What came of one event for people."""

    event: Event
    heard: tuple[Heard, ...]
    passed_over: tuple[PassedOver, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the event concerned nobody that the viewer may hear of."""
        return not self.heard and not self.passed_over


def tellings(events: Sequence[Event], *, viewer: Account) -> list[Telling]:
    """Return who was told of each event: for staff everybody, for others only what concerns themselves."""
    ids = [event.id for event in events]
    messages = _messages(ids, viewer)
    decisions = _decisions(ids, viewer)
    people = accounts.accounts_by_ids(_mentioned(messages, decisions))
    notes = _notes([message.id for message in messages])
    connections = _connections(messages)
    found = []
    for event in events:
        heard = [_heard(one, people, notes, connections) for one in messages if one.event_id == event.id]
        passed = _passed_over(decisions.get(event.id, []), people)
        found.append(Telling(event, tuple(heard), tuple(passed)))
    return found


def rule_name(code: str) -> str:
    """Return the name of a row of the catalogue in the reader's language."""
    return moment_words.name_of_code(code, page_language())


def role_name(role: str) -> str:
    """Return the name of a role in the reader's language."""
    return catalogue.words(page_language()).roles.get(role, role)


def _messages(event_ids: Collection[int], viewer: Account) -> Sequence[Message]:
    wanted = select(Message).where(Message.event_id.in_(event_ids)).options(selectinload(Message.deliveries))
    if not viewer.is_staff:
        wanted = wanted.where(Message.account_id == viewer.id)
    return db.session.scalars(wanted.order_by(Message.id)).all()


def _decisions(event_ids: Collection[int], viewer: Account) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for receipt in db.session.scalars(select(Receipt).where(Receipt.event_id.in_(event_ids))):
        every = [Decision.from_json(stored) for stored in receipt.decisions]
        found.setdefault(receipt.event_id, []).extend(
            every if viewer.is_staff else _concerning(every, viewer)
        )
    return found


def _concerning(decisions: Iterable[Decision], viewer: Account) -> list[Decision]:
    """What a person who is not staff may hear: not of others, and not that staff wrote to each other."""
    return [
        Decision(one.row, one.channel, one.reason, (viewer.id,))
        for one in decisions
        if viewer.id in one.account_ids and not _is_for_staff(one.row)
    ]


def _is_for_staff(code: str) -> bool:
    row = catalogue.row(code)
    return row is None or row.staff


def _mentioned(messages: Iterable[Message], decisions: dict[int, list[Decision]]) -> set[int]:
    told = {message.account_id for message in messages if message.account_id}
    return told | {
        account_id for several in decisions.values() for one in several for account_id in one.account_ids
    }


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


def _passed_over(decisions: Iterable[Decision], people: dict[int, Account]) -> list[PassedOver]:
    """Put the channels of equal decisions together."""
    channels: dict[tuple[str, str, tuple[int, ...]], list[str]] = {}
    for one in decisions:
        channels.setdefault((one.row, one.reason, one.account_ids), []).append(
            str(CHANNELS.get(one.channel, one.channel))
        )
    return [
        PassedOver(rule_name(row), tuple(names), reasons.words_of(reason), _names(account_ids, people))
        for (row, reason, account_ids), names in channels.items()
    ]


def _names(account_ids: tuple[int, ...], people: dict[int, Account]) -> tuple[str, ...]:
    if not account_ids:
        return (_("somebody without an account"),)
    return tuple(people[number].name for number in account_ids if number in people)
