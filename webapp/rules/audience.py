"""From roles to people: who is meant by "the requester" or "the assignee, else the team" of an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.rules.look import Look

ELSE = "|"

#: Of several roles of one person the first names the message.
PRECEDENCE = (
    "account",
    "mentioned",
    "assignee",
    "prev_assignee",
    "approver",
    "requester",
    "initiator",
    "author",
    "ticket_assignee",
    "observer",
    "team",
    "leader",
    "ticket_requester",
    "manager",
    "approver_manager",
)

#: Attributes that name people or teams, and the columns of a record in which they stand.
COLUMNS = {
    "assignee": "assignee_id",
    "author": "author_id",
    "requester": "requester_id",
    "requester_address": "requester_address",
    "team": "team_id",
}


@dataclass(frozen=True)
class Person:
    """One recipient in the role in which they are told: an account, or only an address."""

    role: str
    account_id: int | None = None
    address: str | None = None


def people_in(expression: str, record: Record | None, event: Event, look: Look) -> list[Person]:
    """Return the people of a role; ``"assignee|team"`` means the team too where no assignee can be told.

    Whoever was deactivated stays among them, so that the receipt can say why they were passed over.
    """
    first, *others = expression.split(ELSE)
    people = ROLES[first](record, event, look)
    for role in others:
        if _somebody_is_there(people, look):
            break
        people = people + ROLES[role](record, event, look)
    return people


def at_event(record: Record | None, event: Event, attribute: str) -> Any:  # noqa: ANN401 - an id or an address
    """Return the value of a column attribute as the event left it.

    A later change must not redirect an earlier message.
    """
    change = event.changes.get(attribute)
    if change is not None:
        return change.get("after")
    return getattr(record, COLUMNS[attribute], None)


def _account(_record: Record | None, event: Event, _look: Look) -> list[Person]:
    return [Person("account", event.subject_id)] if event.subject_type == "account" else []


def _requester(record: Record | None, event: Event, look: Look) -> list[Person]:
    account_id = at_event(record, event, "requester")
    if account_id:
        return [Person("requester", account_id)]
    address = at_event(record, event, "requester_address")
    if not address:
        return []
    # Somebody who has an account is that account however they were named: their rules hold, and they are one.
    known = look.account_at(address)
    return [Person("requester", known.id)] if known else [Person("requester", address=address)]


def _author(record: Record | None, event: Event, _look: Look) -> list[Person]:
    return _one("author", at_event(record, event, "author"))


def _assignee(record: Record | None, event: Event, _look: Look) -> list[Person]:
    return _one("assignee", at_event(record, event, "assignee"))


def _previous_assignee(_record: Record | None, event: Event, _look: Look) -> list[Person]:
    return _one("prev_assignee", event.changes.get("assignee", {}).get("before"))


def _team(record: Record | None, event: Event, look: Look) -> list[Person]:
    team_id = at_event(record, event, "team")
    return [Person("team", account_id) for account_id in look.members(team_id)] if team_id else []


def _leader(record: Record | None, event: Event, look: Look) -> list[Person]:
    team_id = at_event(record, event, "team")
    return _one("leader", look.leader(team_id)) if team_id else []


def _observers(record: Record | None, _event: Event, look: Look) -> list[Person]:
    return [Person("observer", account_id) for account_id in look.observers(record.id)] if record else []


def _new_observer(_record: Record | None, event: Event, _look: Look) -> list[Person]:
    return _one("observer", event.data.get("observer", {}).get("account_id"))


def _mentioned(_record: Record | None, event: Event, look: Look) -> list[Person]:
    comment = event.data.get("comment", {})
    found = look.accounts(comment.get("mentioned", ()))
    # What staff say among themselves stays there, also when somebody ceased to be one of them since.
    return [
        Person("mentioned", account.id)
        for account in found.values()
        if account.is_staff or not comment.get("is_internal")
    ]


def _ticket_assignee(record: Record | None, event: Event, look: Look) -> list[Person]:
    parent = look.parent_of(record, event)
    return _one("ticket_assignee", parent.assignee_id) if parent else []


def _manager(record: Record | None, event: Event, look: Look) -> list[Person]:
    """Return the manager of the assignee, else of the team's leader; who was deactivated is passed over."""
    answering = [*_assignee(record, event, look), *_leader(record, event, look)]
    found = (look.manager_of(person.account_id) for person in answering)
    return _one("manager", next((each for each in found if each), None))


def _approvers(record: Record | None, event: Event, look: Look) -> list[Person]:
    """Whom the event asks, or asked in vain; of other events about an approval, who is waited for now."""
    waited_for = look.voters(record.id) if record and "approvers" not in event.data else []
    return [Person("approver", account_id) for account_id in event.data.get("approvers", waited_for)]


def _initiator(record: Record | None, event: Event, _look: Look) -> list[Person]:
    return _one("initiator", at_event(record, event, "author"))


def _ticket_requester(record: Record | None, event: Event, look: Look) -> list[Person]:
    ticket = look.parent_of(record, event)
    if ticket is None:
        return []
    if ticket.requester_id or not ticket.requester_address:
        return _one("ticket_requester", ticket.requester_id)
    known = look.account_at(ticket.requester_address)
    address = None if known else ticket.requester_address
    return [Person("ticket_requester", known.id if known else None, address)]


def _approver_manager(record: Record | None, event: Event, look: Look) -> list[Person]:
    """Return the managers of those who are asked and have not voted, each once."""
    asked = (look.manager_of(person.account_id) for person in _approvers(record, event, look))
    return [Person("approver_manager", account_id) for account_id in dict.fromkeys(filter(None, asked))]


def _somebody_is_there(people: list[Person], look: Look) -> bool:
    found = look.accounts(person.account_id for person in people)
    return any(person.address for person in people) or any(account.is_active for account in found.values())


def _one(role: str, account_id: int | None) -> list[Person]:
    return [Person(role, account_id)] if account_id else []


ROLES: dict[str, Callable[[Record | None, Event, Look], list[Person]]] = {
    "account": _account,
    "requester": _requester,
    "author": _author,
    "assignee": _assignee,
    "prev_assignee": _previous_assignee,
    "team": _team,
    "leader": _leader,
    "observer": _observers,
    "new_observer": _new_observer,
    "mentioned": _mentioned,
    "ticket_assignee": _ticket_assignee,
    "manager": _manager,
    "approver": _approvers,
    "approver_manager": _approver_manager,
    "initiator": _initiator,
    "ticket_requester": _ticket_requester,
}
