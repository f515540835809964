"""Making, changing and deleting service agreements. Each service announces ``setting.changed``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.desk.agreements import queries, recounts, terms_text
from webapp.desk.agreements.book import Case
from webapp.desk.agreements.models import Agreement, AgreementCustomer, AgreementRule
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.languages.working_time import TooFar
from webapp.people.accounts.models import Account, sort_key_of
from webapp.people.calendars.definition import working_time
from webapp.people.calendars.models import WorkingCalendar, new_stamp
from webapp.people.calendars.queries import definition_of

SUBJECT: Final = "agreement"


class NameTaken(Exception):
    """Another agreement has this name."""


class RuleRepeated(Exception):
    """Two rules are for the same service and priority; ``place`` is the second one's."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class TermNeverEnds(Exception):
    """By this calendar so much is not worked within ten years; ``place`` is the rule's."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class DefaultNeeded(Exception):
    """The default agreement is not deleted: another one must become it first."""


@dataclass(frozen=True)
class WantedRule:
    """Terms in seconds of working time for one service or any, one priority or any."""

    service_id: int | None
    priority: int | None
    reaction_s: int
    resolution_s: int

    @property
    def case(self) -> Case:
        """What the rule is for."""
        return Case(self.service_id, self.priority)


@dataclass(frozen=True)
class Wanted:
    """An agreement as somebody wants it."""

    name: str
    calendar: WorkingCalendar
    rules: Sequence[WantedRule]
    is_active: bool = True
    is_default: bool = False


def create_agreement(wanted: Wanted, *, actor: Account | None) -> Agreement:
    """Make an agreement. Raises NameTaken, RuleRepeated, TermNeverEnds."""
    _refuse_bad(wanted, None)
    agreement = Agreement(name="", name_key="", is_active=True, is_default=False, stamp=new_stamp())
    before = _as_words(agreement)
    _fill(agreement, wanted)
    db.session.add(agreement)
    db.session.flush()
    _finish(agreement, before, actor)
    return agreement


def change_agreement(agreement: Agreement, wanted: Wanted, *, actor: Account | None) -> bool:
    """Change the agreement; whether anything changed. Raises NameTaken, RuleRepeated, TermNeverEnds.

    The deadlines of open records follow in the background.
    """
    _refuse_bad(wanted, agreement)
    before = _as_words(agreement)
    _fill(agreement, wanted)
    return _finish(agreement, before, actor)


def add_customer(agreement: Agreement, customer_id: int, *, actor: Account | None) -> None:
    """Let the agreement apply to the customer, and the one that did no more."""
    before = _as_words(agreement)
    known = db.session.get(AgreementCustomer, customer_id)
    if known is None:
        db.session.add(AgreementCustomer(customer_id=customer_id, agreement_id=agreement.id))
    else:
        known.agreement_id = agreement.id
    db.session.flush()
    db.session.expire(agreement, ["customers"])
    _finish(agreement, before, actor)


def remove_customer(agreement: Agreement, customer_id: int, *, actor: Account | None) -> None:
    """Let the customer have the default agreement again."""
    before = _as_words(agreement)
    mine = (AgreementCustomer.customer_id == customer_id, AgreementCustomer.agreement_id == agreement.id)
    change_rows(delete(AgreementCustomer).where(*mine))
    db.session.expire(agreement, ["customers"])
    _finish(agreement, before, actor)


def delete_agreement(agreement: Agreement, *, actor: Account | None) -> None:
    """Delete the agreement; its customers have the default one from now on. Raises DefaultNeeded."""
    if agreement.is_default and len(queries.list_agreements()) > 1:
        raise DefaultNeeded
    _announce(agreement.id, _as_words(agreement), {}, actor)
    db.session.delete(agreement)
    recounts.start(actor)


def _refuse_bad(wanted: Wanted, agreement: Agreement | None) -> None:
    with db.session.no_autoflush:
        other = queries.get_agreement_by_name(wanted.name)
    if other is not None and other is not agreement:
        raise NameTaken
    cases: set[Case] = set()
    for place, rule in enumerate(wanted.rules):
        if not 0 < rule.reaction_s <= rule.resolution_s <= terms_text.LONGEST_S:
            raise ValueError(f"terms that no form lets through: {rule}")
        if rule.case in cases:
            raise RuleRepeated(place)
        cases.add(rule.case)
        try:
            working_time(definition_of(wanted.calendar)).add(now(), timedelta(seconds=rule.resolution_s))
        except TooFar:
            raise TermNeverEnds(place) from None


def _fill(agreement: Agreement, wanted: Wanted) -> None:
    if wanted.is_default and not agreement.is_default:
        change_rows(update(Agreement).where(Agreement.is_default).values(is_default=False, stamp=new_stamp()))
        db.session.expire_all()
    agreement.name, agreement.name_key = wanted.name, sort_key_of(wanted.name)
    agreement.calendar, agreement.calendar_id = wanted.calendar, wanted.calendar.id
    agreement.is_active = wanted.is_active
    agreement.is_default = agreement.is_default or wanted.is_default
    known = {Case(rule.service_id, rule.priority): rule for rule in agreement.rules}
    agreement.rules = [_rule(known.get(rule.case), rule) for rule in wanted.rules]


def _rule(rule: AgreementRule | None, wanted: WantedRule) -> AgreementRule:
    rule = rule or AgreementRule(service_id=wanted.service_id, priority=wanted.priority)
    rule.reaction_s, rule.resolution_s = wanted.reaction_s, wanted.resolution_s
    return rule


def _finish(agreement: Agreement, before: dict[str, Any], actor: Account | None) -> bool:
    after = _as_words(agreement)
    if before == after:
        return False
    agreement.stamp = new_stamp()
    db.session.flush()
    _announce(agreement.id, before, after, actor)
    recounts.start(actor)
    return True


def _announce(
    agreement_id: int, before: dict[str, Any], after: dict[str, Any], actor: Account | None
) -> None:
    changes = {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }
    announce(
        EventKind.SETTING_CHANGED,
        Subject(SUBJECT, agreement_id),
        actor_id=actor.id if actor else None,
        changes=changes,
        data={"setting": "agreements"},
    )


def _as_words(agreement: Agreement) -> dict[str, Any]:
    """Return what an event keeps of the agreement; numbers of records, which may be renamed, stay numbers."""
    rules = [
        f"#{rule.service_id or '*'} / {rule.priority or '*'}: "
        f"{terms_text.as_clock(rule.reaction_s)}, {terms_text.as_clock(rule.resolution_s)}"
        for rule in agreement.rules
    ]
    return {
        "name": agreement.name or None,
        "calendar": agreement.calendar.name if agreement.calendar else None,
        "is_active": agreement.is_active,
        "is_default": agreement.is_default,
        "rules": sorted(rules),
        "customers": sorted(f"#{each.customer_id}" for each in agreement.customers),
    }
