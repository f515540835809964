"""What somebody looks for in the journal of deliveries, as an address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final, Self

from webapp.mail.address import InvalidAddress, parse_address
from webapp.messaging.messages import states
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.queries import LARGEST_NUMBER
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account

LONGEST_PERSON: Final = 254
#: So many people of one name are offered to choose from.
MOST_PEOPLE: Final = 10
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; a value that makes no sense counts as none.

    ``since`` and ``until`` are moments, of which the second is left out; ``account_id`` or ``addresses`` say
    who ``person`` is. Whoever is meant by nobody, or by several, is no one: ``people`` are to choose from.
    """

    state: str = ""
    connection: int | None = None
    cause: str = ""
    person: str = ""
    record: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    account_id: int | None = None
    addresses: tuple[str, ...] = ()
    people: tuple[Account, ...] = ()

    @classmethod
    def from_address(cls, args: Mapping[str, str], zone: tzinfo) -> Self:
        """Read the query of an address, whose days are those of the zone."""
        state, cause = args.get("state", ""), args.get("cause", "")
        first, last = _day(args.get("first_day", "")), _day(args.get("last_day", ""))
        wanted = cls(
            state=state if state in set(DeliveryState) else "",
            connection=number_in(args.get("connection", "")),
            cause=cause if cause in states.known_causes() else "",
            person=" ".join(args.get("person", "").replace("\0", " ").split())[:LONGEST_PERSON],
            record=number_in(args.get("record", "").strip().lstrip("#№")),
            first_day=first,
            last_day=last,
            since=_midnight(first, zone) if first else None,
            until=_midnight(last + _DAY, zone) if last else None,
        )
        return wanted.with_person() if wanted.person else wanted

    def with_person(self) -> Self:
        """Return the same with the person found: by the whole address, or as the only one of the name."""
        if "@" in self.person:
            return replace(self, addresses=_spellings(self.person))
        found = accounts.list_accounts(text=self.person, is_active=None, size=MOST_PEOPLE).rows
        if len(found) == 1:
            return replace(self, account_id=found[0].id)
        return replace(self, people=tuple(found))

    def in_address(self) -> dict[str, Any]:
        """Return what makes an address ask for the same."""
        days = {"first_day": self.first_day, "last_day": self.last_day}
        asked = {
            "state": self.state, "connection": self.connection, "cause": self.cause, "person": self.person,
            "record": self.record, **{name: day.isoformat() for name, day in days.items() if day},
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether any filter is in force."""
        return bool(self.in_address())

    @property
    def is_by_message(self) -> bool:
        """Whether the list is found by its messages: they know about whom and for whom they are."""
        return bool(self.record or self.account_id)

    @property
    def is_nobody(self) -> bool:
        """Whether the person is not known, so that there is nothing to list."""
        return bool(self.person) and not (self.account_id or self.addresses)


def _spellings(text: str) -> tuple[str, ...]:
    """Return the ways in which the address may be kept."""
    spellings = {text, accounts.normal_email(text)}
    for each in tuple(spellings):
        try:
            spellings.add(parse_address(each))
        except InvalidAddress:
            continue
    return tuple(sorted(spellings))


def number_in(text: str) -> int | None:
    """Return the number of a row that the text is; None when it is none."""
    digits = text.strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0
    return number if 0 < number <= LARGEST_NUMBER else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1970, 1, 2) <= day <= date(9000, 1, 1) else None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
