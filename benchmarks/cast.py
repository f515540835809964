"""The people and tickets of a measured installation, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import insert, select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services as records
from webapp.desk.records.models import Comment, Record
from webapp.events.models import Event
from webapp.events.services import Subject, part_of
from webapp.messaging.messages.orders import Channel, MessageOrder
from webapp.people.accounts import services as accounts
from webapp.people.accounts.models import Account, Role
from webapp.rules.event_actions import subscriber
from webapp.rules.look import Look

REQUESTERS = 60
AGENTS = 12
TICKETS = 240
CHUNK = 1000

#: With it a mail about a comment has 4 KB on the wire, as those of the reference.
REMARK = (
    "The monitor is in its place and both cables were changed.\n\n"
    "Should it flicker again, write down the hour."
)


def fill() -> None:
    """Make the people, a team and the tickets, each with a requester, an assignee and an observer."""
    agents = [_person("agent", number, Role.SUPPORT) for number in range(AGENTS)]
    requesters = [_person("person", number, Role.USER) for number in range(REQUESTERS)]
    team = accounts.create_team("First line", agents[0], agents)
    template = get_template("ticket")
    if template is None:
        raise LookupError("the built-in template of tickets is missing")
    for number in range(TICKETS):
        requester = requesters[number % REQUESTERS]
        values = {"title": f"The monitor of room {number} flickers", "description": REMARK}
        ticket = records.create_record(template, values, author=requester)
        records.assign(ticket, assignee=_assignee(agents, number), team=team, actor=agents[0])
        observer = requesters[(number + 1) % REQUESTERS]
        records.subscribe(ticket, observer, actor=observer)
    db.session.flush()


def _assignee(agents: list[Account], number: int) -> Account:
    """Never the first of them: that one writes the remarks, and nobody is told of their own."""
    return agents[1 + number % (AGENTS - 1)]


def _person(kind: str, number: int, role: Role) -> Account:
    return accounts.create_account(
        f"{kind}{number}@example.com",
        f"{kind.title()} {number}",
        role,
        "en",
        "Europe/London",
        None,
        actor=None,
    )


def remark_on_all(count: int) -> None:
    """Write as many remarks of an agent as events of the service would stand there, three people to be told.

    One is written by the service itself; the others are copies of its rows, since what is measured begins
    behind the outbox. The caller commits.
    """
    tickets = list(db.session.scalars(select(Record).order_by(Record.id)))
    agent = db.session.scalars(
        select(Account).where(Account.role == Role.SUPPORT.value).order_by(Account.id)
    ).first()
    if agent is None:
        raise LookupError("the installation has no agents")
    records.add_comment(tickets[0], REMARK, author=agent, is_internal=False)
    db.session.flush()
    pattern = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    others = [tickets[place % len(tickets)].id for place in range(1, count)]
    for start in range(0, len(others), CHUNK):
        _copy(pattern, others[start : start + CHUNK])


def _copy(pattern: Event, record_ids: list[int]) -> None:
    comments = [
        {
            "record_id": number,
            "author_id": pattern.actor_id,
            "body": REMARK,
            "is_internal": False,
            "created_at": now(),
        }
        for number in record_ids
    ]
    ids = db.session.scalars(
        insert(Comment).returning(Comment.id, sort_by_parameter_order=True), comments
    ).all()
    rows = [
        {
            "kind": pattern.kind,
            "subject_type": pattern.subject_type,
            "subject_id": record_id,
            "actor_id": pattern.actor_id,
            "changes": {},
            "data": {**pattern.data, "comment": {"id": comment_id, "is_internal": False}},
            "part": part_of(Subject(pattern.subject_type, record_id)),
            "happened_at": now(),
        }
        for record_id, comment_id in zip(record_ids, ids, strict=True)
    ]
    db.session.execute(insert(Event), rows)


def orders_of_a_remark(count: int, mark: str) -> Iterator[MessageOrder]:
    """Yield orders of mails as the event action of a remark makes them, each different by its key."""
    event = db.session.scalars(select(Event).where(Event.kind == "record.commented").limit(1)).first()
    if event is None:
        remark_on_all(1)
        event = db.session.scalars(select(Event).where(Event.kind == "record.commented").limit(1)).one()
        event.is_done = True
    answer = subscriber.on_event(event, Look([event]))
    if answer is None:
        raise LookupError("no event action speaks of a remark")
    patterns = answer.orders
    for number in range(count):
        yield replace(
            patterns[number % len(patterns)],
            dedupe_key=f"bench:{mark}:{number}",
            channels=frozenset({Channel.EMAIL}),
        )
