"""Delivery over a real SMTP server: what leaves, what waits, what is repeated and what is not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from threading import Thread

import pytest
import trustme
from sqlalchemy import select, update

from jobs import stopping
from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_sink import Conversation, SmtpSink
from webapp.core import failpoints, leases
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import ConnectionState, Encryption, MailConnection
from webapp.messaging.messages import claims, recovery
from webapp.messaging.messages.models import Claim, Delivery, Lane, Phase
from webapp.messaging.messages.services import cancel, send_again


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


@pytest.fixture
def connection(app, sink) -> MailConnection:
    return mail.make_connection(sink.port)


def announced(kind: EventKind) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Event).where(Event.kind == kind.value)).all())


def test_a_message_leaves_with_the_right_people_and_headers(alice, sink, connection, drain):
    mail.create(mail.make_order(alice))
    drain()
    message = mail.parsed(sink.raws()[0])
    assert mail.delivery().state == "sent"
    assert (sink.ledger[0].sender, sink.ledger[0].recipients) == ("vestnik@example.com", (alice.email,))
    assert message["From"] == "Service desk <vestnik@example.com>"
    assert message["Reply-To"] == "support@example.com"
    assert message["To"] == f"Alice Smirnova <{alice.email}>"
    assert message["Subject"] == "[#12] Status: In progress"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["References"] == "<record.12@example.com>"
    assert message["Message-ID"].endswith("@example.com>")
    assert sink.ledger[0].bare_line_ends == 0


def test_several_deliveries_go_over_one_session(alice, bob, carol, sink, connection, drain):
    mail.create(mail.make_order(alice), mail.make_order(bob), mail.make_order(carol))
    drain()
    assert [one.state for one in mail.deliveries()] == ["sent"] * 3
    assert sink.sessions == 1


def test_the_servers_words_are_kept(alice, sink, connection, drain):
    sink.script["dot", 1] = "250 2.0.0 queued as 4711"
    mail.create(mail.make_order(alice))
    drain()
    assert "queued as 4711" in mail.delivery().reply
    assert "queued as 4711" in mail.attempts()[0].reply


def test_a_temporary_refusal_is_tried_again_by_itself(alice, sink, connection, drain, clock):
    sink.script["rcpt", 1] = "451 4.7.1 greylisted"
    mail.create(mail.make_order(alice))
    drain()
    waiting = mail.delivery()
    assert (waiting.state, waiting.cause, waiting.attempts) == ("waiting", "server_busy", 1)
    clock.move(seconds=59)
    drain()
    assert mail.delivery().state == "waiting"
    clock.move(seconds=2)
    drain()
    assert mail.delivery().state == "sent"
    assert len(sink.ledger) == 1


def test_the_pauses_between_tries_grow(alice, sink, connection, drain, clock):
    sink.script["rcpt", 0] = "450 4.2.0 later"
    mail.create(mail.make_order(alice))
    pauses = []
    for _ in range(6):
        drain()
        due_at = mail.delivery().due_at
        pauses.append(round((due_at - now()).total_seconds() / 60))
        clock.move(seconds=(due_at - now()).total_seconds())
    assert pauses == [1, 5, 15, 30, 60, 60]


def test_a_refused_recipient_is_refused_and_others_go_on(alice, bob, sink, connection, drain):
    sink.script["rcpt", 1] = "550 5.1.1 no such user"
    mail.create(mail.make_order(alice), mail.make_order(bob))
    drain()
    refused, sent = mail.deliveries()
    assert (refused.state, refused.cause, sent.state) == ("refused", "recipient_refused", "sent")
    assert "no such user" in refused.reply


def test_a_lost_answer_is_repeated_with_the_same_bytes(alice, sink, connection, drain, clock):
    sink.script["dot", 1] = "take-drop"
    mail.create(mail.make_order(alice))
    drain()
    doubtful = mail.delivery()
    assert (doubtful.state, doubtful.ambiguous) == ("waiting", 1)
    clock.move(minutes=2)
    drain()
    assert mail.delivery().state == "sent"
    first, second = sink.raws()
    assert first == second


def test_a_server_that_never_answers_gets_three_copies_and_a_person_decides(
    alice, sink, connection, drain, clock
):
    sink.script["dot", 0] = "take-drop"
    mail.create(mail.make_order(alice))
    for _ in range(6):
        drain()
        clock.move(hours=2)
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("uncertain", 3)
    assert len(set(sink.raws())) == 1
    assert len(sink.raws()) == 3


def test_a_repeat_that_would_look_different_is_left_to_a_person(alice, carol, sink, connection, drain, clock):
    sink.script["dot", 1] = "take-drop"
    mail.create(mail.make_order(alice))
    drain()
    changed = db.session.get(MailConnection, connection.id)
    changed.sender_name = "Another name"
    db.session.commit()
    clock.move(minutes=2)
    drain()
    assert (mail.delivery().state, mail.delivery().cause) == ("uncertain", "bytes_changed")
    assert len(sink.raws()) == 1


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


def test_a_wrong_password_is_tried_three_times_in_a_quarter_of_an_hour(alice, app, drain, clock):
    with SmtpSink(logins={"desk": "right"}) as sink:
        mail.make_connection(sink.port, has_sign_in=True, login="desk", password="wrong")
        mail.create(mail.make_order(alice))
        for _ in range(88):
            drain()
            clock.move(seconds=10)
        assert sink.visits["auth"] == 3
        assert (mail.delivery().state, mail.delivery().attempts) == ("waiting", 0)


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


@pytest.fixture
def certificate_of_a_stranger() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return context


def test_without_sending_parameters_messages_wait_and_go_once_they_are_filled(alice, bob, sink, app, drain):
    connection = mail.make_connection(sink.port, is_complete=False)
    mail.create(mail.make_order(alice))
    drain()
    assert (mail.delivery().state, sink.sessions) == ("waiting", 0)
    filled = db.session.get(MailConnection, connection.id)
    services.change_sending(filled, mail.SENDING, version=1, actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"


def test_what_waits_for_parameters_expires_after_three_days(alice, sink, app, drain, clock):
    connection = mail.make_connection(sink.port, is_complete=False)
    mail.create(mail.make_order(alice))
    clock.move(hours=72, seconds=1)
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().cause) == ("expired", "parameters_incomplete")


def test_a_switched_off_connection_makes_messages_wait(alice, carol, sink, connection, drain):
    services.switch(connection, is_on=False, actor_id=carol.id)
    db.session.commit()
    mail.create(mail.make_order(alice))
    drain()
    assert mail.delivery().state == "waiting"
    services.switch(db.session.get(MailConnection, connection.id), is_on=True, actor_id=carol.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"


def test_messages_of_a_deleted_connection_leave_through_the_new_default(alice, carol, sink, app, drain):
    with SmtpSink() as gone:
        port = gone.port
    old = mail.make_connection(port)
    mail.create(mail.make_order(alice))
    other = mail.make_connection(sink.port)
    heir = services.delete_connection(db.session.get(MailConnection, old.id), actor_id=carol.id)
    db.session.commit()
    assert heir.id == other.id
    deliver_mail(other.id)
    assert mail.delivery().state == "sent"


def test_two_drains_at_once_send_each_message_once(app, alice, sink, connection):
    mail.create(*[mail.make_order(alice) for _ in range(12)])
    number = connection.id
    db.session.remove()

    def run() -> None:
        with app.app_context():
            deliver_mail(number)

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.state for one in mail.deliveries()} == {"sent"}
    assert len(sink.ledger) == 12


def test_what_a_dead_worker_held_before_the_dot_is_sent_once(alice, sink, connection, drain):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.execute(update(Claim).values(lease_until=sql_now(-1)))
    db.session.commit()
    assert batch is not None
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous, len(sink.ledger)) == ("sent", 0, 1)


def test_what_a_dead_worker_held_after_the_dot_is_ambiguous(alice, sink, connection, drain, clock):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    assert claims.pass_dot(batch.claim_id, batch.delivery_ids[0], "0" * 64)
    db.session.commit()
    clock.move(seconds=61)
    recovery.recover()
    db.session.commit()
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("waiting", 1)
    assert mail.attempts()[0].problem == "worker_died"


def test_a_live_claim_is_left_alone(alice, connection):
    mail.create(mail.make_order(alice))
    claims.claim_due(connection.id)
    db.session.commit()
    assert recovery.recover_expired_claims() == 0
    assert mail.delivery().state == "sending"


def test_a_late_worker_changes_nothing(alice, connection, clock):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.commit()
    clock.move(seconds=61)
    assert not claims.pass_dot(batch.claim_id, batch.delivery_ids[0], "0" * 64)
    recovery.recover()
    db.session.commit()
    assert not claims.settle(batch.claim_id, batch.delivery_ids[0], {"state": "sent"})
    assert mail.delivery().state == "waiting"


def test_a_message_that_kills_its_sender_each_time_is_held(alice, connection, clock):
    mail.create(mail.make_order(alice))
    for _ in range(4):
        batch = claims.claim_due(connection.id)
        claims.mark_started(batch.claim_id, batch.delivery_ids[0])
        db.session.commit()
        clock.move(minutes=2)
        recovery.recover()
        db.session.commit()
        if mail.delivery().state == "held":
            break
    assert (mail.delivery().state, mail.delivery().cause) == ("held", "worker_died")


def test_a_cancelled_message_never_leaves(alice, bob, sink, connection, drain):
    mail.create(mail.make_order(alice))
    cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert (mail.delivery().state, sink.sessions) == ("cancelled", 0)


def test_a_message_cancelled_while_it_is_claimed_never_gets_its_dot(alice, bob, connection):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.commit()
    cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    assert not claims.pass_dot(batch.claim_id, batch.delivery_ids[0], "0" * 64)


def test_a_refused_message_can_be_sent_again_by_a_person(alice, bob, sink, connection, drain):
    sink.script["rcpt", 1] = "550 5.1.1 no such user"
    mail.create(mail.make_order(alice))
    drain()
    send_again(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"


def test_a_header_that_would_lie_is_held(alice, sink, connection, drain):
    mail.create(mail.make_order(alice))
    db.session.execute(update(Delivery).values(name="Bob\r\nBcc: evil@e.test"))
    db.session.commit()
    drain()
    assert (mail.delivery().state, mail.delivery().cause, sink.ledger) == ("held", "guard_held", [])


def test_an_encoded_word_in_a_title_stays_text(alice, sink, connection, drain):
    title = "A =?UTF-8?Q?=0A?=Bcc: evil@e.test"
    order = mail.make_order(
        alice, values={"number": "1", "subject": title, "status": title, "old_status": ""}
    )
    mail.create(order)
    drain()
    message = mail.parsed(sink.raws()[0])
    assert message["Bcc"] is None
    assert sink.ledger[0].recipients == (alice.email,)


def test_a_stop_gives_back_what_was_not_begun(alice, sink, connection):
    mail.create(mail.make_order(alice), mail.make_order(alice))
    stopping.request_stop()
    try:
        deliver_mail(connection.id)
    finally:
        stopping.forget()
    assert {one.state for one in mail.deliveries()} == {"waiting"}
    assert db.session.scalar(select(Claim.id)) is None


def test_urgent_mail_has_a_session_of_its_own(alice, sink, connection):
    mail.create(mail.make_order(alice), mail.make_order(alice, lane=Lane.PERSON_WAITS))
    leases.take(f"mail:{connection.id}:0", 60)
    db.session.commit()
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["waiting", "sent"]


def test_the_phase_is_on_record_before_the_dot_is_sent(alice, sink, connection, monkeypatch):
    mail.create(mail.make_order(alice))
    engine, seen, finish = db.engine, [], Conversation.finish

    def look(conversation: Conversation, raw: bytes) -> None:
        with engine.connect() as other:
            seen.append(other.execute(select(Delivery.phase)).scalar())
        finish(conversation, raw)

    monkeypatch.setattr(Conversation, "finish", look)
    deliver_mail(connection.id)
    assert seen == [Phase.DOT.value]


def test_an_error_of_our_own_counts_and_is_held_at_the_third(
    alice, sink, connection, drain, clock, monkeypatch
):
    mail.create(mail.make_order(alice))
    for _ in range(3):
        monkeypatch.setattr(failpoints, "_order", failpoints._Order("data", 1, "raise"))
        failpoints._passed.clear()
        drain()
        clock.move(hours=1)
    assert (mail.delivery().state, mail.delivery().cause) == ("held", "internal_error")
    assert sink.ledger == []
