"""A database that was put back from a backup: nothing leaves until a person has decided."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs.deliver_mail import deliver_mail
from jobs.ring_again import ring_again
from jobs.settle_group import settle_group
from tests.messaging.messages.rows import write
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
from webapp.messaging.messages import claims, groups, restores
from webapp.messaging.messages.models import Delivery, GroupDecision
from webapp.messaging.messages.restores import Suspicion

RELEASE = "/deliveries/release"
STEP_S = 60


@pytest.fixture
def clock(app: Flask):
    """A clock that begins at this very moment, as the file system's does."""
    stopped = StoppedClock(datetime.now(UTC))
    yield stopped
    stopped.go()


@pytest.fixture
def folder(app: Flask) -> Path:
    """The instance folder, in which this machine remembers nothing yet."""
    folder = app.config["VESTNIK"].instance
    (folder / high_water.FILE).unlink(missing_ok=True)
    return folder


@pytest.fixture
def sink():
    with SmtpSink() as running:
        yield running


def look() -> bool:
    """Look as the clock and senders do."""
    may_leave = restores.look()
    db.session.commit()
    return may_leave


def mark() -> HighWaterMark:
    db.session.rollback()
    return db.session.scalars(select(HighWaterMark).execution_options(populate_existing=True)).one()


def work_on(clock: StoppedClock, **time: float) -> None:
    """Let the program run for a time, with its clock looking twice a minute."""
    ends_at = now() + timedelta(**time)
    while now() < ends_at:
        assert look()
        clock.move(seconds=STEP_S / 2)


def put_back(moment: datetime) -> None:
    """Let the database say what a backup of the moment says."""
    db.session.execute(update(HighWaterMark).values(alive_at=moment))
    db.session.commit()


def announced(kind: EventKind) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Event.kind == kind.value)) or 0


def states() -> dict[str, int]:
    db.session.rollback()
    counted = select(Delivery.state, func.count().label("number")).group_by(Delivery.state)
    return {row.state: row.number for row in db.session.execute(counted)}


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


def stop(alice, *, ages_h: tuple[float, ...] = (1,)) -> int:
    """Let mail of these ages wait for a release; returns the connection's number."""
    connection = mail.make_connection()
    connection_id = connection.id
    look()
    for age_h in ages_h:
        write(connection_id, 1, account=alice, age_h=age_h)
    restores.hold(Suspicion.BEHIND, now())
    put_back(now() - timedelta(hours=12))
    return connection_id


def test_staff_are_told_everywhere_and_led_to_the_decision(alice, bob, carol, folder, sign_in):
    connection_id = stop(alice)
    carol.language = "en"
    for account in (bob, carol):
        browser = sign_in(account)
        for page in ("/", "/deliveries", f"/settings/mail/outgoing/{connection_id}"):
            assert browser.get(page).select_one(f".banners a[href='{RELEASE}']"), page
        for words in ("last in use at", "worked here with a later one", "1 message waits"):
            assert words in browser.text
    assert not sign_in(alice).get("/").select(".banners .alert")


def test_the_page_of_a_message_and_the_queue_say_why_it_waits(alice, bob, folder, sign_in):
    stop(alice)
    browser = sign_in(bob)
    browser.get("/messages/1")
    assert "All mail waits until a technologist releases it. It goes when it is released." in browser.text
    browser.get("/deliveries")
    assert "The queue does not get shorter. All mail waits" in browser.text
    browser.get("/deliveries?cause=unreleased")
    assert "1 delivery" in browser.text


def test_what_was_in_the_backup_is_skipped_and_the_rest_released(alice, carol, folder, sign_in):
    stop(alice, ages_h=(100, 30, 13, 11, 0.1))
    carol.language = "en"
    browser = sign_in(carol)
    page = browser.get(RELEASE)
    choices = [each.get_text(" ", strip=True) for each in page.select("#skip .form-check")]
    assert choices[0].startswith("written before the backup was made")
    assert [each.rpartition(": ")[2] for each in choices] == ["3", "4", "2", "1", "5"]
    assert page.select_one("#skip input[checked]")["value"] == "-1"
    browser.submit(RELEASE, "#skip form", {})
    assert states() == {"waiting": 2, "cancelled": 3}
    browser.follow()
    assert "3 messages are skipped" in browser.text
    browser.submit(RELEASE, "#release form", {})
    assert mark().unreleased_since is None
    assert states() == {"waiting": 2, "cancelled": 3}


