"""What is tried again, after which pause, and what is left to a person."""

from __future__ import annotations

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core import failpoints
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import recovery


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


def test_a_refusal_after_a_lost_answer_leaves_it_uncertain(alice, sink, connection, drain, clock):
    sink.script |= {("dot", 1): "take-drop", ("rcpt", 2): "550 5.1.1 no such user"}
    mail.create(mail.make_order(alice))
    drain()
    clock.move(minutes=2)
    drain()
    doubtful = mail.delivery()
    assert (doubtful.state, doubtful.cause, doubtful.ambiguous) == ("uncertain", "recipient_refused", 1)
    assert "no such user" in doubtful.reply


def test_what_may_have_arrived_does_not_expire_as_unsent(alice, bob, sink, connection, drain, clock):
    later = "451 4.3.0 later"
    sink.script |= {("dot", 1): "take-drop", ("rcpt", 2): later, ("rcpt", 3): later}
    mail.create(mail.make_order(alice))
    drain()
    clock.move(minutes=2)
    mail.create(mail.make_order(bob))
    drain()
    clock.move(hours=73)
    recovery.recover()
    db.session.commit()
    doubtful, unsent = mail.deliveries()
    assert (doubtful.state, doubtful.cause) == ("uncertain", "time_ran_out")
    assert (unsent.state, unsent.cause) == ("expired", "server_busy")


def test_what_may_have_arrived_keeps_the_reason_for_which_it_waited(alice, carol, sink, connection, clock):
    sink.script["dot", 1] = "take-drop"
    mail.create(mail.make_order(alice))
    deliver_mail(connection.id)
    services.switch(db.session.get(MailConnection, connection.id), is_on=False, actor_id=carol.id)
    db.session.commit()
    clock.move(hours=73)
    recovery.recover()
    db.session.commit()
    assert (mail.delivery().state, mail.delivery().cause) == ("uncertain", "switched_off")
