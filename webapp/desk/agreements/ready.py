"""The calendar and the default agreement with which a new installation begins."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.agreements import queries, services, terms_text
from webapp.desk.agreements.models import Agreement
from webapp.desk.agreements.services import Wanted, WantedRule
from webapp.desk.records.models import Record
from webapp.people.calendars import hours_text
from webapp.people.calendars import services as calendars
from webapp.people.calendars.queries import list_calendars
from webapp.people.company import settings as company

READY = Path(__file__).with_name("ready.toml")


def make_ready() -> Agreement | None:
    """Make the ready agreement where nobody has begun to work yet; None elsewhere. Flushes.

    Where there are records already, deadlines that nobody asked for would surprise people.
    """
    has_begun = db.session.scalar(select(Record.id).limit(1)) is not None
    if has_begun or queries.list_agreements() or list_calendars():
        return None
    data = tomllib.loads(READY.read_text(encoding="utf-8"))
    language = company.get().default_language
    calendar = calendars.create_calendar(_calendar(data["calendar"], language), actor=None)
    rules = [_rule(each) for each in data["agreement"]["rules"]]
    wanted = Wanted(data["agreement"]["names"][language], calendar, rules, is_default=True)
    return services.create_agreement(wanted, actor=None)


def _calendar(entry: dict[str, Any], language: str) -> calendars.Wanted:
    week = tuple(hours_text.read(day) for day in entry["week"])
    return calendars.Wanted(entry["names"][language], entry["time_zone"], week, entry["country"])


def _rule(entry: dict[str, Any]) -> WantedRule:
    reaction_s, resolution_s = (terms_text.read(entry[name]) for name in ("reaction", "resolution"))
    return WantedRule(None, entry.get("priority"), reaction_s, resolution_s)
