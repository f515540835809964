"""A database that was put back from a backup: nothing leaves until a person has decided."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs.deliver_mail import deliver_mail
from jobs.ring_again import ring_again
from tests.messaging.messages.restoring import RELEASE, look, mark, put_back
from tests.messaging.messages.rows import states, write
from tests.support import mail
from tests.support.background import StoppedClock
from tests.support.smtp_sink import SmtpSink
from webapp.core import high_water, job_queue
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import HighWaterMark
from webapp.messaging.messages import claims, restores
from webapp.messaging.messages.restores import Suspicion

STEP_S = 60


@pytest.fixture
def clock(app: Flask):
    """A clock that begins at this very moment, as the file system's does."""
    stopped = StoppedClock(datetime.now(UTC))
    yield stopped
    stopped.go()


@pytest.fixture
def sink():
    with SmtpSink() as running:
        yield running


def work_on(clock: StoppedClock, **time: float) -> None:
    """Let the program run for a time, with its clock looking twice a minute."""
    ends_at = now() + timedelta(**time)
    while now() < ends_at:
        assert look()
        clock.move(seconds=STEP_S / 2)


def announced(kind: EventKind) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Event.kind == kind.value)) or 0


def test_a_new_database_is_trusted_and_notes_that_it_is_alive(clock, folder):
    assert look()
    first = mark().alive_at
    clock.move(seconds=STEP_S - 1)
    assert look()
    assert mark().alive_at == first
    clock.move(seconds=1)
    assert look()
    assert mark().alive_at == now()


def test_what_is_remembered_never_runs_ahead_of_what_a_crash_may_take_back(clock, folder):
    for _ in range(5):
        look()
        assert high_water.remembered(folder, mark().database) <= mark().alive_at - timedelta(seconds=STEP_S)
        clock.move(seconds=STEP_S)


def test_a_backup_that_was_put_back_sends_nothing(alice, sink, clock, folder):
    connection = mail.make_connection(sink.port)
    look()
    backup = mark().alive_at
    work_on(clock, minutes=10)
    mail.create(mail.make_order(alice))
    put_back(backup)
    deliver_mail(connection.id)
    assert (states(), sink.sessions) == ({"waiting": 1}, 0)
    held = mark()
    assert (held.suspicion, held.alive_at) == (Suspicion.BEHIND, backup)
    assert backup < held.remembered_at <= now()
    assert announced(EventKind.MAIL_STOPPED) == 1
    for _ in range(3):
        clock.move(minutes=30)
        ring_again()
        deliver_mail(connection.id)
    assert (sink.sessions, mark().alive_at, announced(EventKind.MAIL_STOPPED)) == (0, backup, 1)
    assert claims.list_due_connections() == []


def test_a_sender_looks_before_each_claim(alice, sink, clock, folder):
    """The database is replaced under a program that runs, as a server's can be."""
    connection = mail.make_connection(sink.port)
    look()
    backup = mark().alive_at
    work_on(clock, minutes=10)
    mail.create(*[mail.make_order(alice) for _ in range(claims.BATCH + 5)])
    finish, engine = sink.keep, db.engine

    def replace_meanwhile(*values, **named):
        with engine.begin() as other:
            other.execute(update(HighWaterMark).values(alive_at=backup))
        finish(*values, **named)

    sink.keep = replace_meanwhile
    deliver_mail(connection.id)
    assert states() == {"sent": claims.BATCH, "waiting": 5}
    assert mark().suspicion == Suspicion.BEHIND


def test_losing_less_than_a_step_is_no_restore(alice, sink, clock, folder):
    """A database that takes over from another may lack its last moments."""
    connection = mail.make_connection(sink.port)
    work_on(clock, minutes=10)
    mail.create(mail.make_order(alice))
    put_back(mark().alive_at - timedelta(seconds=STEP_S))
    deliver_mail(connection.id)
    assert states() == {"sent": 1}


def test_a_machine_that_was_off_for_a_weekend_sends_what_waits(alice, sink, clock, folder):
    connection = mail.make_connection(sink.port)
    mail.create(mail.make_order(alice, expires_at=now() + timedelta(days=9)))
    look()
    clock.move(days=2)
    deliver_mail(connection.id)
    assert states() == {"sent": 1}


@pytest.mark.parametrize(
    ("hours", "has_mail", "may_leave"), [(2, True, False), (2, False, True), (0.5, True, True)]
)
def test_a_machine_that_never_saw_the_database_trusts_one_that_was_alive_lately_or_has_nothing_to_send(
    alice, sink, clock, folder, hours, has_mail, may_leave
):
    connection = mail.make_connection(sink.port)
    look()
    write(connection.id, 1 if has_mail else 0, account=alice)
    db.session.execute(update(Event).values(is_done=True))
    db.session.commit()
    (folder / high_water.FILE).unlink()
    clock.move(hours=hours)
    assert look() is may_leave
    assert mark().suspicion == (None if may_leave else Suspicion.UNKNOWN)
    assert (high_water.remembered(folder, mark().database) is not None) is may_leave


def test_events_that_nobody_handled_yet_are_something_to_send(clock, folder):
    mail.make_connection()  # announces that it is there
    look()
    (folder / high_water.FILE).unlink()
    clock.move(hours=2)
    assert not look()


def test_an_instance_that_was_put_back_as_a_whole_is_not_believed(alice, clock, folder):
    """Its file says what its database says; only the file system knows that it is a copy."""
    look()
    write(mail.make_connection().id, 1, account=alice)
    clock.move(hours=20)
    words = json.loads((folder / high_water.FILE).read_text())
    words["written_at"] = (datetime.fromisoformat(words["written_at"]) - timedelta(hours=20)).isoformat()
    (folder / high_water.FILE).write_text(json.dumps(words))
    assert not look()
    assert mark().suspicion == Suspicion.UNKNOWN


def test_a_release_sends_what_waits_and_the_next_look_is_content(
    alice, carol, sink, clock, folder, sign_in, redis_server
):
    connection = mail.make_connection(sink.port)
    look()
    backup = mark().alive_at
    work_on(clock, minutes=10)
    mail.create(mail.make_order(alice))
    put_back(backup)
    assert not look()
    redis_server.flush()
    sign_in(carol).post(RELEASE)
    assert job_queue.count_waiting(JobName.DELIVER_MAIL) == 1
    assert announced(EventKind.MAIL_RELEASED) == 1
    assert db.session.scalar(select(Event.actor_id).where(Event.kind == "mail.released")) == carol.id
    deliver_mail(connection.id)
    assert states() == {"sent": 1}
    work_on(clock, minutes=5)
    assert mark().suspicion is None


def test_a_release_is_believed_also_when_the_clock_went_back(clock, folder):
    look()
    backup = mark().alive_at
    work_on(clock, minutes=90)
    put_back(backup)
    assert not look()
    clock.move(hours=-1)
    restores.release(actor_id=None)
    db.session.commit()
    assert look()


def test_a_clock_that_jumps_and_comes_back_holds_nothing(alice, sink, clock, folder):
    connection = mail.make_connection(sink.port)
    work_on(clock, minutes=3)
    clock.move(hours=1)
    work_on(clock, minutes=3)
    clock.move(hours=-1, minutes=-4)
    mail.create(mail.make_order(alice))
    deliver_mail(connection.id)
    assert states() == {"sent": 1}
