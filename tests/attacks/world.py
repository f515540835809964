"""A desk with one of everything, so that every address of the program leads to something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.desk.agreeing import make_agreement, make_calendar
from tests.desk.approvals.making import make_approval, plan
from tests.desk.making import add_file, make_record, make_ticket
from tests.people.pictures import picture
from tests.support import people
from tests.support.background import run_job
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from tests.support.redis_server import RedisServer
from webapp.core.db import db
from webapp.desk.agreements import services as agreements
from webapp.desk.ratings.invitations import Invitation
from webapp.desk.records import services as records
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, Message, MessageClass
from webapp.messaging.push.models import PushNote
from webapp.people.accounts import services as accounts
from webapp.people.accounts.models import Account, AccountSession, Role
from webapp.people.calendars import services as calendars
from webapp.people.company import logos
from webapp.people.company import settings as company
from webapp.people.company.logo_picture import make_logo

#: Stands in every secret that the desk keeps; wherever else it shows, a secret has leaked.
CANARY = "CANARY-7f3a"
NOBODY = "nobody"
#: What people may do at most, by the role in which they are signed in.
ROLES = (NOBODY, "alice", "bob", "carol")
#: After these their thing, or the session, is no more.
ENDS = ("/delete", "/sign-out")
TEMPLATES = ("ticket", "task", "service", "customer", "asset", "approval")


@dataclass
class World:
    """Who is there, and a number or word for each part of an address."""

    app: Flask
    redis: RedisServer
    people: dict[str, Account]
    parts: dict[str, Any]
    browsers: dict[str, PageClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def browser(self, name: str) -> PageClient:
        """The browser of one of the people, signed in, or of nobody."""
        if name not in self.browsers:
            self.browsers[name] = PageClient(self.app, self.app.test_client())
            self.sign_in(name)
        return self.browsers[name]

    def sign_in(self, name: str) -> None:
        """Sign in in the person's browser, also when the session there has ended."""
        if name != NOBODY:
            token = people.make_session(self.people[name])
            self.browser(name).client.set_cookie(people.SESSION_COOKIE, token)

    def token(self, name: str) -> str:
        """The CSRF token of the person's browser, asked for once."""
        if name not in self.tokens:
            self.tokens[name] = self.browser(name).csrf_token()
        return self.tokens[name]

    def address(self, rule: Rule, **parts: object) -> str:
        """Where the rule's view answers for the things of this world."""
        values = {name: parts.get(name, self.parts[name]) for name in rule.arguments}
        return str(self.app.url_map.bind("localhost").build(rule.endpoint, values))

    def rules(self, method: str) -> list[Rule]:
        """The rules whose views answer the method, without files; what ends something comes last."""
        found = [rule for rule in self.app.url_map.iter_rules() if method in (rule.methods or ())]
        pages = [rule for rule in found if rule.endpoint != "static"]
        return sorted(pages, key=lambda rule: (rule.rule.endswith(ENDS), rule.rule))


def build_world(app: Flask, redis: RedisServer) -> World:
    """Make the desk: Alice asked, Bob answered, both were told; pages of people are about Dora."""
    cast = {
        "alice": people.make_account("Alice Smirnova"),
        "bob": people.make_account("Bob Miller", role=Role.SUPPORT, language="en"),
        "carol": people.make_account("Carol Volkova", role=Role.TECHNOLOGIST, language="en"),
        "mallory": people.make_account("Mallory Black", language="en"),
        "dora": people.make_account("Dora Target", language="en"),
    }
    team = people.make_team("First line", leader=cast["bob"], members=(cast["dora"],))
    connection = make_connection(is_complete=False, has_sign_in=True, login="desk", password=f"{CANARY} smtp")
    for name in TEMPLATES[1:-1]:
        make_record(name, cast["carol"], title=f"A {name}")
    calendar = make_calendar()
    calendars.add_exception(calendar, date(2026, 12, 30), "A short day", (), actor=cast["carol"])
    agreement = make_agreement(calendar)
    ticket = make_ticket(cast["alice"])
    customer = db.session.scalars(select(Record.id).where(Record.title == "A customer")).one()
    agreements.add_customer(agreement, customer, actor=cast["carol"])
    records.add_comment(ticket, "We look into it", author=cast["bob"], is_internal=False)
    # Carol, whose pages the attacks read for forms, is asked and may recall and replace as well.
    approval = make_approval(cast["bob"], plan(cast["carol"], cast["dora"]), title="An approval")
    file = add_file(ticket, cast["alice"])
    closed = make_ticket(cast["alice"], title="A ticket that is over")
    for status, who in (("resolved", "bob"), ("closed", "alice")):
        records.change_status(closed, status, actor=cast[who])
    closing = db.session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1))
    link = accounts.send_password_link(cast["dora"], actor=cast["carol"])
    logos.set_logo(make_logo(picture()), actor=cast["carol"])
    company.change_signatures("<p>С уважением</p>", "<p>Kind regards</p>", actor=cast["carol"])
    db.session.commit()
    people.make_session(cast["alice"])
    _tell(app)
    parts = {
        "template_name": "ticket", "attribute_name": "service", "record_id": ticket.id,
        "approval_id": approval.id, "team_id": team.id, "file_id": file.id, "file_name": file.name,
        "account_id": cast["dora"].id, "connection_id": connection.id, "token": link,
        "calendar_id": calendar.id, "exception_id": calendar.exceptions[0].id, "agreement_id": agreement.id,
        "code": "ticket.status.requester", "rule_code": "ticket.waiting.requester",
        "channel_name": "email", "language": "en",
        "invitation": Invitation(closing, cast["alice"].id).token, **_told(cast["alice"], ticket.id),
    }  # fmt: skip
    for account in cast.values():
        db.session.refresh(account)
    db.session.expunge_all()  # so that a test that looks at them opens no transaction
    db.session.rollback()
    return World(app, redis, cast, parts)


def _tell(app: Flask) -> None:
    """Handle what happened; mail waits, since nobody has said who it comes from."""
    for part in db.session.scalars(select(Event.part).where(~Event.is_done).distinct()).all():
        db.session.commit()
        run_job(app, JobName.DISPATCH_EVENTS, part)


def _told(account: Account, record_id: int) -> dict[str, int]:
    notice = Message.message_class == MessageClass.NOTICE.value
    delivery = db.session.scalars(select(Delivery).join(Message).where(notice)).first()
    note = db.session.scalars(select(PushNote).where(PushNote.account_id == account.id)).first()
    session = db.session.scalars(
        select(AccountSession).where(AccountSession.account_id == account.id)
    ).first()
    of_ticket = (Event.subject_type == "record", Event.subject_id == record_id)
    event = db.session.scalars(select(Event).where(*of_ticket).order_by(Event.id)).first()
    assert delivery
    assert note
    assert session
    assert event
    return {
        "delivery_id": delivery.id, "message_id": delivery.message_id, "note_id": note.id,
        "session_id": session.id, "event_id": event.id,
    }  # fmt: skip
