"""The words of ``when`` in the catalogue: each asks one thing of an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.rules.audience import at_event


@dataclass(frozen=True)
class Happening:
    """An event with its record as it is now."""

    event: Event
    record: Record | None

    def before(self, attribute: str) -> Any:  # noqa: ANN401 - as events keep it
        """The value that the event replaced."""
        return self.event.changes.get(attribute, {}).get("before")

    def after(self, attribute: str) -> Any:  # noqa: ANN401 - as events keep it
        """The value that the event set."""
        return self.event.changes.get(attribute, {}).get("after")

    def now(self, attribute: str) -> Any:  # noqa: ANN401 - as events keep it
        """The value of a column attribute as the event left it."""
        return at_event(self.record, self.event, attribute)

    @property
    def is_creation(self) -> bool:
        """Whether the record was made by this event."""
        return self.event.kind == EventKind.RECORD_CREATED


Trigger = Callable[[Happening, Any], bool]


def _created(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    return happening.is_creation is wanted


def _kind(happening: Happening, kind: str) -> bool:
    return happening.event.kind == kind


def _changed(happening: Happening, attribute: str) -> bool:
    return not happening.is_creation and attribute in happening.event.changes


def _unchanged(happening: Happening, attribute: str) -> bool:
    return attribute not in happening.event.changes


def _changed_any(happening: Happening, attributes: list[str]) -> bool:
    return any(_changed(happening, attribute) for attribute in attributes)


def _filled(happening: Happening, attribute: str) -> bool:
    """Set by this event, at creation too."""
    return happening.after(attribute) not in (None, "", [])


def _has(happening: Happening, attribute: str) -> bool:
    """Set after the event, whoever set it."""
    return happening.now(attribute) is not None


def _lacks(happening: Happening, attribute: str) -> bool:
    """Empty after the event, whoever left it so."""
    return happening.now(attribute) is None


def _differ(happening: Happening, roles: list[str]) -> bool:
    return len({happening.now(role) for role in roles}) == len(roles)


def _status_to(happening: Happening, names: list[str]) -> bool:
    return not happening.is_creation and happening.after("status") in names


def _status_not_to(happening: Happening, names: list[str]) -> bool:
    return happening.after("status") not in names


def _status_from(happening: Happening, names: list[str]) -> bool:
    return happening.before("status") in names


def _by(happening: Happening, role: str) -> bool:
    actor_id = happening.event.actor_id
    return actor_id is not None and happening.now(role) == actor_id


def _by_person(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    """Not by the program itself, as when a calendar was changed."""
    return (happening.event.actor_id is not None) is wanted


def _comment(happening: Happening, sort: str) -> bool:
    comment = happening.event.data.get("comment")
    return comment is not None and bool(comment["is_internal"]) is (sort == "internal")


def _file(happening: Happening, sort: str) -> bool:
    """Added by itself: of files that come with a comment or a new record these tell."""
    files = happening.event.data.get("files", [])
    is_alone = happening.event.kind == EventKind.RECORD_FILES_CHANGED
    is_added = is_alone and not any(each.get("is_removed") for each in files)
    return is_added and (sort == "any" or not any(each["is_internal"] for each in files))


def _by_staff(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    """Whether whoever added files was of the staff when they did."""
    return bool(happening.event.data.get("is_by_staff")) is wanted


def _observer_added(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    observer = happening.event.data.get("observer")
    return (observer is not None and not observer.get("is_removed")) is wanted


def _mentions(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    return bool(happening.event.data.get("comment", {}).get("mentioned")) is wanted


def _reason(happening: Happening, reason: str) -> bool:
    return bool(happening.event.data.get("reason") == reason)


def _asked(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    """A stage of an approval opened, or somebody else is asked in one that is open."""
    data = happening.event.data
    return bool(data.get("approvers") and data.keys() & {"stage_opened", "replaced"}) is wanted


def _voted(happening: Happening, wanted: bool) -> bool:  # noqa: FBT001 - the value stands in the catalogue
    return ("vote" in happening.event.data) is wanted


TRIGGERS: dict[str, Trigger] = {
    "asked": _asked,
    "by": _by,
    "by_person": _by_person,
    "by_staff": _by_staff,
    "changed": _changed,
    "changed_any": _changed_any,
    "comment": _comment,
    "created": _created,
    "differ": _differ,
    "file": _file,
    "filled": _filled,
    "has": _has,
    "kind": _kind,
    "lacks": _lacks,
    "mentions": _mentions,
    "observer_added": _observer_added,
    "reason": _reason,
    "status_from": _status_from,
    "status_not_to": _status_not_to,
    "status_to": _status_to,
    "unchanged": _unchanged,
    "voted": _voted,
}


def first_missing(when: dict[str, Any], happening: Happening) -> str | None:
    """Return the first sign that the event does not have; None when it has every one."""
    return next((name for name, value in when.items() if not TRIGGERS[name](happening, value)), None)


def all_hold(when: dict[str, Any], happening: Happening) -> bool:
    """Whether the event has every sign that a row looks for."""
    return first_missing(when, happening) is None
