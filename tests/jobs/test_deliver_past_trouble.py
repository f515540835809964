"""A server or its settings in trouble: mail waits, nothing is refused."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest
import trustme
from sqlalchemy import select

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import ConnectionState, Encryption, MailConnection
from webapp.people.accounts.models import Account


def test_a_server_that_is_down_delays_everything_and_refuses_nothing(alice, bob, app, drain, clock):
    with SmtpSink() as sink:
        port = sink.port
    connection = mail.make_connection(port)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    drain()
    assert {(one.state, one.attempts) for one in mail.deliveries()} == {("waiting", 0)}
    state = db.session.get(ConnectionState, connection.id)
    assert (state.pause_problem, state.failures) == ("connection_refused", 1)
    clock.move(seconds=31)
    drain()
    assert db.session.get(ConnectionState, connection.id).failures == 2
    assert announced(EventKind.CONNECTION_PAUSED) == 1


def test_mail_goes_by_itself_when_the_server_is_back(alice, sink, connection, drain, clock):
    sink.script["greeting", 1] = "421 4.3.2 shutting down"
    mail.create(mail.make_order(alice))
    drain()
    assert mail.delivery().state == "waiting"
    clock.move(seconds=31)
    drain()
    assert mail.delivery().state == "sent"
    assert announced(EventKind.CONNECTION_PAUSED) == announced(EventKind.CONNECTION_RESUMED) == 1


def test_a_failure_after_a_success_begins_a_new_count(alice, bob, sink, connection, drain, clock):
    db.session.get_one(ConnectionState, connection.id).failures = 3
    db.session.get_one(ConnectionState, connection.id).paused_since = now()
    mail.create(mail.make_order(alice), mail.make_order(bob))
    sink.script["mail", 2] = "421 4.7.0 enough for now"
    drain()
    assert [one.state for one in mail.deliveries()] == ["sent", "waiting"]
    assert db.session.get_one(ConnectionState, connection.id).failures == 1
    assert announced(EventKind.CONNECTION_PAUSED) == announced(EventKind.CONNECTION_RESUMED) == 1


def test_a_wrong_password_is_tried_three_times_in_a_quarter_of_an_hour(alice, app, drain, clock):
    with SmtpSink(logins={"desk": "right"}) as sink:
        mail.make_connection(sink.port, has_sign_in=True, login="desk", password="wrong")
        mail.create(mail.make_order(alice))
        for _ in range(88):
            drain()
            clock.move(seconds=10)
        assert sink.visits["auth"] == 3
        assert (mail.delivery().state, mail.delivery().attempts) == ("waiting", 0)
        assert announced(EventKind.CONNECTION_PAUSED) == 1


def test_a_wrong_password_mended_lets_mail_go_at_once(alice, carol, app, drain, clock):
    with SmtpSink(logins={"desk": "right"}) as sink:
        connection = mail.make_connection(sink.port, has_sign_in=True, login="desk", password="wrong")
        mail.create(mail.make_order(alice))
        drain()
        settings = services.ServerSettings("127.0.0.1", sink.port, Encryption.NONE, True, "desk", "right")
        services.change_server(
            db.session.get(MailConnection, connection.id), settings, version=1, actor_id=carol.id
        )
        db.session.commit()
        drain()
        assert mail.delivery().state == "sent"


def test_an_unknown_host_is_a_passing_trouble_with_a_word(alice, app, drain, clock):
    connection = mail.make_connection(host="nowhere.invalid")
    mail.create(mail.make_order(alice))
    drain()
    assert db.session.get(ConnectionState, connection.id).pause_problem in {"unknown_host", "timed_out"}
    assert mail.delivery().state == "waiting"


def test_a_certificate_of_a_stranger_stops_the_connection(
    alice, app, drain, certificate_of_a_stranger, clock
):
    with SmtpSink(tls=certificate_of_a_stranger, is_implicit=True) as sink:
        connection = mail.make_connection(sink.port, host="localhost", encryption=Encryption.TLS)
        mail.create(mail.make_order(alice))
        drain()
        assert db.session.get(ConnectionState, connection.id).pause_problem == "certificate_unknown_issuer"
        assert mail.delivery().state == "waiting"
        assert sink.lines == []


def announced(kind: EventKind) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Event).where(Event.kind == kind.value)).all())


@pytest.fixture
def certificate_of_a_stranger() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return context


RELAY_DENIED = "554 5.7.1 <alice@example.com>: Relay access denied"


@pytest.mark.parametrize(
    ("step", "reply", "problem"),
    [("rcpt", RELAY_DENIED, "relay_denied"), ("dot", "554 5.2.252 SendAsDenied; no", "sender_refused")],
)
def test_wrong_settings_found_at_a_mail_refuse_none_and_pass_when_mended(
    alice, bob, carol, sink, connection, drain, clock, step, reply, problem
):
    sink.script[step, 0] = reply
    mail.create(mail.make_order(alice), mail.make_order(bob))
    for _ in range(8):
        drain()
        clock.move(minutes=10)
    drain()
    assert {(one.state, one.cause) for one in mail.deliveries()} == {("waiting", problem)}
    assert announced(EventKind.CONNECTION_PAUSED) == 1
    del sink.script[step, 0]
    mended = db.session.get(MailConnection, connection.id)
    settings = services.ServerSettings("127.0.0.1", sink.port, Encryption.NONE, login="mended")
    services.change_server(mended, settings, version=1, actor_id=carol.id)
    db.session.commit()
    deliver_mail(connection.id)  # the change rings
    assert [one.state for one in mail.deliveries()] == ["sent", "sent"]


def test_a_server_that_passes_on_only_its_own_companys_mail_holds_up_none_of_it(
    alice, bob, sink, connection, drain, clock
):
    sink.script["rcpt", 1] = RELAY_DENIED
    mail.create(mail.make_order(alice), mail.make_order(bob))
    drain()
    assert [one.state for one in mail.deliveries()] == ["waiting", "waiting"]
    clock.move(seconds=31)
    drain()
    assert [one.state for one in mail.deliveries()] == ["waiting", "sent"]


def test_the_pause_after_a_refusal_at_one_mail_never_grows(alice, sink, connection, drain, clock):
    sink.script["rcpt", 0] = RELAY_DENIED
    mail.create(mail.make_order(alice))
    for _ in range(6):
        drain()
        clock.move(minutes=61)
    drain()
    state = db.session.get(ConnectionState, connection.id)
    assert state.failures == 7
    assert (state.paused_until - now()).total_seconds() == 30


def test_an_address_of_ours_that_the_server_cannot_carry_delays_mail_until_it_is_mended(
    alice, bob, connection, sink, drain
):
    sink.extensions = ("8BITMIME", "SIZE 10000000")
    change_support_address(connection.id, "поддержка@example.com", bob)
    mail.create(mail.make_order(alice), mail.make_order(alice))
    drain()
    assert {(one.state, one.attempts) for one in mail.deliveries()} == {("waiting", 0)}
    assert db.session.get(ConnectionState, connection.id).pause_problem == "smtputf8_needed_by_us"
    change_support_address(connection.id, "support@example.com", bob)
    drain()
    assert [one.state for one in mail.deliveries()] == ["sent", "sent"]


def change_support_address(connection_id: int, address: str, who: Account) -> None:
    changed = db.session.get(MailConnection, connection_id)
    parameters = replace(mail.SENDING, support_address=address)
    services.change_sending(changed, parameters, version=changed.version, actor_id=who.id)
    db.session.commit()
