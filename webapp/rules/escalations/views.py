"""The page of escalation rules: their switches, and when each of them fires."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core import menu
from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.core.locales import page_language, page_time_zone
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only
from webapp.rules.escalations import arming, firing, rearming, services, telling
from webapp.rules.escalations.forms import MomentForm
from webapp.rules.event_actions import moment_words, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moments import Moment, get_moments
from webapp.rules.event_actions.pages import ESCALATIONS
from webapp.rules.event_actions.views import boards
from webapp.rules.event_actions.views.blueprint import row_or_404

__all__ = ["arming", "bp", "firing", "telling"]  # these are only loaded: records and timers ask them

TEMPLATE = "rules/escalations/index.html"

bp = Blueprint("escalations", __name__, url_prefix="/settings/escalations")

menu.add("processes", ESCALATIONS.title, "escalations.index", icon="flag", order=10, who=is_technologist)


@bp.get("")
@technologist_only
def index() -> ResponseReturnValue:
    """Show the switchboard."""
    return boards.show(ESCALATIONS, TEMPLATE, rearming=rearming.get_latest())


@bp.post("")
@technologist_only
def switch_many() -> ResponseReturnValue:
    """Turn many switches on or off; the page that follows can take it back."""
    moved = boards.switch_many()
    db.session.commit()
    return boards.show(ESCALATIONS, TEMPLATE, rearming=rearming.get_latest(), **moved)


@bp.get("/progress")
@technologist_only
def progress() -> ResponseReturnValue:
    """Show how far it is to let open records follow what was set."""
    if not is_htmx():
        return redirect(url_for(".index"))
    return render_template("rules/escalations/_progress.html", rearming=rearming.get_latest())


@bp.route("/<rule_code>/moment", methods=["GET", "POST"])
@technologist_only
def moment(rule_code: str) -> ResponseReturnValue:
    """Set when the rule fires."""
    row, original = _adjustable_or_404(rule_code)
    form = MomentForm()
    form.offer(original)
    if request.method == "GET":
        form.show(get_moments().of(row.code, original))
        return _form_page(row, original, form)
    if not form.validate():
        return _form_page(row, original, form), 422
    services.set_moment(row, form.amount.number, form.chosen_unit, form.chosen_times, actor=current_account())
    db.session.commit()
    toast(_("Saved. Open records follow in the background."))
    return redirect(url_for("event_actions.show", code=rule_code))


@bp.post("/<rule_code>/moment/reset")
@technologist_only
def reset_moment(rule_code: str) -> ResponseReturnValue:
    """Let the rule fire as it did originally."""
    row, _original = _adjustable_or_404(rule_code)
    services.reset_moment(row, actor=current_account())
    db.session.commit()
    toast(_("The rule fires as it did originally. Open records follow in the background."))
    return redirect(url_for("event_actions.show", code=rule_code))


def _form_page(row: EventAction, original: Moment, form: MomentForm) -> str:
    line = switchboard.look_at(row, page_language(), page_time_zone())
    original_words = moment_words.in_words(original, page_language())
    return render_template(
        "rules/escalations/edit_moment.html", line=line, form=form, original_words=original_words
    )


def _adjustable_or_404(code: str) -> tuple[EventAction, Moment]:
    row = row_or_404(code)
    if row.moment is None or not row.moment.is_adjustable:
        abort(404)
    return row, row.moment
