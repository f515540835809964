"""The page on which a formula narrows an event action to some records."""

from __future__ import annotations

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.languages.formulas.errors import FormulaError
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules.console import outcomes, records
from webapp.rules.console.forms import ConsoleForm
from webapp.rules.console.outcomes import Outcome
from webapp.rules.console.trials import Language
from webapp.rules.event_actions import services, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.conditions import get_conditions
from webapp.rules.event_actions.views.blueprint import bp, row_or_404
from webapp.rules.saying import say_whole


@bp.get("/<code>/condition")
@technologist_only
def condition(code: str) -> ResponseReturnValue:
    """Show the row's formula, tried on the newest record."""
    row = _narrowable_or_404(code)
    form = ConsoleForm(current_account())
    form.text.data = get_conditions().text_of(row)
    form.choose_newest(row.template)
    return _page(row, form, outcomes.outcome_of(form, Language.FORMULA, current_account()))


@bp.post("/<code>/condition")
@technologist_only
def set_condition(code: str) -> ResponseReturnValue:
    """Store the formula; one that is refused stays on the page with what is wrong."""
    row = _narrowable_or_404(code)
    form = ConsoleForm(current_account())
    if not form.validate_on_submit():
        return refused(row, form)
    try:
        services.set_condition(row, form.text.data or "", actor=current_account())
    except FormulaError as error:
        return refused(row, form, error)
    db.session.commit()
    htmx.toast(_("The condition is saved.") if form.text.data else _("The condition is taken away."))
    return htmx.redirect(url_for("event_actions.show", code=row.code))


def refused(row: EventAction, form: ConsoleForm, error: FormulaError | None = None) -> ResponseReturnValue:
    """Show the form again, with what is wrong beside the text that stays in it."""
    db.session.rollback()
    if error is not None:
        form.text.errors = [say_whole(error)]
    return _page(row, form, Outcome(error=error)), 422


def _page(row: EventAction, form: ConsoleForm, outcome: Outcome) -> str:
    viewer = current_account()
    context = {
        "line": switchboard.look_at(row, page_language(), page_time_zone()),
        "language": Language.FORMULA,
        "template": row.template,
        "records": records.latest_lines(viewer, row.template),
    }
    return render_template(
        "rules/event_actions/edit_condition.html", **context, **outcomes.shown(form, outcome, viewer)
    )


def _narrowable_or_404(code: str) -> EventAction:
    row = row_or_404(code)
    return row if row.template else abort(404)
