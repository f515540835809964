"""Whether what an escalation was fired for is still so when it is handled."""

from __future__ import annotations

from datetime import datetime

from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.events.queries import list_later_changes
from webapp.rules.answers import Reason
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moments import Side
from webapp.rules.look import Look
from webapp.timers.queries import present_moment


def is_escalation(event: Event) -> bool:
    """Whether time set the event off."""
    return event.kind == EventKind.RECORD_ESCALATED.value


def rules_of(event: Event) -> set[str]:
    """Return the codes of the rules that the event is for, also of those that were too late already."""
    return {*event.data.get("rules", ()), *event.data.get("too_late", ())}


def reason_against(row: EventAction, event: Event, record: Record | None, look: Look) -> Reason | None:
    """Return why the rule tells nobody of this any more."""
    if record is None or record.is_archived:
        return Reason.NO_LONGER_DUE
    if "status" in event.data:
        return None if _is_still_waiting(event, record, look) else Reason.NO_LONGER_DUE
    deadline = look.deadline(record.id, event.data["deadline"])
    due_at = datetime.fromisoformat(event.data["due_at"])
    if deadline is None or deadline.due_at != due_at or deadline.paused_at or deadline.met_at:
        return Reason.NO_LONGER_DUE
    warns = row.moment is not None and row.moment.side is Side.BEFORE
    is_over = row.code in event.data["too_late"] or due_at <= look.once("present moment", present_moment)
    return Reason.TOO_LATE if warns and is_over else None


def occasion_of(event: Event, code: str) -> str:
    """Return what the rule speaks of, in short: for the same the same person is told once."""
    data = event.data
    if "status" in data:
        return f"{data['status']}:{_stamp(data['since'])}:{data['times'][code]}"
    return f"{data['deadline']}:{_stamp(data['due_at'])}"


def _is_still_waiting(event: Event, record: Record, look: Look) -> bool:
    later = look.once(("later changes", event.id), lambda: list_later_changes(event))
    return record[STATUS] == event.data["status"] and not any(STATUS in changes for changes in later)


def _stamp(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1_000_000)
