"""The page on which a row is tried on what happened lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.languages.formulas.errors import FormulaError
from webapp.messaging.mail_connections.queries import get_default
from webapp.messaging.messages import compose
from webapp.messaging.messages.layout import RenderedMail
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules.console.forms import ConsoleForm
from webapp.rules.event_actions import subscriber, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.views import condition
from webapp.rules.event_actions.views.blueprint import row_or_404
from webapp.rules.narration import reasons
from webapp.rules.narration.words import CHANNELS
from webapp.rules.rehearsals import queries, rehearsing, services
from webapp.rules.rehearsals.models import DAYS, Rehearsal
from webapp.rules.scope import Scope

bp = Blueprint("rehearsals", __name__, url_prefix="/settings/event-actions")


@dataclass(frozen=True)
class Sample:
    """One message that would have left."""

    event: Event
    record: Record | None
    mail: RenderedMail
    to: str
    channels: tuple[str, ...]


@bp.get("/<code>/rehearsal")
@technologist_only
def show(code: str) -> ResponseReturnValue:
    """Show the latest rehearsal of the row: how far it is, or what came of it."""
    row = _row_or_404(code)
    rehearsal = queries.get_latest(row)
    context = {"row": row, "rehearsal": rehearsal, **_result(row, rehearsal)}
    if htmx.is_htmx():
        return render_template("rules/rehearsals/_rehearsal.html", **context)
    line = switchboard.look_at(row, page_language(), page_time_zone())
    return render_template("rules/rehearsals/show.html", line=line, days=DAYS, **context)


@bp.post("/<code>/rehearsal")
@technologist_only
def start(code: str) -> ResponseReturnValue:
    """Begin a rehearsal, with the condition that stands in the form when one came from there."""
    row = _row_or_404(code)
    form = ConsoleForm(current_account())
    typed = form.text.data or "" if "text" in request.form else None
    try:
        services.start(row, typed, actor=current_account())
    except FormulaError as error:
        return condition.refused(row, form, error)
    db.session.commit()
    return htmx.redirect(url_for(".show", code=row.code))


def _row_or_404(code: str) -> EventAction:
    row = row_or_404(code)
    return row if row.template and row.moment is None else abort(404)


def _result(row: EventAction, rehearsal: Rehearsal | None) -> dict[str, Any]:
    if rehearsal is None or rehearsal.result is None:
        return {}
    result = rehearsal.result
    return {
        "result": result,
        "channels": [(str(name), channel) for channel, name in CHANNELS.items()],
        "passed_over": [
            (reasons.words_of(reason), number) for reason, number in result["passed_over"].items()
        ],
        "has_connection": get_default() is not None,
        "samples": _samples(row, rehearsal),
    }


def _samples(row: EventAction, rehearsal: Rehearsal) -> list[Sample]:
    """Return the newest messages in their words, as they would leave now."""
    ids = rehearsal.result["samples"] if rehearsal.result else []
    events = db.session.scalars(select(Event).where(Event.id.in_(ids)).order_by(Event.id.desc())).all()
    return [sample for event in events if (sample := _sample(row, event, rehearsal.condition))]


def _sample(row: EventAction, event: Event, formula: str | None) -> Sample | None:
    told, look = rehearsing.told_again(row, event, formula)
    record = look.record_of(event)
    orders = subscriber.orders_of(told, Scope(record, event, look)) if told else ()
    order = next((each for each in orders if each.rule_code == row.code), None)
    if order is None:
        return None
    channels = tuple(str(name) for channel, name in CHANNELS.items() if channel in order.channels)
    return Sample(event, record, compose.render(order), order.name, channels)
