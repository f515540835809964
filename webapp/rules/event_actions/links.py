"""Where the button of a mail leads: to what it is about, or to a page for this one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from webapp.core import secret_box
from webapp.desk.ratings import invitations
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.rules.audience import Person

SUBJECT: Final = "subject"


def to_subject(event: Event, _person: Person | None = None) -> str:
    """Return the path of what the event is about."""
    return f"/go/{event.subject_type}/{event.subject_id}"


def _to_set_password(event: Event, _person: Person) -> str:
    return f"/set-password/{secret_box.open_sealed(event.data['sealed_token'])}"


def _to_rate(event: Event, person: Person) -> str:
    invitation = invitations.Invitation(event.id, person.account_id, invitations.mark_of(person.address))
    return f"/ratings/{invitation.token}"


#: The words of ``link`` in the catalogue.
LINKS: Final[dict[str, Callable[[Event, Person], str]]] = {
    SUBJECT: to_subject,
    "password": _to_set_password,
    "rating": _to_rate,
}


def expires_at(event: Event) -> datetime | None:
    """Return when the link has run out; later it must not be sent, however late the server comes back."""
    if event.kind == EventKind.PASSWORD_LINK_REQUESTED:
        return datetime.fromisoformat(event.data["expires_at"])
    return None
