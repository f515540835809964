"""What a fresh system needs before it is of use, in order, and what of it is done already."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.messaging.mail_connections.queries import get_default
from webapp.people.accounts.queries import count_accounts, list_teams
from webapp.people.company import settings


@dataclass(frozen=True)
class FirstStep:
    """One thing to do, and the page on which it is done."""

    title: LazyString
    text: LazyString
    is_done: bool
    endpoint: str
    connection_id: int | None = None


def list_first_steps() -> list[FirstStep]:
    """Return all steps in order; none once all of them are done."""
    steps = [_company_card(), _connection(), _sending(), _accounts(), _teams()]
    return [] if all(step.is_done for step in steps) else steps


def _company_card() -> FirstStep:
    text = _l("The address of this system, with which links in e-mails begin.")
    return FirstStep(_l("Company card"), text, settings.is_reached_from_outside(), "company.edit")


def _connection() -> FirstStep:
    text = _l("The server through which e-mails leave.")
    is_done = get_default() is not None
    return FirstStep(_l("Outgoing mail connection"), text, is_done, "mail_connections.index")


def _sending() -> FirstStep:
    title, text = _l("Sending parameters"), _l("The addresses and the name from which e-mails come.")
    connection = get_default()
    if connection is None:
        return FirstStep(title, text, is_done=False, endpoint="mail_connections.index")
    return FirstStep(title, text, connection.is_complete, "mail_connections.edit_sending", connection.id)


def _accounts() -> FirstStep:
    text = _l("The people who ask and who answer.")
    return FirstStep(_l("Accounts"), text, count_accounts() > 1, "accounts.index")


def _teams() -> FirstStep:
    text = _l("Who answers what nobody in particular has taken.")
    return FirstStep(_l("Teams"), text, bool(list_teams()), "accounts.teams")
