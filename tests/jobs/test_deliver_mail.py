"""What leaves: the right people, the right words, each message once."""

from __future__ import annotations

from threading import Thread

import pytest
from rq.registry import FailedJobRegistry, StartedJobRegistry
from sqlalchemy import select, update

from jobs import stopping
from jobs.deliver_mail import deliver_mail
from jobs.ring_again import ring_again
from tests.support import mail
from tests.support.smtp_sink import Conversation, SmtpSink
from webapp.core import job_queue, leases, redis
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Claim, Delivery, Lane


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


def test_the_servers_words_are_kept(alice, sink, connection, drain):
    sink.script["dot", 1] = "250 2.0.0 queued as 4711"
    mail.create(mail.make_order(alice))
    drain()
    assert "queued as 4711" in mail.delivery().reply


def test_several_deliveries_go_over_one_session(alice, bob, carol, sink, connection, drain):
    mail.create(mail.make_order(alice), mail.make_order(bob), mail.make_order(carol))
    drain()
    assert [one.state for one in mail.deliveries()] == ["sent"] * 3
    assert sink.sessions == 1


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


def test_urgent_mail_has_a_session_of_its_own(alice, sink, connection):
    mail.create(mail.make_order(alice), mail.make_order(alice, lane=Lane.PERSON_WAITS))
    leases.take(f"mail:{connection.id}:0", 60)
    db.session.commit()
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["waiting", "sent"]


def test_a_stop_gives_back_what_was_not_begun(alice, sink, connection):
    mail.create(mail.make_order(alice), mail.make_order(alice))
    stopping.request_stop()
    try:
        deliver_mail(connection.id)
    finally:
        stopping.forget()
    assert {one.state for one in mail.deliveries()} == {"waiting"}
    assert db.session.scalar(select(Claim.id)) is None


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


def test_a_ring_that_finds_the_slot_taken_does_not_ring_again(alice, sink, connection):
    mail.create(mail.make_order(alice))
    number = connection.id
    held = leases.take(f"mail:{number}:0", 60)
    db.session.commit()
    assert count_rings(number) == 0
    leases.release(held)
    db.session.commit()
    deliver_mail(number)
    assert mail.delivery().state == "sent"


def test_urgent_mail_does_not_ring_for_what_the_other_slot_must_send(alice, sink, connection):
    mail.create(mail.make_order(alice), mail.make_order(alice, lane=Lane.PERSON_WAITS))
    leases.take(f"mail:{connection.id}:0", 60)
    db.session.commit()
    assert count_rings(connection.id) == 0
    assert [one.state for one in mail.deliveries()] == ["waiting", "sent"]


def test_what_came_while_the_slot_was_given_back_is_rung_for(alice, sink, connection, monkeypatch):
    mail.create(mail.make_order(alice))
    real = leases.release

    def release(held: leases.Held) -> None:
        monkeypatch.setattr(leases, "release", real)
        mail.create(mail.make_order(alice))
        real(held)

    monkeypatch.setattr(leases, "release", release)
    assert count_rings(connection.id) == 1


def count_rings(connection_id: int) -> int:
    """Carry out one ring and return how many it left in the queue."""
    queue = job_queue._queue(JobName.DELIVER_MAIL)
    queue.empty()
    deliver_mail(connection_id)
    return int(queue.count)


def test_what_rq_believes_of_a_job_changes_nothing(alice, sink, connection, drain):
    """R07: a job that did its work may be called abandoned and failed later."""
    mail.create(mail.make_order(alice))
    queue = job_queue._queue(JobName.DELIVER_MAIL)
    (job,) = [each for each in queue.jobs if each.func_name == JobName.DELIVER_MAIL.value]
    drain()
    started = StartedJobRegistry(queue=queue)
    redis.client().zadd(started.key, {f"{job.id}:1": 1})
    started.cleanup()
    assert job.id in FailedJobRegistry(queue=queue)
    ring_again()
    drain()
    assert (mail.delivery().state, len(sink.ledger)) == ("sent", 1)


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"is_deleted": True}, {"support_address": ""}])
def test_a_connection_taken_out_of_use_sends_no_more_than_the_message_on_the_wire(
    alice, sink, connection, monkeypatch, change
):
    mail.create(*[mail.make_order(alice) for _ in range(5)])
    engine, finish = db.engine, Conversation.finish

    def change_meanwhile(conversation: Conversation, raw: bytes) -> None:
        with engine.begin() as other:
            other.execute(update(MailConnection).values(version=MailConnection.version + 1, **change))
        finish(conversation, raw)

    monkeypatch.setattr(Conversation, "finish", change_meanwhile)
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["sent"] + ["waiting"] * 4
    assert db.session.scalar(select(Claim.id)) is None
