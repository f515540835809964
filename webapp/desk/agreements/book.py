"""All agreements with their calendars, as records are measured by them: read once while nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import event, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.core.db import db
from webapp.desk.agreements.countdown import ROUND_THE_CLOCK
from webapp.desk.agreements.models import REACTION, Agreement, AgreementCustomer, AgreementRule
from webapp.desk.records.models import Record
from webapp.languages.working_time import WorkingTime
from webapp.people.calendars import queries as calendars
from webapp.people.calendars.definition import Definition, working_time
from webapp.people.calendars.models import WorkingCalendar

CUSTOMER, SERVICE, PRIORITY = "customer", "service", "priority"
#: Attributes of a record by which its terms are found.
DECISIVE: Final = frozenset({CUSTOMER, SERVICE, PRIORITY})
_CACHE: Final = "book of agreements"


class Terms(NamedTuple):
    """How soon, in seconds of working time."""

    reaction_s: int
    resolution_s: int


class Case(NamedTuple):
    """What a rule is for: one service or any (None), one priority or any (None)."""

    service_id: int | None
    priority: int | None


class Promise(NamedTuple):
    """What one record is promised."""

    agreement_id: int
    calendar_id: int
    terms: Terms

    def term_of(self, name: str) -> int:
        """Return the term of the reaction or of the resolution."""
        return self.terms.reaction_s if name == REACTION else self.terms.resolution_s


@dataclass(frozen=True)
class Written:
    """One agreement in force."""

    id: int
    calendar_id: int
    rules: Mapping[Case, Terms]

    def terms_for(self, service_id: int | None, priority: int | None) -> Terms | None:
        """Return the narrowest rule's terms: by service and priority, by service, by priority, for all."""
        cases = (
            Case(service_id, priority),
            Case(service_id, None),
            Case(None, priority),
            Case(None, None),
        )
        return next((self.rules[case] for case in cases if case in self.rules), None)


@dataclass(frozen=True)
class Book:
    """Every agreement in force, whose it is, and every calendar."""

    agreements: Mapping[int, Written]
    default_id: int | None
    of_customers: Mapping[int, int]
    calendars: Mapping[int, Definition] = field(default_factory=dict)

    def agreement_for(self, customer_id: int | None) -> Written | None:
        """Return the customer's agreement, else the default one; one that is not in force is none."""
        own = self.agreements.get(self.of_customers.get(customer_id or 0, 0))
        return own or self.agreements.get(self.default_id or 0)

    def promise_for(self, record: Record) -> Promise | None:
        """Return what the record is promised now; None without an agreement or a rule for it."""
        return self.promise(_linked(record, CUSTOMER), _linked(record, SERVICE), record.priority)

    def promise(
        self, customer_id: int | None, service_id: int | None, priority: int | None
    ) -> Promise | None:
        """Return what such a record is promised."""
        agreement = self.agreement_for(customer_id)
        terms = agreement.terms_for(service_id, priority) if agreement else None
        return Promise(agreement.id, agreement.calendar_id, terms) if agreement and terms else None

    def working_time(self, calendar_id: int | None) -> WorkingTime:
        """Return the working time of a calendar; a calendar that is gone works always."""
        definition = self.calendars.get(calendar_id or 0)
        return working_time(definition) if definition else ROUND_THE_CLOCK

    @property
    def default_calendar_id(self) -> int | None:
        """The calendar by which deadlines are measured that no agreement promises."""
        agreement = self.agreements.get(self.default_id or 0)
        return agreement.calendar_id if agreement else None


def get() -> Book:
    """Return the book; asked again in the same transaction it costs nothing."""
    info = db.session.info
    if _CACHE not in info:
        info[_CACHE] = _read(_stamps())
    book: Book = info[_CACHE]
    return book


def forget() -> None:
    """Read the book anew the next time: it was changed in this transaction. Flushes."""
    db.session.flush()
    db.session.info.pop(_CACHE, None)


Stamps = tuple[tuple[int, int, str], ...]
_STAMPS: Final = union_all(
    select(literal(0), WorkingCalendar.id, WorkingCalendar.stamp),
    select(literal(1), Agreement.id, Agreement.stamp),
)


def _stamps() -> Stamps:
    """Return what is another each time that an agreement or a calendar was changed: one small query."""
    return tuple(sorted((kind, number, stamp) for kind, number, stamp in db.session.execute(_STAMPS)))


@lru_cache(maxsize=4)
def _read(_stamps: Stamps) -> Book:
    rules: dict[int, dict[Case, Terms]] = {}
    for rule in db.session.scalars(select(AgreementRule)):
        case, terms = Case(rule.service_id, rule.priority), Terms(rule.reaction_s, rule.resolution_s)
        rules.setdefault(rule.agreement_id, {})[case] = terms
    found = db.session.scalars(select(Agreement).where(Agreement.is_active)).all()
    customers = db.session.execute(select(AgreementCustomer.customer_id, AgreementCustomer.agreement_id))
    return Book(
        agreements={each.id: Written(each.id, each.calendar_id, rules.get(each.id, {})) for each in found},
        default_id=next((each.id for each in found if each.is_default), None),
        of_customers={row.customer_id: row.agreement_id for row in customers},
        calendars=calendars.list_definitions(),
    )


def _linked(record: Record, name: str) -> int | None:
    """Return what the attribute links to, where the template has such an attribute."""
    names = {each.system_name for each in record.template.live_attributes}
    found = record[name] if name in names else None
    return found if isinstance(found, int) else None


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_CACHE, None)
