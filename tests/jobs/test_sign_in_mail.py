"""A way to sign in that came too late is not sent at all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections import services as connections
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Delivery
from webapp.messaging.messages.services import TooLate, send_again
from webapp.people.accounts.services import links


@pytest.fixture
def asked(alice, carol, sink, connection, drain, clock) -> MailConnection:
    """Alice has forgotten her password while mail was switched off."""
    connections.switch(connection, is_on=False, actor_id=carol.id)
    links.request_password_link(alice.email)
    db.session.commit()
    drain()
    return db.session.get(MailConnection, connection.id)


def test_a_link_that_has_run_out_is_not_sent(asked, carol, sink, clock):
    clock.move(minutes=31)
    connections.switch(asked, is_on=True, actor_id=carol.id)
    db.session.commit()
    deliver_mail(asked.id)
    assert (mail.delivery().state, sink.ledger) == ("expired", [])


def test_a_link_that_still_works_is_sent_late(asked, carol, sink, clock):
    clock.move(minutes=29)
    connections.switch(asked, is_on=True, actor_id=carol.id)
    db.session.commit()
    deliver_mail(asked.id)
    assert mail.delivery().state == "sent"


def test_a_dead_link_is_not_sent_again_and_the_page_says_what_to_do(asked, alice, bob, sink, clock, sign_in):
    clock.move(minutes=31)
    deliver_mail(asked.id)
    with pytest.raises(TooLate):
        send_again(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.rollback()
    browser = sign_in(bob)
    page = browser.get(f"/messages/{mail.delivery().message_id}")
    assert "ask for a new one" in browser.text
    assert page.select_one("form[action$='/send-again']") is None


def test_sending_a_link_again_gives_it_no_more_time(asked, carol, sink, clock):
    db.session.scalar(select(Delivery)).state = "cancelled"
    db.session.commit()
    clock.move(minutes=10)
    send_again(db.session.scalar(select(Delivery)), actor_id=carol.id)
    db.session.commit()
    assert (mail.delivery().expires_at - now()).total_seconds() == 20 * 60
