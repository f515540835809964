"""What escalations say in the history of records."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from webapp.desk.records.history import Line, Told, tells
from webapp.events.models import Event
from webapp.languages.values import Reader
from webapp.rules.spans import moment_in_words


@tells("rules")
def escalated(event: Event, reader: Reader) -> Told:
    """A deadline came near or is over, or an answer is awaited for long."""
    if "status" in event.data:
        return Told(title=("clock", "neutral", _("reminded that an answer is awaited")))
    due_at = datetime.fromisoformat(event.data["due_at"])
    lines = (Line(_("Deadline"), after=moment_in_words(due_at, reader.zone, reader.language)),)
    if event.data.get("is_over", due_at <= event.happened_at):
        return Told(lines, ("alert", "warning", _("found that a deadline is over")))
    return Told(lines, ("clock", "warning", _("found that a deadline comes near")))
