"""Who would be told of a comment that is not written yet."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.desk.records.mentions import read_mentions
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.people.company import settings as company
from webapp.rules.event_actions import subscriber
from webapp.rules.look import Look

MOST_NAMED = 4


@dataclass(frozen=True)
class Audience:
    """The first few names, and how many there are besides."""

    names: tuple[str, ...]
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody would be told."""
        return not self.names


def audience_of_comment(record: Record, author: Account, body: str = "", *, is_internal: bool) -> Audience:
    """Return who would be told if the author sent such a comment now. Nothing is written.

    It asks the very subscriber that will answer the real event.
    """
    event = _comment_event(record, author, body, is_internal=is_internal)
    told = subscriber.who_is_told(event, record, Look())
    if told is None:
        return Audience(())
    may_write_strangers = company.get().notify_unregistered
    names: dict[int | str, str] = {}
    for candidate in told.candidates:
        person = candidate.person
        if person.account_id:
            names[person.account_id] = told.accounts[person.account_id].name
        elif person.address and may_write_strangers:
            names[person.address] = person.address
    return _first_few(list(names.values()))


def _first_few(names: list[str]) -> Audience:
    if len(names) <= MOST_NAMED:
        return Audience(tuple(names))
    return Audience(tuple(names[: MOST_NAMED - 1]), len(names) - MOST_NAMED + 1)


def _comment_event(record: Record, author: Account, body: str, *, is_internal: bool) -> Event:
    """Return the event as it would be announced; it belongs to no session and is never stored."""
    mentioned = read_mentions(body, record, author, is_internal=is_internal).account_ids
    comment = {"id": None, "is_internal": is_internal, "mentioned": mentioned}
    return Event(
        kind=EventKind.RECORD_COMMENTED.value,
        subject_type="record",
        subject_id=record.id,
        actor_id=author.id,
        changes={},
        data={"template": record.template.system_name, "comment": comment},
    )