def test_nothing_is_released_while_messages_are_still_being_skipped(
    alice, carol, folder, sign_in, monkeypatch
):
    stop(alice, ages_h=(30, 30, 30, 30))
    monkeypatch.setattr(groups, "BATCH", 3)
    browser = sign_in(carol)
    browser.submit(RELEASE, "#skip form", {})
    assert states() == {"cancelled": 3, "waiting": 1}
    browser.post(RELEASE)
    assert browser.response.headers["Location"].endswith(RELEASE)
    assert mark().unreleased_since is not None
    settle_group(db.session.scalar(select(GroupDecision.id)))
    assert states() == {"cancelled": 4}
    browser.post(RELEASE)
    assert mark().unreleased_since is None


def test_skipping_takes_every_connection_and_nothing_that_came_later(alice, carol, folder, sign_in):
    stop(alice, ages_h=(30,))
    write(mail.make_connection().id, 2, account=alice, age_h=40)
    browser = sign_in(carol)
    form = browser.get(RELEASE).select_one("#skip form")
    up_to = form.select_one("[name=up_to]")["value"]
    write(1, 1, account=alice, age_h=50)
    browser.post(f"{RELEASE}/skip", {"up_to": up_to, "age": "24"})
    assert states() == {"cancelled": 3, "waiting": 1}


@pytest.mark.parametrize("age", ["", "7", "many"])
def test_an_age_that_is_not_offered_is_refused_beside_its_field(alice, carol, folder, sign_in, age):
    stop(alice)
    page = sign_in(carol).post(f"{RELEASE}/skip", {"up_to": "99", "age": age}, status=422)
    assert page.select_one("#age-error")
    assert states() == {"waiting": 1}


def test_support_skips_and_a_technologist_releases(alice, bob, folder, sign_in):
    stop(alice)
    browser = sign_in(bob)
    page = browser.get(RELEASE)
    assert page.select_one("#skip form")
    assert not page.select(f"form[action='{RELEASE}']")
    browser.post(RELEASE, status=403)
    assert mark().unreleased_since is not None


def test_mallory_is_refused(alice, mallory, folder, sign_in):
    stop(alice)
    browser = sign_in(mallory)
    browser.get(RELEASE, status=403)
    for address in (RELEASE, f"{RELEASE}/skip"):
        browser.post(address, {"up_to": "9", "age": "0"}, status=403)
    assert states() == {"waiting": 1}
    assert mark().unreleased_since is not None


def test_where_nothing_waits_for_a_release_there_is_nothing_to_decide(alice, carol, folder, sign_in):
    browser = sign_in(carol)
    for deed in (browser.get, browser.post):
        deed(RELEASE)
    browser.post(f"{RELEASE}/skip")
    assert "/deliveries" in browser.response.headers["Location"]


@pytest.mark.parametrize(
    ("suspicion", "words"),
    [
        (Suspicion.BEHIND, "put back from a backup"),
        (Suspicion.UNKNOWN, "has not worked with it on this machine"),
        (Suspicion.ASKED, "by the command “vestnik hold”"),
    ],
)
def test_each_reason_is_told_in_plain_words(alice, bob, folder, sign_in, suspicion, words):
    look()
    restores.hold(suspicion)
    db.session.commit()
    browser = sign_in(bob)
    browser.get(RELEASE)
    assert words in browser.text
    browser.get("/deliveries")


def test_the_journal_of_events_tells_who_released_it(alice, carol, folder, sign_in):
    stop(alice)
    carol.language = "en"
    browser = sign_in(carol)
    browser.post(RELEASE)
    browser.get("/journals/events")
    assert "Carol Volkova released the mail that waited for it" in browser.text
    assert "let all mail wait until somebody releases it" in browser.text
