"""Where the button of a mail leads: to what it is about, or to a page for this one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from webapp.core import secret_box
from webapp.desk.ratings import invitations
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.events.services import Subject
from webapp.rules.audience import Person
from webapp.rules.scope import Scope

SUBJECT: Final = "subject"


def subject_of(scope: Scope, person: Person) -> Subject:
    """Return what the message leads to: whom only the ticket concerns may not see what stands under it."""
    event, record = scope.event, scope.record
    if person.role == "ticket_requester" and record is not None and record.parent_id:
        return Subject("record", record.parent_id)
    return Subject(event.subject_type, event.subject_id)


def path_to(subject: Subject) -> str:
    """Return the path of a thing."""
    return f"/go/{subject.type}/{subject.id}"


def _to_subject(scope: Scope, person: Person) -> str:
    return path_to(subject_of(scope, person))


def _to_set_password(scope: Scope, _person: Person) -> str:
    return f"/set-password/{secret_box.open_sealed(scope.event.data['sealed_token'])}"


def _to_rate(scope: Scope, person: Person) -> str:
    invitation = invitations.Invitation(
        scope.event.id, person.account_id, invitations.mark_of(person.address)
    )
    return invitation.path


#: The words of ``link`` in the catalogue.
LINKS: Final[dict[str, Callable[[Scope, Person], str]]] = {
    SUBJECT: _to_subject,
    "password": _to_set_password,
    "rating": _to_rate,
}


def expires_at(event: Event) -> datetime | None:
    """Return when the link has run out; later it must not be sent, however late the server comes back."""
    if event.kind == EventKind.PASSWORD_LINK_REQUESTED:
        return datetime.fromisoformat(event.data["expires_at"])
    return None
