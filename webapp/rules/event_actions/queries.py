"""Reads the switches of event actions and how often each row fired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery, DeliveryState, Message
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionSwitch

DAYS_COUNTED = 7
LATEST_SHOWN = 5


class Switches:
    """Every switch that was ever touched; the others are on."""

    def __init__(self, touched: dict[tuple[str, str], bool]) -> None:
        self._touched = touched

    def is_on(self, row: EventAction, channel: Channel) -> bool:
        """Whether the row tells people by the channel."""
        return row.fixed or self._touched.get((row.code, channel.value), True)

    def as_if_on(self, row: EventAction) -> Switches:
        """Return the same switches with those of the row on."""
        return Switches(self._touched | {(row.code, channel.value): True for channel in row.channels})


@dataclass(frozen=True)
class Sent:
    """How many e-mails rows sent, and to how many addresses."""

    deliveries: int
    people: int


@dataclass(frozen=True)
class LatestMessage:
    """A message that a row made, and the name or address of whom it tells."""

    message: Message
    to: str


def get_switches() -> Switches:
    """Return the present state of all switches, in one query."""
    stored = db.session.execute(
        select(EventActionSwitch.code, EventActionSwitch.channel, EventActionSwitch.is_on)
    )
    return Switches({(code, channel): is_on for code, channel, is_on in stored})


def count_fired_by_day(zone: ZoneInfo) -> dict[str, list[int]]:
    """Return for each row that fired its messages on each of the last 7 days of the zone, oldest first."""
    starts = _day_starts(zone)
    day = case(
        *[(Message.created_at >= starts[place], place) for place in reversed(range(DAYS_COUNTED))], else_=0
    )
    counted = (
        select(Message.rule_code, day.label("day"), func.count())
        .where(Message.rule_code.in_(_codes()), Message.created_at >= starts[0])
        .group_by(Message.rule_code, "day")
    )
    fired: dict[str, list[int]] = {}
    for code, place, times in db.session.execute(counted):
        fired.setdefault(code, [0] * DAYS_COUNTED)[place] = times
    return fired


def count_sent(zone: ZoneInfo, rows: Iterable[EventAction]) -> Sent:
    """Return how many e-mails of the rows went out in the last 7 days, and to how many people."""
    counted = (
        select(func.count(), func.count(Delivery.address.distinct()))
        .join(Message, Message.id == Delivery.message_id)
        .where(Message.rule_code.in_([row.code for row in rows]), Message.created_at >= _day_starts(zone)[0])
        .where(Delivery.state == DeliveryState.SENT.value)
    )
    deliveries, people = db.session.execute(counted).one()
    return Sent(deliveries, people)


def list_latest(row: EventAction) -> list[LatestMessage]:
    """Return the last messages that the row made, newest first."""
    found = db.session.execute(
        select(Message, Account.name)
        .outerjoin(Account, Account.id == Message.account_id)
        .where(Message.rule_code == row.code)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(LATEST_SHOWN)
        .options(selectinload(Message.deliveries))
    )
    return [LatestMessage(message, name or _address(message)) for message, name in found]


def _address(message: Message) -> str:
    return message.deliveries[0].address if message.deliveries else ""


def _codes() -> list[str]:
    return [row.code for row in catalogue.rows()]


def _day_starts(zone: ZoneInfo) -> list[datetime]:
    today = now().astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS_COUNTED))]
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
