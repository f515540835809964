"""Plays the approvals of records.toml: who asks, who votes, in their time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from webapp.core import clock
from webapp.desk.approvals import queries, services
from webapp.desk.approvals.outcomes import Rule
from webapp.desk.approvals.plans import StagePlan
from webapp.desk.records.models import Record

if TYPE_CHECKING:
    from webapp.demo.filling import Demo


def play(demo: Demo, row: Mapping[str, Any]) -> None:
    """Ask for one approval and let people answer it."""
    moment = demo.now - timedelta(days=row["days_ago"])
    values = {name: row[name] for name in ("title", "description")}
    values |= {"ticket": demo.records[row["ticket"]].id}
    if "days" in row:
        values["deadline"] = demo.now + timedelta(days=row["days"])
    with clock.frozen(moment):
        plans = [_plan(demo, stage) for stage in row["stages"]]
        approval = services.request_approval(values, plans, author=demo.people[row["by"]])
    for step in row.get("steps", ()):
        moment = demo.not_later_than_now(moment + timedelta(minutes=step["after"]))
        with clock.frozen(moment):
            _take_step(demo, approval, step)


def _plan(demo: Demo, stage: Mapping[str, Any]) -> StagePlan:
    people = tuple(demo.people[key].id for key in stage["people"])
    return StagePlan(people, Rule(stage.get("rule", Rule.ALL)), stage.get("needed"))


def _take_step(demo: Demo, approval: Record, step: Mapping[str, Any]) -> None:
    actor = demo.people[step["by"]]
    if "recall" in step:
        services.recall(approval, actor=actor, comment=step["recall"])
        return
    stage = queries.open_stage(queries.list_stages(approval.id))
    number = stage.number if stage else 0
    services.vote(approval, number, is_approval=step["vote"], account=actor, comment=step.get("comment"))
