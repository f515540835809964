"""The page of silent mode, and what silent mode says on other pages."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup

from webapp.core import htmx, menu
from webapp.core.db import db
from webapp.core.slots import slot
from webapp.messaging.messages import groups, silencing
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.silence import home
from webapp.messaging.silence.models import SilentMode
from webapp.messaging.silence.queries import get_silent_mode, present
from webapp.messaging.silent_mode import services
from webapp.messaging.silent_mode.forms import ExceptionsForm, TurnOnForm
from webapp.people.accounts.queries import accounts_by_ids
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only

bp = Blueprint("silent_mode", __name__, url_prefix="/settings/silent-mode")

menu.add("system", _l("Silent mode"), "silent_mode.show", icon="mail-off", order=40, who=is_technologist)


@bp.app_template_global("silence")
def silence() -> dict[str, object] | None:
    """Give pages what staff are told of the silence; None when there is none."""
    if not present().is_on:
        return None
    row = get_silent_mode() or SilentMode(note="", first_id=1)
    number = silencing.count_suppressed(row.first_id)
    return {
        "since": row.since,
        "why": _why(row),
        "by": accounts_by_ids([row.by_id]).get(row.by_id) if row.by_id else None,
        "number": number,
        "is_many": number > groups.MOST_COUNTED,
        "is_elsewhere": _is_elsewhere(row),
    }


@slot("page.banners", order=5)
def banner(**_context: object) -> Markup | None:
    """Tell staff on every page that nothing leaves, since when and why."""
    if not (current_user.is_authenticated and current_user.is_staff) or not present().is_on:
        return None
    page = render_template("messaging/silent_mode/_banner.html", can_change=is_technologist(current_user))
    return Markup(page)  # noqa: S704 - a template escapes


@slot("sign_in.mail")
def about_links(**_context: object) -> Markup | None:
    """Tell whoever asks for a link by mail that none leaves now."""
    if not present().is_on:
        return None
    return Markup(render_template("messaging/silent_mode/_about_links.html"))  # noqa: S704 - a template escapes


@bp.get("")
@technologist_only
def show() -> ResponseReturnValue:
    """Say whether it is on, and offer to change that and the list."""
    return _page()


@bp.post("/turn-on")
@technologist_only
def turn_on() -> ResponseReturnValue:
    """Let nothing leave from now on."""
    form = TurnOnForm()
    if not form.validate_on_submit():
        return _page(turning=form), 422
    is_done = services.turn_on(form.note.data or "", actor=current_account())
    db.session.commit()
    htmx.toast(_("Silent mode is on: nothing leaves.") if is_done else _("Silent mode is on already."))
    return htmx.redirect(url_for(".show"))


@bp.post("/turn-off")
@technologist_only
def turn_off() -> ResponseReturnValue:
    """Let new messages leave."""
    is_done = services.turn_off(actor=current_account())
    db.session.commit()
    htmx.toast(_("Silent mode is off: new messages leave.") if is_done else _("Silent mode is off already."))
    return htmx.redirect(url_for(".show"))


@bp.post("/exceptions")
@technologist_only
def change_exceptions() -> ResponseReturnValue:
    """Store to whom mail goes all the same."""
    form = ExceptionsForm()
    if not form.validate_on_submit():
        return _page(listing=form), 422
    services.change_exceptions(form.entries, actor=current_account())
    db.session.commit()
    htmx.toast(_("The list is saved."))
    return htmx.redirect(url_for(".show"))


def _page(*, turning: TurnOnForm | None = None, listing: ExceptionsForm | None = None) -> str:
    row = get_silent_mode()
    kept = "\n".join(row.exceptions) if row is not None else ""
    return render_template(
        "messaging/silent_mode/show.html",
        turning=turning or TurnOnForm(formdata=None),
        listing=listing or ExceptionsForm(formdata=None, exceptions=kept),
        place=home.here(),
        groups=groups.list_groups_with(DeliveryState.SUPPRESSED, Cause.SILENT_MODE.value),
    )


def _why(row: SilentMode) -> str:
    """Return the reason in words: what somebody wrote, and that the database was opened elsewhere."""
    words = [row.note] if row.note else []
    if _is_elsewhere(row):
        words.append(
            _(
                "This database was made for %(home)s and is opened under %(place)s: it seems to be a copy.",
                home=home.made_for(row.home) or "?",
                place=row.opened_at or home.here() or _("an address of this machine"),
            )
        )
    return " ".join(words)


def _is_elsewhere(row: SilentMode) -> bool:
    return row.opened_at is not None or home.is_elsewhere(row.home)
