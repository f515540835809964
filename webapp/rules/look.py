"""What rules read about events: each thing once, however many events and rules of a batch ask for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from webapp.core.db import db
from webapp.core.locales import zone_or_utc
from webapp.desk.records import queries as records
from webapp.desk.records.models import Comment, Record, RecordPerson
from webapp.desk.records.shown import Names
from webapp.events.models import Event
from webapp.languages.values import Reader
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account, Team, TeamMember

Value = TypeVar("Value")
#: Attributes of a change that name people, before it and after it.
PEOPLE = ("assignee", "author", "requester")


class Known(Generic[Value]):
    """Things by their number, read together and remembered; also that there is none."""

    def __init__(self, read: Callable[[Collection[int]], Mapping[int, Value]]) -> None:
        self._read = read
        self._held: dict[int, Value | None] = {}

    def load(self, numbers: Iterable[int | None]) -> None:
        """Read those that were not read yet, at once."""
        missing = {number for number in numbers if number and number not in self._held}
        if missing:
            found = self._read(missing)
            self._held |= {number: found.get(number) for number in missing}

    def get(self, number: int | None) -> Value | None:
        """Return one of them."""
        if not number:
            return None
        if number not in self._held:
            self.load((number,))
        return self._held[number]


class Look:
    """A look at the database for some events. Reads only; good for one transaction.

    What the events will most likely need is read for all of them together, the rest when it is asked for.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._records = Known(_records)
        self._accounts = Known(_accounts)
        self._comments = Known(_comments)
        self._observers = Known(_observers)
        self._voters = Known(_voters)
        self._members = Known(_members)
        self._leaders = Known(_leaders)
        self._names = Names()
        self._others: dict[Hashable, Any] = {}
        self._load(list(events))

    def record_of(self, event: Event) -> Record | None:
        """Return the record that the event is about."""
        return self._records.get(event.subject_id) if event.subject_type == "record" else None

    def parent_of(self, record: Record | None, event: Event) -> Record | None:
        """Return the record under which the event left the record."""
        attribute = record.template.attribute_in("parent_id") if record else None
        if record is None or attribute is None:
            return None
        change = event.changes.get(attribute.system_name)
        return self._records.get(record.parent_id if change is None else change.get("after"))

    def account(self, account_id: int | None) -> Account | None:
        """Return the account."""
        return self._accounts.get(account_id)

    def accounts(self, account_ids: Iterable[int | None]) -> dict[int, Account]:
        """Return the accounts with these numbers; numbers that nobody has are left out."""
        wanted = dict.fromkeys(number for number in account_ids if number)
        self._accounts.load(wanted)
        return {number: account for number in wanted if (account := self._accounts.get(number))}

    def account_at(self, address: str) -> Account | None:
        """Return the account with this address."""
        return self.once(("address", address), lambda: accounts.get_account_by_email(address))

    def comment(self, comment_id: int | None) -> Comment | None:
        """Return the comment."""
        return self._comments.get(comment_id)

    def observers(self, record_id: int) -> list[int]:
        """Return who observes the record."""
        return self._observers.get(record_id) or []

    def voters(self, record_id: int) -> list[int]:
        """Return whose votes the record waits for."""
        return self._voters.get(record_id) or []

    def members(self, team_id: int) -> list[int]:
        """Return who works in the team."""
        return self._members.get(team_id) or []

    def leader(self, team_id: int) -> int | None:
        """Return who leads the team."""
        return self._leaders.get(team_id)

    def reader(self, language: str, time_zone: str) -> Reader:
        """Return the reader of values who knows all names in this language and zone."""
        key = ("reader", language, time_zone)
        return self.once(key, lambda: Reader(language, zone_or_utc(time_zone), self._name_of))

    def once(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """Return what ``read`` gives, asking it once."""
        if key not in self._others:
            self._others[key] = read()
        value: Value = self._others[key]
        return value

    def _name_of(self, kind: str, number: int) -> str | None:
        if kind != "account":
            return self._names(kind, number)
        account = self.account(number)
        return account.name if account else None

    def _load(self, events: list[Event]) -> None:
        if not events:
            return
        self._records.load(event.subject_id for event in events if event.subject_type == "record")
        self._comments.load(event.data.get("comment", {}).get("id") for event in events)
        found = [record for event in events if (record := self.record_of(event))]
        self._records.load(record.parent_id for record in found)
        self._observers.load(record.id for record in found)
        self._members.load(record.team_id for record in found)
        self._names.load("team", {record.team_id for record in found if record.team_id})
        self._names.load(
            "record",
            {link.target_record_id for record in found for link in record.links if link.target_record_id},
        )
        self._accounts.load(self._people(events, found))

    def _people(self, events: list[Event], found: list[Record]) -> set[int | None]:
        people: set[int | None] = set()
        for event in events:
            named = [number for name in PEOPLE for number in event.changes.get(name, {}).values()]
            people |= {event.actor_id, *(number for number in named if type(number) is int)}
        for record in found:
            people |= {record.author_id, record.requester_id, record.assignee_id, *self.observers(record.id)}
        return people


def _records(ids: Collection[int]) -> dict[int, Record]:
    return {record.id: record for record in records.list_records(ids)}


def _accounts(ids: Collection[int]) -> dict[int, Account]:
    return accounts.accounts_by_ids(ids)


def _comments(ids: Collection[int]) -> dict[int, Comment]:
    return {comment.id: comment for comment in db.session.scalars(select(Comment).where(Comment.id.in_(ids)))}


def _observers(record_ids: Collection[int]) -> dict[int, list[int]]:
    return _with_role(record_ids, "observer")


def _voters(record_ids: Collection[int]) -> dict[int, list[int]]:
    return _with_role(record_ids, "voter")


def _with_role(record_ids: Collection[int], role: str) -> dict[int, list[int]]:
    has_role = (RecordPerson.record_id.in_(record_ids), RecordPerson.role == role)
    return _gathered(select(RecordPerson.record_id, RecordPerson.account_id).where(*has_role))


def _members(team_ids: Collection[int]) -> dict[int, list[int]]:
    of_teams = TeamMember.team_id.in_(team_ids)
    return _gathered(select(TeamMember.team_id, TeamMember.account_id).where(of_teams))


def _leaders(team_ids: Collection[int]) -> dict[int, int | None]:
    found = db.session.execute(select(Team.id, Team.leader_id).where(Team.id.in_(team_ids)))
    return {row.id: row.leader_id for row in found}


def _gathered(query: Any) -> dict[int, list[int]]:  # noqa: ANN401 - a select of two numbers
    gathered: dict[int, list[int]] = {}
    for one, other in sorted(db.session.execute(query)):
        gathered.setdefault(one, []).append(other)
    return gathered
