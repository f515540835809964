"""Conditions of event actions: formulas over the record as the event left it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.locales import language_or_default, zone_or_utc
from webapp.desk.records.record_schema import RecordSchema
from webapp.desk.records.record_store import RecordStore
from webapp.events.models import Event
from webapp.events.queries import list_later_changes
from webapp.languages.errors import Unfit
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import Formula, compile_formula
from webapp.languages.formulas.operators import TYPES, is_true
from webapp.languages.formulas.types import CLASSES, Type
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref
from webapp.languages.values.kind import N_
from webapp.people.company import settings as company
from webapp.rules.answers import Reason
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionCondition
from webapp.rules.event_actions.triggers import Happening

#: Events are handled one after another, so that a condition must not take long.
MOST_SECONDS: Final = 0.5
_FITTING: Final = frozenset({Type.BOOLEAN, Type.ANY})


class Conditions:
    """The formulas of the rows that have one."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def text_of(self, row: EventAction) -> str:
        """Return the row's formula; nothing when it speaks of every record."""
        return self._texts.get(row.code, "")

    def replaced(self, row: EventAction, text: str) -> Conditions:
        """Return the same with another formula of the row; an empty one speaks of every record."""
        return Conditions({**self._texts, row.code: text})

    def error_of(self, row: EventAction) -> FormulaError | None:
        """Return why the row's formula does not fit the template any more."""
        try:
            if text := self.text_of(row):
                read(row, text)
        except FormulaError as error:
            return error
        return None

    def against(self, row: EventAction, happening: Happening) -> Reason | None:
        """Return why the row tells nobody of this; None when it does."""
        text = self.text_of(row)
        if not text or happening.record is None:
            return None
        try:
            value = _compiled(text).evaluate(_scope(happening), MOST_SECONDS)
            return None if is_true(value) else Reason.CONDITION
        except (FormulaError, Unfit):
            return Reason.CONDITION_BROKEN


def get_conditions() -> Conditions:
    """Return all conditions, in one query."""
    stored = db.session.execute(select(EventActionCondition.code, EventActionCondition.formula))
    return Conditions({row.code: row.formula for row in stored})


def read(row: EventAction, text: str) -> Formula:
    """Read a condition for the row's records. Raises FormulaError."""
    formula = compile_formula(text, RecordSchema(), row.template)
    if formula.hint.whole not in _FITTING:
        message = N_("A condition must be true or false, and this is %(type)s.")
        raise FormulaError(None, message, type=TYPES[CLASSES[formula.hint.whole]])
    return formula


@lru_cache(maxsize=256)
def _compiled(text: str) -> Formula:
    return compile_formula(text)


def _scope(happening: Happening) -> Scope:
    event, settings = happening.event, company.get()
    actor = Ref("account", event.actor_id) if event.actor_id else None
    reader = Reader(actor, language_or_default(settings.default_language), zone_or_utc(settings.time_zone))
    store = RecordStore(None, held={event.subject_id: _as_left_by(event)})
    return Scope(store, Ref("record", event.subject_id), reader, now())


def _as_left_by(event: Event) -> dict[str, Any]:
    """Return the values that the event left and the record may not have any more.

    What the event set, and what later events replaced, as it was before the first of them.
    """
    left: dict[str, Any] = {}
    for changes in list_later_changes(event):
        for name, change in changes.items():
            left.setdefault(name, change.get("before"))
    return left | {name: change.get("after") for name, change in event.changes.items()}
