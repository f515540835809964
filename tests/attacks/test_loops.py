"""Mail that answers mail, and people who make the program write too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select, update

from tests.desk.making import make_ticket
from tests.support import mail, people
from tests.support.pages import PageClient
from tests.support.smtp_sink import SmtpSink
from webapp.core.db import db
from webapp.desk.records import services as records
from webapp.messaging.messages.models import Delivery
from webapp.people.accounts.models import Account, Role
from webapp.people.accounts.services import request_password_link
from webapp.people.accounts.services.links import MOST_LINKS_PER_HOUR
from webapp.people.company import settings as company

MOST = company.Company().most_per_address or 0


def test_m01_somebody_who_registers_without_end_fills_nobodys_mailbox(
    app: Flask, drain: Callable[[], None]
) -> None:
    alice = people.make_account("Alice Smirnova")
    bob = people.make_account("Bob Miller", role=Role.SUPPORT)
    dave = people.make_account("Dave Brown", role=Role.SUPPORT)
    team = people.make_team("First line", leader=bob, members=(dave,))
    with SmtpSink() as sink:
        mail.make_connection(sink.port)
        for number in range(MOST + 15):
            make_ticket(alice, title=f"Again {number}", team=team.id)
        drain()
        arrived = Counter(address for taken in sink.ledger for address in taken.recipients)
    assert arrived == {each.email: MOST for each in (alice, bob, dave)}
    held = Counter(one.address for one in mail.deliveries() if one.state == "held")
    assert held == {each.email: 15 for each in (alice, bob, dave)}


def test_m01_a_technologist_hears_of_it(
    alice: Account, carol: Account, sign_in: Callable[[Account], PageClient], drain: Callable[[], None]
) -> None:
    mail.make_connection()
    for number in range(MOST + 1):
        make_ticket(alice, title=f"Again {number}")
    drain()
    assert sign_in(carol).get("/").select(".banners a[href*='cause=too_many']")


def test_m08_two_programs_that_answer_each_other_come_to_an_end(
    alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    """Whatever Alice's mailbox answers becomes a comment, of which she is told, up to the limit."""
    ticket = make_ticket(alice)
    with SmtpSink() as sink:
        mail.make_connection(sink.port)
        drain()
        for _round in range(3 * MOST):
            before = len(sink.ledger)
            records.add_comment(ticket, "I am out of office", author=bob, is_internal=False)
            db.session.commit()
            drain()
            if len(sink.ledger) == before:
                break
        arrived = Counter(address for taken in sink.ledger for address in taken.recipients)
    assert arrived[alice.email] == MOST


def test_m20_every_mail_says_that_no_program_must_answer_it(
    alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    ticket = make_ticket(alice, assignee=bob.id)
    records.change_status(ticket, "in_progress", actor=bob)
    records.add_comment(ticket, "We look into it", author=bob, is_internal=False)
    request_password_link(alice.email)
    db.session.commit()
    with SmtpSink() as sink:
        mail.make_connection(sink.port)
        db.session.execute(update(Delivery).values(state="waiting"))
        drain()
        read = [mail.parsed(raw) for raw in sink.raws()]
    assert len(read) > 3
    for message in read:
        assert message["Auto-Submitted"] in {"auto-generated", "auto-replied"}
        assert message["X-Auto-Response-Suppress"] == "All"
        assert message["Message-ID"].strip().endswith("@example.com>")
        assert message["X-Loop"].endswith("@example.com")
        assert message["Date"].datetime.tzinfo is not None
        assert message["List-Unsubscribe"] is None, "there is no way to unsubscribe by mail"
    about_records = [message for message in read if "<record." in message["References"]]
    assert {message["Precedence"] for message in about_records} == {"bulk"}
    assert all(".vestnik.example.com>" in message["List-Id"] for message in about_records)


def test_m22_nobody_is_bombed_by_the_form_for_forgotten_passwords(
    alice: Account, drain: Callable[[], None]
) -> None:
    for _ in range(20):
        request_password_link(alice.email)
        db.session.commit()
    with SmtpSink() as sink:
        mail.make_connection(sink.port)
        for _ in range(20):
            request_password_link(alice.email)
            db.session.commit()
        drain()
        assert len(sink.ledger) <= MOST_LINKS_PER_HOUR
    assert db.session.scalar(select(Delivery.id)) is not None
