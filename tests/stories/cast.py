"""The people of the stories, the ticket they share, and what was told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from tests.desk.making import make_record, make_ticket
from tests.support.mail import make_connection
from tests.support.people import make_account, make_team
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.approvals import services as approvals
from webapp.desk.approvals.plans import StagePlan
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.messaging.messages.models import Message
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account, Role, Team
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions import services as switches

#: What one row did: name of the person (or address), role, channels.
Told = dict[str, tuple[str, frozenset[str]]]

BOTH = frozenset({"email", "push"})
EMAIL = frozenset({"email"})
PUSH = frozenset({"push"})


@dataclass
class Cast:
    """Alice asks, Bob answers and leads the first line, Dave is in it, Erin observes, Frank registers."""

    drain: Callable[[], None]
    people: dict[str, Account] = field(default_factory=dict)
    ticket: Record = field(init=False)
    first_line: Team = field(init=False)
    second_line: Team = field(init=False)
    after_event: int = 0
    title: str = "The printer does not print"
    words: str = "Have a look"
    description: str | None = None
    work: str = "Order a cartridge"
    question: str = "Buy a new printer"

    def gather(self) -> None:
        """Make everybody and the ticket, and let its first messages pass."""
        for name, role in NAMES.items():
            self.people[name] = make_account(name.capitalize(), role=role)
        self.first_line = make_team("First line", leader=self["bob"], members=(self["dave"],))
        self.second_line = make_team("Second line", leader=self["grace"])
        make_connection(is_complete=False)  # so that mail is written and waits
        self.ticket = self.register()
        services.subscribe(self.ticket, self["erin"], actor=self["erin"])
        db.session.commit()
        self.forget()

    def __getitem__(self, name: str) -> Account:
        return self.people[name]

    def register(self) -> Record:
        """Frank registers a ticket for Alice that Bob and the first line answer for."""
        values = {"requester": self["alice"].id, "assignee": self["bob"].id, "team": self.first_line.id}
        return make_ticket(self["frank"], title=self.title, description=self.description, **values)

    def make_task(self, *, assignee: str | None = "dave") -> Record:
        """Frank makes a task for Bob's ticket, which the first line answers for."""
        answering = self[assignee].id if assignee else None
        values = {"ticket": self.ticket.id, "assignee": answering, "team": self.first_line.id}
        deadline = now() + timedelta(days=2)
        description = self.description
        task = make_record(
            "task", self["frank"], title=self.work, description=description, deadline=deadline, **values
        )
        services.subscribe(task, self["erin"], actor=self["erin"])
        db.session.commit()
        return task

    def forget(self) -> None:
        """Let what happened until now be handled, and look only at what comes."""
        self.drain()
        self.after_event = db.session.scalar(select(func.max(Event.id))) or 0
        db.session.commit()

    def move(self, actor: str, *statuses: str) -> None:
        """Somebody moves the ticket along; each step but the last is over before the story begins."""
        for place, status in enumerate(statuses):
            if place == len(statuses) - 1:
                self.forget()
            services.change_status(self.ticket, status, actor=self[actor], comment=self.words)
            db.session.commit()

    def request(self, *names: str, then: tuple[str, ...] = ()) -> Record:
        """Frank asks these people for an approval about the ticket, and others when they have approved."""
        stages = [StagePlan(tuple(self[name].id for name in several)) for several in (names, then) if several]
        values = {"title": self.question, "description": self.description, "ticket": self.ticket.id}
        values["deadline"] = now() + timedelta(days=3)
        approval = approvals.request_approval(values, stages, author=self["frank"])
        db.session.commit()
        return approval

    def vote(self, approval: Record, name: str, *, is_approval: bool, stage: int = 1) -> None:
        """Somebody votes and says why."""
        approvals.vote(approval, stage, is_approval=is_approval, account=self[name], comment=self.words)
        db.session.commit()

    def switch(self, code: str, channel: str, *, is_on: bool) -> None:
        """Carol flips a switch."""
        row = catalogue.row(code)
        assert row is not None
        wanted = [(row, one) for one in row.channels if one.value == channel]
        assert switches.switch(wanted, is_on=is_on, actor=self["carol"])
        db.session.commit()

    def narrow(self, code: str, formula: str) -> None:
        """Carol lets a row speak only where a formula is true."""
        row = catalogue.row(code)
        assert row is not None
        switches.set_condition(row, formula, actor=self["carol"])
        db.session.commit()

    def messages(self) -> list[Message]:
        """Return the messages of what happened since."""
        self.drain()
        db.session.rollback()
        found = select(Message).where(Message.event_id > self.after_event).order_by(Message.id)
        return list(db.session.scalars(found))

    def told_by(self, code: str) -> Told:
        """Return whom one row told since, in which role and by which channels."""
        return {_name(one): (one.role, _channels(one)) for one in self.messages() if one.rule_code == code}


NAMES = {
    "alice": Role.USER,
    "bob": Role.SUPPORT,
    "carol": Role.TECHNOLOGIST,
    "dave": Role.SUPPORT,
    "erin": Role.USER,
    "frank": Role.SUPPORT,
    "grace": Role.SUPPORT,
}


def _name(message: Message) -> str:
    account = db.session.get(Account, message.account_id) if message.account_id else None
    return account.name.lower() if account else message.deliveries[0].address


def _channels(message: Message) -> frozenset[str]:
    note = db.session.scalar(select(PushNote.id).where(PushNote.message_id == message.id))
    return (EMAIL if message.deliveries else frozenset()) | (PUSH if note else frozenset())
