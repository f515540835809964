"""The versions of a row's text: who wrote which, what differs, and how to have one again."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules.event_actions import differences, own_texts, services, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.forms import LABELS
from webapp.rules.event_actions.models import EventActionText
from webapp.rules.event_actions.views.blueprint import bp, language_or_404, row_or_404

ORIGINAL = 0


@bp.get("/<code>/texts/<language>/versions")
@technologist_only
def versions(code: str, language: str) -> ResponseReturnValue:
    """List the versions, and show how one differs from another or from what the program says."""
    row, language = row_or_404(code), language_or_404(language)
    found = own_texts.list_versions(row, language)
    newest = found[0][0].version if found else ORIGINAL
    one, other = _number("of", newest), _number("with", ORIGINAL)
    before, after = (
        own_texts.wording_at(row, language, _version_or_404(row, language, number)) for number in (other, one)
    )
    return render_template(
        "rules/event_actions/texts/versions.html",
        row=row,
        language=language,
        line=switchboard.look_at(row, page_language(), page_time_zone()),
        versions=found,
        newest=newest,
        one=one,
        other=other,
        labels=LABELS,
        difference=differences.between(before, after, language),
    )


@bp.post("/<code>/texts/<language>/restore")
@technologist_only
def restore_text(code: str, language: str) -> ResponseReturnValue:
    """Write an older version, or what the program says, as the newest."""
    row, language = row_or_404(code), language_or_404(language)
    number = request.form.get("version", type=int)
    if number is None:
        abort(400)
    version = _version_or_404(row, language, number)
    wording = own_texts.wording_at(row, language, version)
    latest = own_texts.latest_version(row, language)
    try:
        services.write_text(
            row, language, wording, based_on=latest.version if latest else 0, actor=current_account()
        )
    except (services.TextConflict, services.UnsoundText):
        db.session.rollback()
        htmx.toast(_("This version cannot be used as it is. Mend it and save it."), "warning")
        return htmx.redirect(url_for(".text", code=code, language=language, version=number))
    db.session.commit()
    htmx.toast(_("The text is saved: it is used from the next event on."))
    return htmx.redirect(url_for(".versions", code=code, language=language))


def _number(name: str, default: int) -> int:
    number = request.args.get(name, type=int)
    return default if number is None else number


def _version_or_404(row: EventAction, language: str, number: int) -> EventActionText | None:
    """Return the version; none for what the program says."""
    if number == ORIGINAL:
        return None
    return own_texts.get_version(row, language, number) or abort(404)
