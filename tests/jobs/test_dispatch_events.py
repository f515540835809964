"""The dispatcher: exactly once, in order, through failures of subscribers, of itself and of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from jobs import dispatch_events as job
from jobs import stopping
from jobs.dispatch_events import dispatch_events
from tests.desk.making import make_ticket
from tests.rules.failing import failing_subscriber
from webapp import pipeline
from webapp.core import job_queue, leases
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.events.models import Event, Receipt
from webapp.events.services import Subject, part_of
from webapp.job_names import JobName
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account
from webapp.rules.look import Look


@pytest.fixture
def ticket(alice: Account, bob: Account) -> Record:
    """A ticket whose event nobody has handled yet."""
    return make_ticket(alice, title="No paper", assignee=bob.id)


def part(ticket: Record) -> int:
    number = part_of(Subject("record", ticket.id))
    db.session.commit()
    return number


def undone() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(~Event.is_done)) or 0


def messages() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def receipts() -> list[Receipt]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Receipt).order_by(Receipt.event_id).execution_options(populate_existing=True)
        )
    )


@contextmanager
def worker_dies(when: str = "write_batch") -> Iterator[None]:
    """Let the worker die inside the block as a kill does it: nothing is cleaned up after it."""
    real, real_release = getattr(pipeline, when), leases.release

    class Killed(BaseException):
        pass

    def die(*_arguments: object) -> None:
        raise Killed

    setattr(pipeline, when, die)
    leases.release = lambda _held: None
    try:
        yield
    except Killed:
        db.session.rollback()
    finally:
        setattr(pipeline, when, real)
        leases.release = real_release


def let_the_lease_run_out() -> None:
    db.session.execute(update(leases.Lease).values(until=leases.sql_now(-1)))
    db.session.commit()


def test_an_event_is_handled_once(ticket: Record) -> None:
    number = part(ticket)
    dispatch_events(number)
    dispatch_events(number)
    assert undone() == 0
    assert messages() == 2


def test_events_of_one_record_are_handled_in_their_order(ticket: Record, bob: Account) -> None:
    for number in range(45):  # more than two batches
        services.add_comment(ticket, f"{number}", author=bob, is_internal=False)
    db.session.commit()
    while undone():  # a job that has been at it for five seconds leaves the rest to the next
        dispatch_events(part(ticket))
    found = db.session.scalars(
        select(Message.event_id).where(Message.rule_code == "comment.public.requester").order_by(Message.id)
    )
    numbers = list(found)
    assert len(numbers) == 45
    assert numbers == sorted(numbers)


def test_a_failing_subscriber_is_recorded_and_does_not_stop_the_others(ticket: Record) -> None:
    with failing_subscriber():
        dispatch_events(part(ticket))
    assert undone() == 0
    (receipt,) = receipts()
    assert (receipt.state, receipt.error) == ("failed", "RuntimeError: the catalogue is on fire")
    second = make_ticket(db.session.get(Account, ticket.author_id), title="No ink")
    dispatch_events(part(second))
    assert messages() == 1


def test_a_subscriber_that_breaks_the_transaction_does_not_break_the_batch(ticket: Record) -> None:
    real = pipeline.SUBSCRIBERS

    def breaks(_event: Event, _look: Look) -> None:
        db.session.execute(text("INSERT INTO lease (name, fence) VALUES (NULL, 0)"))

    number = part(ticket)
    pipeline.SUBSCRIBERS = (("broken", breaks), *real)
    try:
        dispatch_events(number)
    finally:
        pipeline.SUBSCRIBERS = real
    assert messages() == 2
    assert ("broken", "failed") in {(one.subscriber, one.state) for one in receipts()}


def test_an_event_that_nobody_looks_at_leaves_no_receipt(ticket: Record, bob: Account) -> None:
    services.subscribe(ticket, bob, actor=bob)
    services.unsubscribe(ticket, bob, actor=bob)
    db.session.commit()
    dispatch_events(part(ticket))
    assert undone() == 0
    created, subscribed, _unsubscribed = db.session.scalars(select(Event.id).order_by(Event.id))
    assert [one.event_id for one in receipts()] == [created, subscribed]


def test_a_second_worker_leaves_a_part_alone_that_another_holds(ticket: Record) -> None:
    number = part(ticket)
    held = leases.take(f"dispatch:{number}", 60)
    db.session.commit()
    assert held is not None
    dispatch_events(number)
    assert undone() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(ticket: Record) -> None:
    number = part(ticket)
    real = pipeline.read_batch

    def read_slowly(*arguments: int) -> object:
        read = real(*arguments)
        db.session.rollback()
        db.session.execute(update(leases.Lease).values(holder="another", fence=leases.Lease.fence + 1))
        db.session.commit()
        return read

    pipeline.read_batch = read_slowly  # type: ignore[assignment]
    try:
        dispatch_events(number)
    finally:
        pipeline.read_batch = real
    assert undone() == 1
    assert messages() == 0


def test_after_a_dead_worker_its_events_are_handled_once(ticket: Record) -> None:
    number = part(ticket)
    with worker_dies():
        dispatch_events(number)
    assert undone() == 1
    let_the_lease_run_out()
    dispatch_events(number)
    assert undone() == 0
    assert messages() == 2


def test_an_event_on_which_the_worker_dies_is_given_up_after_three_tries(
    ticket: Record, bob: Account
) -> None:
    number = part(ticket)
    for _ in range(4):
        with worker_dies():
            dispatch_events(number)
        let_the_lease_run_out()
    dispatch_events(number)
    assert undone() == 0
    (receipt,) = receipts()
    assert (receipt.state, receipt.error) == ("failed", job.DEADLY)


def test_events_behind_a_deadly_one_are_handled(ticket: Record, bob: Account) -> None:
    services.add_comment(ticket, "Hello", author=bob, is_internal=False)
    db.session.commit()
    number = part(ticket)
    db.session.execute(update(Event).where(Event.kind == "record.created").values(attempts=3))
    db.session.commit()
    with worker_dies():
        dispatch_events(number)
    let_the_lease_run_out()
    dispatch_events(number)
    assert undone() == 0
    assert messages() == 1  # of the comment
    assert [one.state for one in receipts()] == ["failed", "done"]


def test_a_batch_that_cannot_be_written_is_taken_apart(ticket: Record, bob: Account) -> None:
    services.add_comment(ticket, "Hello", author=bob, is_internal=False)
    db.session.commit()
    number, real = part(ticket), pipeline.write_batch
    deadly = db.session.scalar(select(Event.id).where(Event.kind == "record.created"))
    db.session.commit()

    def write(event_ids: list[int], handled: list[pipeline.Handled]) -> None:
        if deadly in event_ids:
            raise ValueError("too long")
        real(event_ids, handled)

    pipeline.write_batch = write
    try:
        dispatch_events(number)
    finally:
        pipeline.write_batch = real
    assert undone() == 0
    assert [(one.event_id == deadly, one.state) for one in receipts()] == [(True, "failed"), (False, "done")]


def test_trouble_with_the_database_is_nobodys_fault(ticket: Record) -> None:
    number = part(ticket)
    with (
        failing_subscriber(error=OperationalError("SELECT", {}, Exception("gone"))),
        pytest.raises(OperationalError),
    ):
        dispatch_events(number)
    db.session.rollback()
    assert undone() == 1
    assert receipts() == []
    dispatch_events(number)
    assert messages() == 2


def test_a_worker_that_is_asked_to_stop_leaves_the_rest_and_rings(ticket: Record) -> None:
    number = part(ticket)
    stopping.request_stop()
    try:
        dispatch_events(number)
    finally:
        stopping.forget()
    assert undone() == 1
    # The part is free again, and somebody was rung for what is left.
    assert leases.take(f"dispatch:{number}", 60) is not None
    assert job_queue.do_others_wait(JobName.DISPATCH_EVENTS)


def test_a_busy_database_is_never_counted_against_an_event(ticket: Record) -> None:
    number, real = part(ticket), pipeline.write_batch

    def busy(*_arguments: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    pipeline.write_batch = busy
    try:
        for careful in (False, True, True, True, True):
            if careful:
                look_like_a_takeover(number)
            with pytest.raises(OperationalError):
                dispatch_events(number)
    finally:
        pipeline.write_batch = real
    assert (undone(), receipts()) == (1, [])
    assert db.session.scalar(select(Event.attempts).where(~Event.is_done)) == 0
    dispatch_events(number)
    assert messages() == 2


def look_like_a_takeover(number: int) -> None:
    """Let the next holder believe that the one before died, so that it goes one event at a time."""
    db.session.rollback()
    dead = update(leases.Lease).where(leases.Lease.name == f"dispatch:{number}")
    db.session.execute(dead.values(holder="dead", until=leases.sql_now(-1)))
    db.session.commit()
