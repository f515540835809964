"""Moments as people read them: "4 minutes ago", the exact time in the reader's zone, one for machines."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import format_datetime, format_timedelta, get_locale
from flask_babel import gettext as _

from webapp.core import clock

JUST_NOW_S = 45


def relative(moment: datetime) -> str:
    """Return how long ago the moment was, or how far ahead it is, in the reader's language."""
    seconds = (moment - clock.now()).total_seconds()
    if abs(seconds) < JUST_NOW_S:
        return str(_("just now") if seconds <= 0 else _("in a moment"))
    distance = moment - clock.now()
    return str(format_timedelta(distance, granularity="minute", threshold=0.9, add_direction=True))


def exact(moment: datetime) -> str:
    """Return date and time in the reader's zone and language."""
    return str(format_datetime(moment, "d MMMM y, HH:mm:ss ZZZZ"))


def is_past(moment: datetime) -> bool:
    """Whether the moment is over."""
    return moment < clock.now()


def machine(moment: datetime) -> str:
    """Return the moment for ``<time datetime>``."""
    return moment.isoformat(timespec="seconds")


def init_app(app: Flask) -> None:
    """Give pages the filters that components/time.html uses, and ``get_locale()`` for ``<html lang>``."""
    app.jinja_env.filters |= {
        "relative_time": relative, "exact_time": exact, "machine_time": machine, "is_past": is_past
    }  # fmt: skip
    app.jinja_env.globals["get_locale"] = get_locale
