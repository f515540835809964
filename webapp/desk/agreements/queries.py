"""Reads agreements and deadlines."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.db import db
from webapp.desk.agreements.models import Agreement, AgreementCustomer, Deadline, Recount
from webapp.people.accounts.models import sort_key_of


def get_agreement(agreement_id: int) -> Agreement | None:
    """Return the agreement with its rules and customers."""
    options = (selectinload(Agreement.rules), selectinload(Agreement.customers))
    return db.session.get(Agreement, agreement_id, options=options)


def get_agreement_by_name(name: str) -> Agreement | None:
    """Return the agreement with this name, however it is written in capitals and small letters."""
    return db.session.scalar(select(Agreement).where(Agreement.name_key == sort_key_of(name)))


def get_default_agreement() -> Agreement | None:
    """Return the agreement for customers without one of their own."""
    return db.session.scalar(select(Agreement).where(Agreement.is_default))


def list_agreements() -> list[Agreement]:
    """Return all agreements by name, the default one first."""
    options = (
        joinedload(Agreement.calendar),
        selectinload(Agreement.rules),
        selectinload(Agreement.customers),
    )
    query = select(Agreement).options(*options).order_by(Agreement.is_default.desc(), Agreement.name_key)
    return list(db.session.scalars(query))


def list_agreements_by_calendar(calendar_id: int) -> list[Agreement]:
    """Return the agreements that work by the calendar."""
    query = select(Agreement).where(Agreement.calendar_id == calendar_id)
    return list(db.session.scalars(query.order_by(Agreement.name_key)))


def agreements_of_customers(customer_ids: Collection[int]) -> dict[int, int]:
    """Return which agreement each of the customers has, where they have one of their own."""
    query = select(AgreementCustomer).where(AgreementCustomer.customer_id.in_(customer_ids))
    return {each.customer_id: each.agreement_id for each in db.session.scalars(query)}


def list_deadlines(record_id: int) -> list[Deadline]:
    """Return the deadlines of the record, that of the reaction first."""
    query = select(Deadline).where(Deadline.record_id == record_id)
    return list(db.session.scalars(query.order_by(Deadline.name)))


def deadlines_by_records(record_ids: Collection[int]) -> dict[int, dict[str, Deadline]]:
    """Return the deadlines of records by their names."""
    found: dict[int, dict[str, Deadline]] = {}
    for each in db.session.scalars(select(Deadline).where(Deadline.record_id.in_(record_ids))):
        found.setdefault(each.record_id, {})[each.name] = each
    return found


def get_deadline(record_id: int, name: str) -> Deadline | None:
    """Return one deadline of the record."""
    return db.session.scalar(select(Deadline).where(Deadline.record_id == record_id, Deadline.name == name))


def get_latest_recount() -> Recount | None:
    """Return the counting anew that was begun last."""
    return db.session.scalar(select(Recount).order_by(Recount.id.desc()).limit(1))


def list_unfinished_recounts() -> list[Recount]:
    """Return what is still being counted anew."""
    return list(db.session.scalars(select(Recount).where(Recount.ended_at.is_(None)).order_by(Recount.id)))
