"""A group of deliveries with one trouble: what is in it, and what a person decides about all of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.queries import list_all
from webapp.messaging.messages import groups, services, states, troubles
from webapp.messaging.messages.forms import SendAgainForm, SkipForm
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import DeliveryState, GroupAction, GroupDecision
from webapp.messaging.messages.troubles import Trouble
from webapp.messaging.messages.views import ages
from webapp.messaging.messages.views.journal import bp
from webapp.messaging.messages.wanted import number_in
from webapp.messaging.silence.queries import present
from webapp.people.accounts.rights import current_account, staff_only

Page = str | tuple[str, int] | AnyResponse
#: Of which groups there is a page: what waits for a person, for its turn, or was kept back in silent mode.
STATES: Final = {*groups.TROUBLES, DeliveryState.WAITING.value, DeliveryState.SUPPRESSED.value}


@bp.get("/group")
@staff_only
def group() -> Page:
    """Show what is in the group, and ask what to do."""
    trouble = _trouble()
    return _group_page(trouble) if trouble is not None else _gone()


@bp.post("/group/send-again")
@staff_only
def send_group_again() -> Page:
    """Put the group back into the queue."""
    trouble = _trouble()
    if trouble is None or trouble.group.state not in services.REPEATABLE:
        return _gone()
    form = SendAgainForm()
    is_uncertain = trouble.group.state == DeliveryState.UNCERTAIN
    if not form.validate_on_submit() or (is_uncertain and not form.may_repeat.data):
        form.may_repeat.errors = [
            _("All of these may have arrived: say that they shall be sent all the same.")
        ]
        return _group_page(trouble, again=form), 422
    may_repeat = form.may_repeat.data
    decision = _decide(
        trouble.group, GroupAction.SEND_AGAIN, form.shown_up_to(), now(), may_repeat=may_repeat
    )
    return _decided(decision)


@bp.post("/group/skip")
@staff_only
def skip_group() -> Page:
    """Cancel the older part of the group."""
    trouble = _trouble()
    if trouble is None:
        return _gone()
    form = SkipForm(_age_choices(trouble))
    if not form.validate_on_submit():
        return _group_page(trouble, skip=form), 422
    before = now() - timedelta(hours=form.age.data)
    return _decided(_decide(trouble.group, GroupAction.SKIP, form.shown_up_to(), before))


@bp.get("/progress")
@staff_only
def progress() -> Page:
    """Show how far what was decided about groups has come."""
    if not htmx.is_htmx():
        return htmx.redirect(url_for(".index"))
    return render_template("messaging/messages/journal/_progress.html", undone=groups.list_undone())


def _trouble() -> Trouble | None:
    asked = request.args
    state, connection_id = asked.get("state", ""), number_in(asked.get("connection", ""))
    if state not in STATES or connection_id is None:
        return None
    cause = asked.get("cause") or None
    if cause is not None and cause not in states.known_causes():
        return None
    is_waiting = state == DeliveryState.WAITING
    found = troubles.list_troubles([Group(state, connection_id, None if is_waiting else cause)])
    return found[0] if found else None


def _gone() -> AnyResponse:
    htmx.toast(_("There is nothing of this kind any more."), "info")
    return htmx.redirect(url_for(".index"))


def _group_page(trouble: Trouble, *, again: SendAgainForm | None = None, skip: SkipForm | None = None) -> str:
    connection = next(each for each in list_all() if each.id == trouble.group.connection_id)
    offered = _age_choices(trouble)
    return render_template(
        "messaging/messages/journal/group.html",
        trouble=trouble,
        connection=connection,
        words=_words(trouble, connection),
        again=again or SendAgainForm(formdata=None, up_to=str(trouble.extent.last_id)),
        skip=skip
        or SkipForm(offered, formdata=None, up_to=str(trouble.extent.last_id), age=ages.usual(offered)),
        can_send_again=trouble.group.state in services.REPEATABLE,
        can_skip=trouble.group.state in services.SKIPPABLE,
        is_silent=present().is_on,
        has_copies=groups.has_copies(trouble.group),
        most_counted=groups.MOST_COUNTED,
    )


def _words(trouble: Trouble, connection: MailConnection) -> states.StateWords:
    if trouble.group.is_waiting:
        return states.describe(trouble.newest, connection)
    return states.group_words(trouble.group.state, trouble.group.cause)


def _age_choices(trouble: Trouble) -> list[tuple[int, str]]:
    return ages.choices(lambda hours: _count_older(trouble, hours))


def _count_older(trouble: Trouble, hours: int) -> int:
    if hours == ages.ALL:
        return trouble.extent.count
    before: datetime = now() - timedelta(hours=hours)
    older = groups.extent_of(trouble.group, before=before) if trouble.oldest.created_at < before else None
    return older.count if older is not None else 0


def _decide(
    group: Group, action: GroupAction, up_to_id: int, before: datetime, *, may_repeat: bool = False
) -> GroupDecision:
    return groups.decide(
        group, action, up_to_id=up_to_id, before=before, may_repeat=may_repeat, actor_id=current_account().id
    )


def _decided(decision: GroupDecision) -> AnyResponse:
    done, is_ended, action = decision.done, decision.ended_at is not None, GroupAction(decision.action)
    db.session.commit()
    words = _done_words(action, done)
    if not is_ended:
        words += " " + _("The rest goes on in the background.")
    htmx.toast(words, "success" if done else "info")
    return htmx.redirect(url_for(".index"))


def _done_words(action: GroupAction, done: int) -> str:
    if not done:
        if present().is_on:
            return str(_("Nothing was changed: silent mode is on, and their addresses are not on its list."))
        return str(_("Nothing was changed: somebody was quicker, or their links have run out."))
    if action is GroupAction.SKIP:
        return str(ngettext("%(num)d message is skipped.", "%(num)d messages are skipped.", done))
    return str(ngettext("%(num)d message is sent again.", "%(num)d messages are sent again.", done))
