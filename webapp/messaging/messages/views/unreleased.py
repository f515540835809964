"""Mail that waits for a release: why, how much of what age, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import render_template, url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import HighWaterMark
from webapp.messaging.mail_connections.queries import list_all
from webapp.messaging.messages import groups, restores, troubles
from webapp.messaging.messages.forms import SkipForm
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import DeliveryState, GroupAction
from webapp.messaging.messages.restores import Suspicion
from webapp.messaging.messages.troubles import Trouble
from webapp.messaging.messages.views import ages
from webapp.messaging.messages.views.journal import bp
from webapp.people.accounts.rights import current_account, staff_only, technologist_only

Page = str | tuple[str, int] | AnyResponse
#: What was there when the backup was made, among the ages in hours.
OF_THE_BACKUP: Final = -1


@dataclass(frozen=True)
class Backlog:
    """All that waits, connection by connection, in a database whose mail waits for a release."""

    mark: HighWaterMark
    parts: Sequence[Trouble]

    @property
    def number(self) -> int:
        """Return how many wait; each connection counts for not more than MOST_COUNTED + 1."""
        return sum(part.extent.count for part in self.parts)

    @property
    def last_id(self) -> int:
        """Return the number of the newest."""
        return max((part.extent.last_id for part in self.parts), default=0)

    @property
    def oldest_at(self) -> datetime | None:
        """Return when the oldest was written."""
        return min((part.oldest.created_at for part in self.parts), default=None)

    def before(self, hours: int) -> datetime:
        """Return before which moment those were written that are so old."""
        if hours == OF_THE_BACKUP:
            return restores.ended_at(self.mark)
        return now() - timedelta(hours=hours)

    def count_older(self, hours: int) -> int:
        """Return how many are so old."""
        older = (groups.extent_of(part.group, before=self.before(hours)) for part in self.parts)
        return sum(extent.count for extent in older if extent is not None)

    def age_choices(self) -> list[tuple[int, str]]:
        """Return the ages from which one may choose; first what was in the backup."""
        offered = ages.choices(self.count_older)
        number = self.count_older(OF_THE_BACKUP) if restores.was_asleep(self.mark) else 0
        if not number:
            return offered
        words = _("written before the backup was made, %(moment)s", moment=_moment(self.mark.alive_at))
        return [(OF_THE_BACKUP, f"{words}: {ages.number_words(number)}"), *offered]


def backlog() -> Backlog | None:
    """Return what waits for a release; None when mail may leave."""
    mark = restores.get_unreleased()
    if mark is None:
        return None
    waiting = [Group(DeliveryState.WAITING.value, each.id) for each in list_all()]
    return Backlog(mark, troubles.list_troubles(waiting))


@bp.app_template_global("why_unreleased")
def why(mark: HighWaterMark) -> str:
    """Give pages the reason why all mail waits, in plain words."""
    return _WHY[Suspicion(mark.suspicion or Suspicion.ASKED)](mark)


@bp.get("/release")
@staff_only
def unreleased() -> Page:
    """Say why all mail waits and how much it is, and ask what to do."""
    found = backlog()
    return _page(found) if found is not None else _gone()


@bp.post("/release")
@technologist_only
def release() -> Page:
    """Let what waits go."""
    try:
        is_done = restores.release(actor_id=current_account().id)
    except restores.StillSkipping:
        htmx.toast(_("Messages are still being skipped. Release the rest when that is done."), "warning")
        return htmx.redirect(url_for(".unreleased"))
    db.session.commit()
    if not is_done:
        return _gone()
    htmx.toast(_("Released: what waits is sent now."))
    return htmx.redirect(url_for(".index"))


@bp.post("/release/skip")
@staff_only
def skip_unreleased() -> Page:
    """Cancel the older part of what waits, in every connection; the rest goes on waiting."""
    found = backlog()
    if found is None or not found.parts:
        return _gone()
    form = SkipForm(found.age_choices())
    if not form.validate_on_submit():
        return _page(found, form), 422
    done = _skip(found, form.shown_up_to(), found.before(form.age.data))
    db.session.commit()
    htmx.toast(ngettext("%(num)d message is skipped.", "%(num)d messages are skipped.", done))
    return htmx.redirect(url_for(".unreleased"))


def _skip(found: Backlog, up_to_id: int, before: datetime) -> int:
    actor_id = current_account().id
    rules: dict[str, Any] = {"up_to_id": up_to_id, "before": before, "may_repeat": False}
    decisions = [
        groups.decide(part.group, GroupAction.SKIP, actor_id=actor_id, **rules) for part in found.parts
    ]
    return sum(decision.done for decision in decisions)


def _page(found: Backlog, form: SkipForm | None = None) -> str:
    offered = found.age_choices()
    if form is None and offered:
        chosen = OF_THE_BACKUP if OF_THE_BACKUP in dict(offered) else ages.usual(offered)
        form = SkipForm(offered, formdata=None, up_to=str(found.last_id), age=chosen)
    return render_template(
        "messaging/messages/journal/unreleased.html",
        backlog=found,
        number=ages.number_words(found.number),
        form=form,
        undone=groups.list_undone(),
    )


def _gone() -> AnyResponse:
    htmx.toast(_("Nothing waits for a release."), "info")
    return htmx.redirect(url_for(".index"))


def _behind(mark: HighWaterMark) -> str:
    return str(
        _(
            "This database was last in use at %(alive)s, but Vestnik has worked here with a later one,"
            " until %(remembered)s. So it was put back from a backup, and what waits in it may have been"
            " sent since.",
            alive=_moment(mark.alive_at),
            remembered=_moment(mark.remembered_at or mark.alive_at),
        )
    )


def _unknown(mark: HighWaterMark) -> str:
    return str(
        _(
            "This database was last in use at %(alive)s, and Vestnik has not worked with it on this machine."
            " It seems to be a backup or a copy, and what waits in it may have been sent since.",
            alive=_moment(mark.alive_at),
        )
    )


def _asked(mark: HighWaterMark) -> str:
    return str(
        _(
            "Somebody wished so by the command “vestnik hold” at %(since)s. If the database was put back from"
            " a backup, what waits in it may have been sent since.",
            since=_moment(mark.unreleased_since or now()),
        )
    )


_WHY: Final[dict[Suspicion, Callable[[HighWaterMark], str]]] = {
    Suspicion.BEHIND: _behind,
    Suspicion.UNKNOWN: _unknown,
    Suspicion.ASKED: _asked,
}


def _moment(moment: datetime) -> str:
    return str(format_datetime(moment, "d MMM, HH:mm"))
