"""Fills an empty database with the demo, playing it through the services with a walking clock."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from webapp.core import clock
from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.demo import approvals
from webapp.demo.people import PASSWORD, PEOPLE, TEAMS, DemoPerson
from webapp.desk.agreements import services as agreements
from webapp.desk.agreements import terms_text
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services as records
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.people.accounts import services as accounts
from webapp.people.accounts.models import Account, Role, Team
from webapp.people.calendars import hours_text
from webapp.people.calendars import services as calendars
from webapp.timers import firing
from webapp.timers import queries as timers

RECORDS = Path(__file__).with_name("records.toml")
OLDEST_NEWS = timedelta(hours=8)

Step = Mapping[str, Any]


class Demo:
    """The demo while it is being made: people, teams and records by the names that records.toml uses."""

    def __init__(self) -> None:
        self.people: dict[str, Account] = {}
        self.teams: dict[str, Team] = {}
        self.records: dict[str, Record] = {}
        self.now = clock.now()

    def fill(self) -> None:
        """Make everything. The caller commits."""
        content = tomllib.loads(RECORDS.read_text(encoding="utf-8"))
        with clock.frozen(self.now - timedelta(days=30)):
            self._make_people()
            for template in ("service", "customer", "asset"):
                for row in content[template]:
                    self._make_record(template, row, author=self.people["carol"])
            self._make_agreement(content["agreement"])
        for template in ("ticket", "task"):
            for row in content[template]:
                self._play(template, row)
        for row in content["approval"]:
            approvals.play(self, row)
        self._let_time_pass(self.now)
        self._let_old_news_rest()

    def _make_people(self) -> None:
        for person in PEOPLE:
            self.people[person.key] = accounts.create_account(
                person.email,
                person.name,
                Role(person.role),
                person.language,
                person.time_zone,
                PASSWORD,
                actor=None,
            )
        for person in PEOPLE:
            self._place(person)
        for team in TEAMS:
            members = [self.people[key] for key in team.members]
            self.teams[team.name] = accounts.create_team(team.name, members[0], members)

    def _place(self, person: DemoPerson) -> None:
        manager = self.people[person.manager] if person.manager else None
        place = accounts.Place(manager, person.title, person.department)
        accounts.change_account(self.people[person.key], actor=self.people["carol"], place=place)

    def _make_record(self, template_name: str, row: Mapping[str, Any], *, author: Account) -> Record:
        template = get_template(template_name)
        if template is None:
            raise LookupError(f"the built-in template {template_name} is missing")
        values = {name: self._value(name, value) for name, value in row.items()}
        record = records.create_record(template, values, author=author)
        self.records[str(row["title"])] = record
        return record

    def _make_agreement(self, row: Mapping[str, Any]) -> None:
        """Make the agreement of one customer for whom the desk works round the clock."""
        week = (hours_text.read("0:00-24:00"),) * 7
        carol = self.people["carol"]
        wanted = calendars.Wanted(row["calendar"], row["time_zone"], week)
        calendar = calendars.create_calendar(wanted, actor=carol)
        terms = terms_text.read(row["reaction"]), terms_text.read(row["resolution"])
        rules = [agreements.WantedRule(None, None, *terms)]
        agreement = agreements.create_agreement(agreements.Wanted(row["title"], calendar, rules), actor=carol)
        agreements.add_customer(agreement, self.records[row["customer"]].id, actor=carol)

    def _play(self, template: str, row: Mapping[str, Any]) -> None:
        values = dict(row)
        steps: list[Step] = values.pop("steps", [])
        moment = self.now - timedelta(days=values.pop("days_ago"))
        author = self.people[values.pop("by")]
        with clock.frozen(moment):
            record = self._make_record(template, values, author=author)
        for step in steps:
            moment = self.not_later_than_now(moment + timedelta(minutes=step["after"]))
            self._let_time_pass(moment)
            with clock.frozen(moment):
                self._take_step(record, step)

    def _let_time_pass(self, until: datetime) -> None:
        """Let escalations come at their time, and not all at the first start."""
        while (moment := timers.next_moment()) and moment <= until:
            with clock.frozen(moment):
                firing.fire_some()

    def _take_step(self, record: Record, step: Step) -> None:
        actor = self.people[step["by"]]
        if {"take", "assign", "team"} & step.keys():
            self._assign(record, step, actor)
        if "subscribe" in step:
            records.subscribe(record, actor, actor=actor)
        if "status" in step:
            records.change_status(record, step["status"], actor=actor, comment=step.get("comment"))
        elif "comment" in step:
            records.add_comment(record, step["comment"], author=actor, is_internal=False)
        if "note" in step:
            records.add_comment(record, step["note"], author=actor, is_internal=True)

    def _assign(self, record: Record, step: Step, actor: Account) -> None:
        assignee = actor if step.get("take") else db.session.get(Account, record.assignee_id or 0)
        if "assign" in step:
            assignee = self.people[step["assign"]]
        team = self.teams[step["team"]] if "team" in step else db.session.get(Team, record.team_id or 0)
        records.assign(record, assignee=assignee, team=team, actor=actor)

    def _value(self, name: str, value: Any) -> Any:  # noqa: ANN401 - of the attribute's kind
        """Translate a name in records.toml into the number of what it names."""
        if name in {"owner", "holder", "requester", "assignee"}:
            return self.people[value].id
        if name == "team":
            return self.teams[value].id
        if name == "deadline":
            return self.now + timedelta(days=value)
        if name in {"service", "customer", "ticket"}:
            return self.records[value].id
        if name == "assets":
            return [self.records[title].id for title in value]
        return str(value) if name == "priority" else value

    def not_later_than_now(self, moment: datetime) -> datetime:
        """Return the moment; nothing in the demo happens after it was made."""
        return min(moment, self.now - timedelta(minutes=1))

    def _let_old_news_rest(self) -> None:
        # Otherwise the first start would send a hundred mails about last week.
        db.session.flush()
        old = update(Event).where(Event.happened_at < self.now - OLDEST_NEWS)
        change_rows(old.values(is_done=True))
