"""What a fresh system needs before it is of use, in order, and what of it is done already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.messaging.mail_connections.queries import get_default
from webapp.people.accounts.queries import count_accounts, list_teams
from webapp.people.company import settings


@dataclass(frozen=True)
class FirstStep:
    """One thing to do, as the page shows it: ``state`` is done or waiting."""

    title: LazyString
    text: LazyString
    url: str
    state: str


def _sending_page() -> str:
    connection = get_default()
    if connection is None:
        return url_for("mail_connections.index")
    return url_for("mail_connections.edit_sending", connection_id=connection.id)


def _has_complete_sending() -> bool:
    connection = get_default()
    return connection is not None and connection.is_complete


Step = tuple[LazyString, LazyString, Callable[[], str], Callable[[], bool]]

STEPS: Final[tuple[Step, ...]] = (
    (
        _l("Company card"),
        _l("The address of this system, with which links in e-mails begin."),
        lambda: url_for("company.edit"),
        settings.is_reached_from_outside,
    ),
    (
        _l("Outgoing mail connection"),
        _l("The server through which e-mails leave."),
        lambda: url_for("mail_connections.index"),
        lambda: get_default() is not None,
    ),
    (
        _l("Sending parameters"),
        _l("The addresses and the name from which e-mails come."),
        _sending_page,
        _has_complete_sending,
    ),
    (
        _l("Accounts"),
        _l("The people who ask and who answer."),
        lambda: url_for("accounts.index"),
        lambda: count_accounts() > 1,
    ),
    (
        _l("Teams"),
        _l("Who answers what nobody in particular has taken."),
        lambda: url_for("accounts.teams"),
        lambda: bool(list_teams()),
    ),
)


def list_first_steps() -> list[FirstStep]:
    """Return all steps in order; none once all of them are done."""
    steps = [
        FirstStep(title, text, page(), "done" if is_done() else "waiting")
        for title, text, page, is_done in STEPS
    ]
    return [] if all(step.state == "done" for step in steps) else steps
