"""The history of a record in words, from its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import Record
from webapp.desk.records.shown import show
from webapp.desk.records.uploads import in_words
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.languages.values import Reader
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account

LONG = 120


@dataclass(frozen=True)
class Line:
    """One thing that changed: what it was and what it is. ``text`` stands for things without a before."""

    label: str
    before: str = ""
    after: str = ""
    text: str = ""


@dataclass(frozen=True)
class Entry:
    """One save: who, when, and what came of it."""

    event: Event
    actor: Account | None
    icon: str
    tone: str
    title: str
    lines: tuple[Line, ...]

    @property
    def happened_at(self) -> datetime:
        """When it was saved."""
        return self.event.happened_at


@dataclass(frozen=True)
class Told:
    """What a package above says of an event: more lines, and a title when it knows a better one."""

    lines: tuple[Line, ...] = ()
    title: tuple[str, str, str] | None = None


Teller = Callable[[Event, Reader], Told]
_tellers: dict[str, Teller] = {}


def tells(name: str) -> Callable[[Teller], Teller]:
    """Let the function speak of events whose data has the name; for packages above, when they are loaded."""

    def register(teller: Teller) -> Teller:
        _tellers[name] = teller
        return teller

    return register


def entries_of(
    record: Record, events: Iterable[Event], reader: Reader, *, with_internal: bool
) -> list[Entry]:
    """Return what the events tell this reader; internal comments are told to staff only."""
    told = [event for event in events if with_internal or not _is_internal_only(event)]
    people = accounts.accounts_by_ids({event.actor_id for event in told if event.actor_id})
    return [_entry(record, event, people, reader) for event in told]


def _entry(record: Record, event: Event, people: dict[int, Account], reader: Reader) -> Entry:
    told = [teller(event, reader) for name, teller in _tellers.items() if name in event.data]
    better = next((each.title for each in told if each.title), None)
    icon, tone, title = better or _title(record, event, reader)
    files = _files_line(event)
    is_new = event.kind == EventKind.RECORD_CREATED
    names = [name for name in event.changes if not (is_new and _is_empty(event.changes[name]))]
    more = [line for each in told for line in each.lines]
    lines = [*more, *(_line(record, name, event.changes[name], reader) for name in names)]
    if words := event.data.get("rating", {}).get("words"):
        lines.append(Line(_("Words"), text=words))
    actor = people.get(event.actor_id) if event.actor_id else None
    return Entry(event, actor, icon, tone, title, tuple(line for line in [*lines, files] if line is not None))


def _title(record: Record, event: Event, reader: Reader) -> tuple[str, str, str]:
    of_kind = _TITLES.get(event.kind)
    if of_kind is not None:
        return of_kind(event, reader)
    comment = event.data.get("comment")
    if STATUS in event.changes:
        status = show(record.template, STATUS, event.changes[STATUS]["after"], reader)
        words = _("moved it to “%(status)s” and commented", status=status) if comment else None
        return "arrow-right", "info", words or _("moved it to “%(status)s”", status=status)
    if comment and not event.changes:
        internal = comment.get("is_internal")
        return (
            "comment",
            "warning" if internal else "neutral",
            _("wrote an internal comment") if internal else _("commented"),
        )
    return "edit", "neutral", _("changed the record")


def _creation(_event: Event, _reader: Reader) -> tuple[str, str, str]:
    return "plus", "accent", _("registered the record")


def _subscription(event: Event, reader: Reader) -> tuple[str, str, str]:
    observer = event.data.get("observer", {})
    is_removed = bool(observer.get("is_removed"))
    if observer.get("account_id") == event.actor_id:
        return "bell", "neutral", _("unsubscribed") if is_removed else _("subscribed")
    name = reader.name_of("account", observer.get("account_id", 0)) or "?"
    words = _("unsubscribed %(name)s", name=name) if is_removed else _("subscribed %(name)s", name=name)
    return "bell", "neutral", words


def _rating(event: Event, _reader: Reader) -> tuple[str, str, str]:
    return "star", "accent", _rating_in_words(event)


def _rating_in_words(event: Event) -> str:
    rating = event.data.get("rating", {})
    stars = rating.get("stars", 0)
    if address := rating.get("address"):
        return str(_("%(address)s rated the work: %(stars)s of 5", address=address, stars=stars))
    if rating.get("is_changed"):
        return str(_("changed the rating: %(stars)s of 5", stars=stars))
    return str(_("rated the work: %(stars)s of 5", stars=stars))


def _files_title(event: Event, _reader: Reader) -> tuple[str, str, str]:
    first: dict[str, Any] = next(iter(event.data.get("files", [])), {})
    if first.get("is_removed"):
        return "trash", "neutral", _("removed a file")
    if first.get("is_internal"):
        return "paperclip", "warning", _("added internal files")
    return "paperclip", "neutral", _("added files")


_TITLES: dict[str, Callable[[Event, Reader], tuple[str, str, str]]] = {
    EventKind.RECORD_CREATED: _creation,
    EventKind.RECORD_SUBSCRIBED: _subscription,
    EventKind.RECORD_FILES_CHANGED: _files_title,
    EventKind.RECORD_RATED: _rating,
}


def _files_line(event: Event) -> Line | None:
    """Return the names with their sizes; files of one event are all internal or all public."""
    files = event.data.get("files", [])
    told = [f"{each['name']} ({in_words(each['octets'])})" for each in files]
    return Line(_("Files"), text=", ".join(told)) if told else None


def _line(record: Record, name: str, change: dict[str, Any], reader: Reader) -> Line | None:
    if name == STATUS:
        label, kind = _("Status"), "choice"
    else:
        try:
            attribute = record.template.attribute(name)
        except KeyError:
            return None  # an attribute of an older template of the same name
        label, kind = attribute.label(reader.language), attribute.kind
    before, after = (show(record.template, name, change.get(side), reader) for side in ("before", "after"))
    if kind == "long_text" and max(len(before), len(after)) > LONG:
        return Line(label, text=_("the text was changed") if before else _("a text was written"))
    return Line(label, before, after)


def _is_internal_only(event: Event) -> bool:
    parts = [event.data.get("comment", {}), *event.data.get("files", [])[:1]]
    return any(part.get("is_internal") for part in parts) and not event.changes


def _is_empty(change: dict[str, Any]) -> bool:
    return change.get("after") is None
