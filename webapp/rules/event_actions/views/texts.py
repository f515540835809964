"""The page on which a technologist words what a row says, seeing it as its readers will."""

from __future__ import annotations

from flask import Response, abort, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core import htmx
from webapp.core.db import db, reading
from webapp.core.locales import page_language, page_time_zone
from webapp.core.security_headers import content_security_policy, hashes_of_styles
from webapp.core.static_files import foreign_origins
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules import scope
from webapp.rules.event_actions import catalogue, differences, own_texts, preview, services, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.differences import Difference
from webapp.rules.event_actions.forms import FACTS, LABELS, TextForm
from webapp.rules.event_actions.views.blueprint import bp, language_or_404, row_or_404
from webapp.rules.event_actions.wording import LONGEST, Wording, faults_of, original

#: Values that no event of a record gives.
NOT_OFFERED = frozenset({"valid_until"})
CONFLICT = _l("Somebody else saved another text meanwhile. Saving again puts yours in its place.")


@bp.get("/<code>/texts/<language>")
@technologist_only
def text(code: str, language: str) -> ResponseReturnValue:
    """Show the words of the row, or those of the version that the address asks for."""
    row, language = row_or_404(code), language_or_404(language)
    latest = own_texts.latest_version(row, language)
    asked = request.args.get("version", type=int)
    wording = _wording_or_404(row, language, asked) if asked is not None else None
    form = TextForm(row, language)
    form.show(wording or own_texts.wording_at(row, language, latest), latest.version if latest else 0)
    return _page(row, language, form)


@bp.post("/<code>/texts/<language>")
@technologist_only
def write_text(code: str, language: str) -> ResponseReturnValue:
    """Save the next version, or mend one field and save nothing yet."""
    row, language = row_or_404(code), language_or_404(language)
    form = TextForm(row, language)
    if "mend" in request.form:
        form.mend(request.form["mend"])
        return _page(row, language, form)
    if not form.validate_on_submit():
        db.session.rollback()
        return _page(row, language, form, status=422)
    try:
        version = services.write_text(
            row, language, form.wording, based_on=form.based_on, actor=current_account()
        )
    except services.TextConflict:
        db.session.rollback()
        return _conflict(row, language, form)
    db.session.commit()
    htmx.toast(
        _("The text is saved: it is used from the next event on.") if version else _("Nothing changed.")
    )
    return htmx.redirect(url_for("event_actions.show", code=row.code))


@bp.post("/<code>/texts/<language>/preview")
@technologist_only
def preview_text(code: str, language: str) -> ResponseReturnValue:
    """Show what is typed as it would arrive: the piece alone for htmx, else the page. Nothing is saved."""
    row, language = row_or_404(code), language_or_404(language)
    db.session.rollback()  # what comes only reads, and must not keep others from writing
    with reading():
        form = TextForm(row, language)
        form.validate_on_submit()
        if htmx.is_htmx():
            shown = _shown(row, language, form)
            return render_template("rules/event_actions/texts/_preview.html", form=form, **shown)
        return _page(row, language, form)


def _wording_or_404(row: EventAction, language: str, number: int) -> Wording:
    version = own_texts.get_version(row, language, number)
    if number and version is None:
        abort(404)
    return own_texts.wording_at(row, language, version)


def _conflict(row: EventAction, language: str, form: TextForm) -> Response:
    """Show what the other one saved beside what is typed, which is kept."""
    latest = own_texts.latest_version(row, language)
    form.version.data = str(latest.version if latest else 0)
    theirs = own_texts.wording_at(row, language, latest)
    form.form_errors.append(CONFLICT)
    conflict = differences.between(theirs, form.wording, language)
    return _page(row, language, form, status=409, conflict=conflict)


def _page(
    row: EventAction,
    language: str,
    form: TextForm,
    *,
    status: int = 200,
    conflict: list[Difference] | None = None,
) -> Response:
    form.offer(preview.list_occasions(row))
    context = {
        "row": row,
        "line": switchboard.look_at(row, page_language(), page_time_zone()),
        "language": language,
        "form": form,
        "parts": [name for name in LONGEST if name not in {"push_title", "push_body"}],
        "facts": FACTS,
        "labels": LABELS,
        "conflict": conflict,
        **_shown(row, language, form),
    }
    page = render_template("rules/event_actions/texts/text.html", **context)
    return make_response(page, status, {"Content-Security-Policy": _policy(row, language)})


def _shown(row: EventAction, language: str, form: TextForm) -> dict[str, object]:
    """Return the preview, or what keeps it from being made, and the names with their present values."""
    wording, chosen = form.wording, form.chosen
    faults = list(faults_of(wording))
    is_short = all(len(part) <= LONGEST[name] for name, part in wording.parts.items())
    made = preview.show(row, wording.as_text(language), language, chosen) if is_short and not faults else None
    words = catalogue.words(language)
    names = sorted(scope.NAMES - NOT_OFFERED)
    return {
        "chosen": chosen,
        "preview": made,
        "faults": faults,
        "role": words.roles.get(made.role, "") if made else "",
        "names": [(name, words.placeholders.get(name, "")) for name in names],
    }


def _policy(row: EventAction, language: str) -> str:
    """Let the mail's own styles work in its frame, by their hashes, and nothing else besides."""
    specimen = preview.show(row, original(row, language).as_text(language), language, None)
    styles = f"'self' {hashes_of_styles(specimen.mail.html)}"
    origins = foreign_origins(current_app)
    return content_security_policy(origins, style_src=" ".join([styles, *origins]), frame_src="'self'")
