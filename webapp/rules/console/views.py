"""The console: a text in one of the languages, its value on a chosen record, and what is wrong with it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.core import htmx, menu
from webapp.core.db import db, reading
from webapp.core.locales import page_language
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only
from webapp.rules.console import outcomes, records, samples
from webapp.rules.console.forms import ConsoleForm
from webapp.rules.console.names import names_for
from webapp.rules.console.outcomes import Outcome
from webapp.rules.console.trials import Language
from webapp.rules.saying import say_whole

bp = Blueprint("console", __name__, url_prefix="/settings/console")

menu.add("system", _l("Console"), "console.index", icon="formula", order=60, who=is_technologist)

TITLES: Final[dict[Language, LazyString]] = {
    Language.FORMULA: _l("Formula"),
    Language.PROGRAM: _l("Program in N3"),
}


@bp.get("")
@technologist_only
def index() -> ResponseReturnValue:
    """Show the console with the text of the address or a sample, on the newest record."""
    language, viewer = _language(), current_account()
    form = ConsoleForm(viewer)
    form.choose_newest("ticket")
    form.text.data = request.args.get("text") or _first_sample(language)
    return _page(form, language, outcomes.outcome_of(form, language, viewer))


@bp.post("")
@technologist_only
def evaluate() -> ResponseReturnValue:
    """Evaluate the text: the answer alone for htmx, else the page with it. Nothing is changed."""
    language = _language()
    db.session.rollback()  # what comes only reads, and must not keep others from writing
    with reading():
        viewer = current_account()
        form = ConsoleForm(viewer)
        is_fine = form.validate_on_submit()
        outcome = outcomes.outcome_of(form, language, viewer) if is_fine else Outcome()
        if htmx.is_htmx():
            return render_template("rules/console/_answer.html", **outcomes.shown(form, outcome, viewer))
        if outcome.error:
            form.text.errors = [say_whole(outcome.error)]
        return _page(form, language, outcome), 422 if form.errors or outcome.error else 200


@bp.get("/names")
@technologist_only
def names() -> ResponseReturnValue:
    """Return what the editor offers, as JSON."""
    return jsonify(names_for(page_language()))


def _language() -> Language:
    try:
        return Language(request.args.get("language", Language.FORMULA))
    except ValueError:
        abort(404)


def _first_sample(language: Language) -> str:
    return next((sample.text for sample in samples.all_of(language)), "")


def _page(form: ConsoleForm, language: Language, outcome: Outcome) -> str:
    viewer = current_account()
    context = {
        "language": language,
        "languages": list(Language),
        "titles": TITLES,
        "records": records.latest_lines(viewer),
        "samples": samples.all_of(language),
    }
    return render_template("rules/console/index.html", **context, **outcomes.shown(form, outcome, viewer))
