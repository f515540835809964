"""Limits of a connection on the way: nothing leaves above them, and what waits says why."""

from __future__ import annotations

import time

from flask_babel import force_locale
from sqlalchemy import update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.db import db
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.messages import claims, states


def limit(**values: int) -> None:
    db.session.execute(update(MailConnection).values(**values))
    db.session.commit()


def test_a_limit_for_a_day_keeps_the_rest_until_tomorrow_and_says_so(alice, sink, connection):
    limit(most_per_day=3)
    mail.create(*[mail.make_order(alice) for _ in range(5)])
    deliver_mail(connection.id)

    found = mail.deliveries()
    assert [one.state for one in found] == ["sent"] * 3 + ["waiting"] * 2
    assert waiting_reason(connection) is WaitReason.DAY_LIMIT
    with force_locale("en"):
        words = states.describe(found[-1], connection)
    assert "limit of messages a day" in words.cause
    assert words.next_at is not None
    assert connection.id not in claims.list_due_connections()

    db.session.execute(update(ConnectionState).values(sent_on=None))  # the next day
    db.session.commit()
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["sent"] * 5


def test_a_limit_for_a_minute_is_waited_for_and_not_exceeded(alice, sink, connection):
    limit(most_per_minute=600)  # sixty at once, then nine a second
    mail.lift_limit()
    mail.create(*[mail.make_order(alice) for _ in range(66)])
    started = time.monotonic()
    deliver_mail(connection.id)

    assert [one.state for one in mail.deliveries()] == ["sent"] * 66
    assert time.monotonic() - started > 0.4


def test_what_was_claimed_and_not_sent_does_not_count(alice, sink, connection):
    limit(most_per_day=10)
    sink.script["dot", 3] = "421 4.7.0 enough"
    mail.create(*[mail.make_order(alice) for _ in range(8)])
    deliver_mail(connection.id)

    assert db.session.get(ConnectionState, connection.id).sent_today == 3


def test_a_server_gets_no_more_sessions_than_allowed(alice, sink, connection):
    limit(most_sessions=1)
    mail.create(mail.make_order(alice))
    deliver_mail(connection.id)

    assert (mail.delivery().state, sink.sessions) == ("sent", 1)


def test_the_measured_rate_is_kept_for_the_estimate(alice, sink, connection):
    mail.create(*[mail.make_order(alice) for _ in range(10)])
    deliver_mail(connection.id)

    assert db.session.get(ConnectionState, connection.id).per_second > 1
