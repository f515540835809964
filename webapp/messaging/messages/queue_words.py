"""When a queue will be empty, in words: what the estimate follows from, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask_babel import format_date, format_number, format_time, format_timedelta, get_timezone
from flask_babel import gettext as _

from webapp.core.clock import now
from webapp.messaging.mail_connections.condition import waiting_reason
from webapp.messaging.messages.eta import Why
from webapp.messaging.messages.queues import Queue
from webapp.messaging.messages.states import cause_words

#: What is nearer is told by how long it takes, the rest by its day and hour.
_NEAR: Final = timedelta(hours=6)
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


def eta_words(queue: Queue) -> str:
    """Return the sentence that says when the queue will be empty."""
    return _SENTENCES[queue.eta.why](queue)


def clock_words(moment: datetime) -> str:
    """Return the moment as a person names it: today, tomorrow or the day, with the hour."""
    zone = get_timezone()
    today, day = now().astimezone(zone).date(), moment.astimezone(zone).date()
    clock = format_time(moment, "HH:mm")
    if day == today:
        return str(_("today at %(time)s", time=clock))
    if day == today + _DAY:
        return str(_("tomorrow at %(time)s", time=clock))
    return str(_("%(day)s at %(time)s", day=format_date(day, "d MMMM"), time=clock))


def _when(queue: Queue) -> str:
    at = queue.eta.at or now()
    left = at - now()
    if queue.eta.why is Why.DAY_LIMIT or left > _NEAR:
        moment = clock_words(at)
        return str(_("not before %(moment)s", moment=moment)) if queue.is_cut else moment
    if left < _MINUTE and not queue.is_cut:
        return str(_("in less than a minute"))
    time = format_timedelta(max(left, _MINUTE), threshold=1.5)
    return str(_("in at least %(time)s", time=time) if queue.is_cut else _("in about %(time)s", time=time))


def _by_speed(queue: Queue) -> str:
    return str(_("The queue will be empty %(when)s.", when=_when(queue)))


def _by_minute(queue: Queue) -> str:
    number = format_number(queue.connection.most_per_minute or 0)
    words = _(
        "The queue will be empty %(when)s, because of the limit of %(number)s a minute.",
        when=_when(queue), number=number,
    )  # fmt: skip
    return str(words)


def _by_day(queue: Queue) -> str:
    number = format_number(queue.connection.most_per_day or 0)
    words = _(
        "The queue will be empty %(when)s, because of the limit of %(number)s a day.",
        when=_when(queue), number=number,
    )  # fmt: skip
    return str(words)


def _by_batches(queue: Queue) -> str:
    words = _(
        "The queue will be empty %(when)s: it leaves in batches of %(number)s, one every %(seconds)s s.",
        when=_when(queue), number=format_number(queue.connection.most_in_batch or 0),
        seconds=format_number(queue.connection.batch_interval_s or 0),
    )  # fmt: skip
    return str(words)


def _paused(queue: Queue) -> str:
    moment = clock_words(queue.eta.until or now())
    return str(
        _("When the queue will be empty is unknown: the server is paused until %(moment)s.", moment=moment)
    )


def _stopped(queue: Queue) -> str:
    reason = cause_words(waiting_reason(queue.connection))
    return str(_("The queue does not get shorter. %(reason)s", reason=reason)).strip()


def _not_measured(_queue: Queue) -> str:
    return str(_("When the queue will be empty is not known yet: nothing was sent lately."))


def _too_long(_queue: Queue) -> str:
    return str(_("At this pace it will take more than a year."))


_SENTENCES: Final[dict[Why, Callable[[Queue], str]]] = {
    Why.EMPTY: _by_speed,
    Why.SPEED: _by_speed,
    Why.MINUTE_LIMIT: _by_minute,
    Why.DAY_LIMIT: _by_day,
    Why.BATCHES: _by_batches,
    Why.PAUSED: _paused,
    Why.STOPPED: _stopped,
    Why.NOT_MEASURED: _not_measured,
    Why.TOO_LONG: _too_long,
}
