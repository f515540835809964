"""What approvals say in the history of their records: votes, stages that open, people who are replaced."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from webapp.desk.records.history import Line, Told, tells
from webapp.events.models import Event
from webapp.languages.values import Reader


@tells("vote")
def vote(event: Event, _reader: Reader) -> Told:
    """Somebody voted."""
    told = event.data["vote"]
    line = Line(_("Votes"), text=tally(told))
    if told["is_approval"]:
        title = (
            _("approved") if is_only_stage(event) else _("approved in stage %(stage)s", stage=told["stage"])
        )
        return Told((line,), ("check", "success", title))
    title = _("rejected") if is_only_stage(event) else _("rejected in stage %(stage)s", stage=told["stage"])
    return Told((line,), ("x", "danger", title))


@tells("stage_opened")
def stage_opened(event: Event, reader: Reader) -> Told:
    """People are asked, as the approval is made or as the stage before ends well."""
    names = _names(event.data.get("approvers", ()), reader)
    if is_only_stage(event):
        return Told((Line(_("Asked to decide"), after=names),))
    return Told((Line(_("Asked in stage %(stage)s", stage=event.data["stage_opened"]), after=names),))


@tells("replaced")
def replaced(event: Event, reader: Reader) -> Told:
    """Somebody else is asked."""
    told = event.data["replaced"]
    people = {side: _names([told[side]], reader) for side in ("before", "after")}
    title = _("replaced an approver in stage %(stage)s", stage=told["stage"])
    return Told((Line(_("Approver"), **people),), ("user", "neutral", title))


def tally(told: dict[str, int]) -> str:
    """Return how a stage stands after a vote."""
    numbers = {name: told[name] for name in ("approved", "rejected", "asked", "needed")}
    return str(
        _("%(approved)s for, %(rejected)s against; %(needed)s of %(asked)s have to approve", **numbers)
    )


def is_only_stage(event: Event) -> bool:
    """Whether the approval has one stage, which then needs no number."""
    return bool(event.data.get("stages", 1) == 1)


def _names(account_ids: Iterable[int], reader: Reader) -> str:
    return ", ".join(reader.name_of("account", each) or "?" for each in account_ids)
