"""Deadlines follow what happens to a record: terms, status, answers, people's own moments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.architecture.sources import ROOT
from tests.desk.agreeing import USUAL, deadline, make_agreement, make_calendar, rule
from tests.desk.making import make_record, make_ticket
from tests.support.background import StoppedClock, run_job
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import book, countdown, queries, recounts
from webapp.desk.agreements import services as agreements
from webapp.desk.agreements.keeping import deadline_attributes
from webapp.desk.agreements.models import Deadline
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services
from webapp.desk.records.kept_in_step import Refused
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.people.accounts.models import Account
from webapp.people.calendars import services as calendars
from webapp.people.calendars.forms import shown

H = timedelta(hours=1)


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 by the clock of Moscow."""
    return datetime(2026, 11, day, hour - 3, minute, tzinfo=UTC)


@pytest.fixture
def friday(clock: StoppedClock) -> StoppedClock:
    """Friday, 16:00 in Moscow: two working hours are left of the week."""
    clock.move(hours=-20)
    assert now() == moscow(20, 16)
    return clock


def set_clock(clock: StoppedClock, at: datetime) -> None:
    clock.move(seconds=(at - now()).total_seconds())


def move(ticket: Record, status: str, actor: Account) -> None:
    services.change_status(ticket, status, actor=actor, comment="because")
    db.session.commit()


def change(ticket: Record, actor: Account, **values: object) -> None:
    typed = {name: ticket.template.attribute(name).typed for name in values}
    held = {name: typed[name].to_json(ticket[name]) for name in values}
    services.change_attributes(ticket, values, actor=actor, shown=held)
    db.session.commit()


def settle(app: Flask) -> None:
    """Count anew in the background."""
    recount = queries.get_latest_recount()
    assert recount is not None
    number = recount.id
    db.session.commit()
    run_job(app, JobName.RECOUNT_DEADLINES, number)
    db.session.expire_all()


def last_event() -> Event:
    found = db.session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
    assert found is not None
    return found


def test_a_new_ticket_has_both_deadlines_in_its_first_event(friday: StoppedClock, alice: Account) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    assert ticket["react_by"] == moscow(20, 18)
    assert ticket["deadline"] == moscow(23, 16)
    assert last_event().changes["deadline"] == {"before": None, "after": moscow(23, 16).isoformat()}
    assert ticket.version == 1
    row = deadline(ticket)
    assert (row.term_s, row.left_s, row.starts_at, row.due_at) == (
        28_800,
        28_800,
        ticket.created_at,
        moscow(23, 16),
    )


def test_without_an_agreement_there_is_no_deadline(alice: Account, bob: Account) -> None:
    ticket = make_ticket(alice)
    move(ticket, "in_progress", bob)
    assert ticket["deadline"] is None
    assert queries.list_deadlines(ticket.id) == []


def test_an_agreement_that_is_not_in_force_promises_nothing(alice: Account) -> None:
    wanted = agreements.Wanted("Off", make_calendar(), USUAL, is_active=False, is_default=True)
    agreements.create_agreement(wanted, actor=None)
    db.session.commit()
    assert make_ticket(alice)["deadline"] is None


def test_the_narrowest_rule_counts(app: Flask, carol: Account) -> None:
    mail, other = make_record("service", carol, title="Mail"), make_record("service", carol, title="Other")
    rules = (*USUAL, rule("0:30", "3:00", service=mail), rule("0:10", "1:00", service=mail, priority=1))
    agreement = make_agreement(rules=rules)
    known = book.get()
    found = {
        (service, priority): known.promise(None, service, priority).terms.resolution_s // 3600
        for service in (mail.id, other.id, None)
        for priority in (1, 3, None)
    }
    assert found == {
        (mail.id, 1): 1, (mail.id, 3): 3, (mail.id, None): 3,
        (other.id, 1): 4, (other.id, 3): 8, (other.id, None): 8,
        (None, 1): 4, (None, 3): 8, (None, None): 8,
    }  # fmt: skip
    assert known.promise(None, None, 3).agreement_id == agreement.id


def test_a_customer_has_their_own_agreement(friday: StoppedClock, alice: Account, carol: Account) -> None:
    make_agreement()
    around = make_calendar("Always", hours="0:00-24:00", days=7, country=None)
    special = make_agreement(around, "Special", rules=(rule("0:15", "1:00"),), is_default=False)
    acme = make_record("customer", carol, title="Acme")
    agreements.add_customer(special, acme.id, actor=carol)
    db.session.commit()
    assert make_ticket(alice, customer=acme.id)["deadline"] == now() + H
    assert make_ticket(alice)["deadline"] == moscow(23, 16)


def test_the_first_move_out_of_new_meets_the_reaction(friday: StoppedClock, alice, bob) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    friday.move(minutes=30)
    move(ticket, "in_progress", bob)
    row = deadline(ticket, "reaction")
    assert (row.met_at, row.is_late) == (now(), False)
    friday.move(minutes=30)
    move(ticket, "resolved", bob)
    assert deadline(ticket, "reaction").met_at == now() - timedelta(minutes=30), "it is met once"


@pytest.mark.parametrize(("is_internal", "is_met"), [(False, True), (True, False)])
def test_a_public_answer_of_staff_meets_the_reaction(
    friday: StoppedClock, alice, bob, *, is_internal: bool, is_met: bool
) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    services.add_comment(ticket, "hello", author=bob, is_internal=is_internal)
    services.assign(ticket, assignee=bob, team=None, actor=bob)
    db.session.commit()
    assert (deadline(ticket, "reaction").met_at is not None) is is_met


def test_what_the_requester_says_is_no_reaction(friday: StoppedClock, alice: Account, bob: Account) -> None:
    make_agreement()
    own = make_ticket(bob)  # staff that asks for itself
    for ticket, author in ((make_ticket(alice), alice), (own, bob)):
        services.add_comment(ticket, "and another thing", author=author, is_internal=False)
        db.session.commit()
        assert deadline(ticket, "reaction").met_at is None


def test_a_late_reaction_stays_late(friday: StoppedClock, alice: Account, bob: Account) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    friday.move(hours=2, seconds=1)
    move(ticket, "in_progress", bob)
    assert deadline(ticket, "reaction").is_late
    assert not deadline(ticket).is_late


def test_a_pause_keeps_what_is_left_over_a_weekend_and_a_holiday(
    clock: StoppedClock, alice: Account, bob: Account
) -> None:
    make_agreement()
    set_clock(clock, moscow(3, 17))  # Tuesday before the Day of Unity
    ticket = make_ticket(alice)
    assert ticket["deadline"] == moscow(5, 17), "Wednesday is a holiday"
    clock.move(minutes=30)
    move(ticket, "postponed", bob)
    row = deadline(ticket)
    assert (row.left_s, row.due_at, row.paused_at) == (27_000, None, now())
    assert ticket["deadline"] is None
    assert last_event().changes["deadline"]["after"] is None
    set_clock(clock, moscow(6, 17))  # Friday
    move(ticket, "resumed", bob)
    assert ticket["deadline"] == moscow(9, 16, 30), "one hour on Friday, six and a half on Monday with lunch"
    move(ticket, "info_needed", bob)
    set_clock(clock, moscow(8, 12))  # Sunday
    move(ticket, "resumed", alice)
    assert deadline(ticket).left_s == 27_000, "no time was spent between"
    assert ticket["deadline"] == moscow(9, 17, 30)


def test_the_solution_is_met_at_the_end_and_counts_on_when_opened_again(
    friday: StoppedClock, alice: Account, bob: Account
) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    friday.move(hours=1)
    move(ticket, "resolved", bob)
    row = deadline(ticket)
    assert (row.met_at, row.is_late, row.left_s) == (now(), False, 25_200)
    assert ticket["deadline"] == moscow(23, 16), "it still says until when"
    set_clock(friday, moscow(24, 10))
    move(ticket, "in_progress", alice)
    assert (deadline(ticket).met_at, ticket["deadline"]) == (None, moscow(24, 18))


def test_what_was_late_when_it_ended_is_late_when_it_is_opened_again(friday, alice, bob) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    set_clock(friday, moscow(24, 12))
    move(ticket, "postponed", bob)
    assert deadline(ticket).left_s == -5 * 3600, "two hours of Monday, three of Tuesday"
    move(ticket, "resolved", bob)
    assert deadline(ticket).is_late
    move(ticket, "in_progress", bob)
    assert not deadline(ticket).is_late
    assert ticket["deadline"] == moscow(23, 16), "five working hours ago"


def test_another_priority_counts_what_was_spent(friday: StoppedClock, alice: Account, bob: Account) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    friday.move(hours=1)
    change(ticket, bob, priority="1")
    assert (ticket["react_by"], ticket["deadline"]) == (moscow(20, 17), moscow(23, 11))
    assert set(last_event().changes) == {"priority", "react_by", "deadline"}
    assert ticket.version == 2
    move(ticket, "postponed", bob)
    change(ticket, bob, priority="3")
    assert deadline(ticket).left_s == 7 * 3600, "also while the clock stands"
    assert ticket["deadline"] is None


def test_another_customer_brings_another_calendar(friday: StoppedClock, alice, bob, carol) -> None:
    make_agreement()
    around = make_calendar("Always", hours="0:00-24:00", days=7, country=None)
    special = make_agreement(around, "Special", rules=(rule("1:00", "10:00"),), is_default=False)
    acme = make_record("customer", carol, title="Acme")
    agreements.add_customer(special, acme.id, actor=carol)
    ticket = make_ticket(alice)
    friday.move(hours=1)
    change(ticket, bob, customer=acme.id)
    assert ticket["deadline"] == moscow(20, 16) + 10 * H
    change(ticket, bob, customer=None)
    assert ticket["deadline"] == moscow(23, 16)


def test_a_person_names_the_deadline_and_a_pause_does_not_move_it(
    friday: StoppedClock, alice: Account, bob: Account
) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    wanted = moscow(27, 12)
    change(ticket, bob, deadline=wanted)
    assert last_event().changes == {
        "deadline": {"before": moscow(23, 16).isoformat(), "after": wanted.isoformat()}
    }
    friday.move(hours=1)
    move(ticket, "postponed", bob)
    assert (ticket["deadline"], deadline(ticket).due_at) == (wanted, wanted)
    set_clock(friday, moscow(26, 10))
    move(ticket, "resumed", bob)
    change(ticket, bob, priority="1")
    assert ticket["deadline"] == wanted
    change(ticket, bob, deadline=None)
    assert ticket["deadline"] == moscow(26, 13), "the agreement's again: four hours but the one spent"


def test_a_deadline_can_be_named_where_nothing_is_promised(friday: StoppedClock, alice, bob) -> None:
    ticket = make_ticket(bob, deadline=moscow(27, 12))
    assert deadline(ticket).due_at == moscow(27, 12)
    change(ticket, bob, deadline=None)
    assert queries.list_deadlines(ticket.id) == []
    with pytest.raises(Refused):
        make_ticket(bob, deadline=now() - H)
    db.session.rollback()


def test_a_deadline_in_the_past_is_refused_and_nothing_is_saved(friday: StoppedClock, alice, bob) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    with pytest.raises(Refused, match="уже прошёл"):
        change(ticket, bob, deadline=now() - H, title="Other")
    db.session.rollback()
    assert ticket["deadline"] == moscow(23, 16)


def test_a_clock_that_is_set_back_gives_no_time_away(friday: StoppedClock, alice, bob) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    friday.move(hours=-1)
    move(ticket, "postponed", bob)
    assert deadline(ticket).left_s == 28_800
    friday.move(hours=2)  # and an hour ahead of where it was
    move(ticket, "resumed", bob)
    assert ticket["deadline"] == moscow(23, 17)


def test_terms_pass_the_change_of_the_clock(clock: StoppedClock, alice: Account) -> None:
    around = make_calendar("Always", "Europe/Berlin", hours="0:00-24:00", days=7, country=None)
    make_agreement(around, rules=(rule("1:00", "10:00"),))
    set_clock(clock, datetime(2027, 3, 27, 20, 0, tzinfo=UTC))  # 21:00 in Berlin, the night of the change
    ticket = make_ticket(alice)
    assert ticket["deadline"] == datetime(2027, 3, 28, 6, 0, tzinfo=UTC), "8:00 by the clock, ten hours later"


def test_an_agreement_that_changes_moves_open_deadlines_in_the_background(
    app: Flask, friday: StoppedClock, alice: Account, bob: Account, carol: Account
) -> None:
    agreement = make_agreement()
    running, paused, over = make_ticket(alice), make_ticket(alice), make_ticket(alice)
    move(paused, "postponed", bob)
    move(over, "resolved", bob)
    wanted = agreements.Wanted("Usual", agreement.calendar, (rule("1:00", "16:00"),), is_default=True)
    assert agreements.change_agreement(agreement, wanted, actor=carol)
    db.session.commit()
    recount = queries.get_latest_recount()
    assert (recount.total, recount.done, recount.ended_at) == (2, 0, None)
    settle(app)
    assert (running["react_by"], running["deadline"]) == (moscow(20, 17), moscow(24, 16))
    assert deadline(paused).left_s == 16 * 3600
    assert deadline(over).left_s == 8 * 3600
    assert (recount.done, recount.moved, recount.ended_at) == (2, 1, now())
    told = last_event()
    assert (told.subject_id, told.actor_id, told.changes["deadline"]["after"]) == (
        running.id,
        None,
        moscow(24, 16).isoformat(),
    )


def test_a_calendar_that_changes_moves_open_deadlines_too(
    app: Flask, friday: StoppedClock, alice: Account, carol: Account
) -> None:
    calendar = make_calendar()
    make_agreement(calendar)
    tickets = [make_ticket(alice) for _ in range(recounts.BATCH + 3)]
    calendars.add_exception(calendar, moscow(23, 12).date(), "Day of the company", (), actor=carol)
    db.session.commit()
    recount = queries.get_latest_recount()
    assert recounts.go_on(recount)
    db.session.commit()
    assert not recounts.go_on(recount)
    db.session.commit()
    assert {ticket["deadline"] for ticket in tickets} == {moscow(24, 16)}
    assert not recounts.go_on(recount), "what is over is over"
    assert calendars.change_calendar(calendar, replace(shown(calendar), name="Renamed"), actor=carol)
    assert queries.get_latest_recount() is recount, "a name moves no deadline"


def test_a_newer_recount_overtakes_the_one_that_goes_on(app: Flask, alice: Account, carol: Account) -> None:
    agreement = make_agreement()
    make_ticket(alice)
    first = recounts.start(carol)
    second = recounts.start(carol)
    db.session.commit()
    db.session.expire_all()
    assert not recounts.go_on(first)
    assert [each.id for each in queries.list_unfinished_recounts()] == [second.id]
    agreements.delete_agreement(agreement, actor=carol)
    db.session.commit()
    settle(app)
    assert db.session.scalar(select(func.count(Deadline.due_at))) == 0, "nobody promises anything any more"


def test_a_promise_that_comes_back_remembers_its_pauses(
    app: Flask, friday: StoppedClock, alice: Account, bob: Account, carol: Account
) -> None:
    agreement = make_agreement()
    ticket, waiting = make_ticket(alice), make_ticket(alice)
    for each in (ticket, waiting):
        move(each, "postponed", bob)
    set_clock(friday, moscow(25, 12))
    move(ticket, "resumed", bob)
    before, left_s = ticket["deadline"], deadline(waiting).left_s
    wanted = agreements.Wanted("Usual", agreement.calendar, USUAL, is_default=True)
    for is_active in (False, True):
        agreements.change_agreement(agreement, replace(wanted, is_active=is_active), actor=carol)
        db.session.commit()
        settle(app)
        assert ticket["deadline"] == (before if is_active else None)
    assert (deadline(waiting).left_s, deadline(waiting).due_at) == (left_s, None)


def test_open_tickets_get_deadlines_when_the_first_agreement_comes(
    app: Flask, friday: StoppedClock, alice: Account, bob: Account
) -> None:
    new, begun = make_ticket(alice), make_ticket(alice)
    move(begun, "in_progress", bob)
    friday.move(hours=1)
    make_agreement()
    settle(app)
    assert (new["react_by"], new["deadline"]) == (moscow(20, 18), moscow(23, 16))
    assert (begun["react_by"], begun["deadline"]) == (None, moscow(23, 16))


def test_moments_of_the_term_are_working_time(friday: StoppedClock, alice: Account, bob: Account) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    row, counted = deadline(ticket), book.get().working_time(deadline(ticket).calendar_id)
    assert countdown.moment_at(row, 0.75, counted) == moscow(23, 14)
    assert countdown.moment_at(row, 1, counted) == moscow(23, 16)
    assert countdown.moment_at(row, 1.25, counted) == moscow(23, 18)
    assert countdown.left(row, counted, moscow(23, 12)) == 3 * H
    move(ticket, "postponed", bob)
    assert countdown.moment_at(deadline(ticket), 0.75, counted) is None


def test_a_template_with_a_deadline_of_its_own_needs_no_agreement(app: Flask, friday, bob) -> None:
    template = get_template("ticket")
    template.attribute("deadline").options = {"deadline": True}
    db.session.commit()
    assert list(deadline_attributes(template)) == ["reaction", "deadline"]
    make_agreement()
    ticket = make_ticket(bob, deadline=moscow(25, 10))
    row = deadline(ticket, "deadline")
    counted = book.get().working_time(row.calendar_id)
    assert (row.term_s, row.due_at, row.starts_at) == (None, moscow(25, 10), ticket.created_at)
    assert countdown.whole_term(row, counted) == 19 * H
    move(ticket, "postponed", bob)
    assert deadline(ticket, "deadline").due_at == moscow(25, 10)
    set_clock(friday, moscow(25, 11))
    move(ticket, "resolved", bob)
    assert deadline(ticket, "deadline").is_late
    with pytest.raises(Refused):
        make_ticket(bob, deadline=now() - H)
    db.session.rollback()


def test_a_calendar_that_is_gone_works_always(friday: StoppedClock, alice: Account) -> None:
    make_agreement()
    row = deadline(make_ticket(alice))
    row.calendar_id = None
    assert book.get().working_time(None).add(moscow(20, 16), H) == moscow(20, 17)


def test_a_term_is_found_with_one_small_question(
    app: Flask, friday: StoppedClock, alice: Account, count_queries: Callable[[], list[str]]
) -> None:
    make_agreement()
    make_ticket(alice)
    asked = count_queries()
    make_ticket(alice)
    about = [each for each in asked if "agreement" in each or "calendar" in each]
    small = [each for each in about if each.startswith("SELECT") and "FROM deadline" not in each]
    assert len(small) == 1, about


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], list[str]]:
    """Collect the statements that are executed from now on."""

    def start() -> list[str]:
        found: list[str] = []

        def note(_connection, _cursor, statement, *_others) -> None:
            found.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        return found

    return start


@pytest.mark.process
@pytest.mark.parametrize(
    "module", ["webapp.launcher.web", "jobs.worker", "jobs.clock", "jobs.mailer", "webapp.cli"]
)
def test_every_process_keeps_deadlines(module: str, tmp_path: Path) -> None:
    program = (
        f"import {module}; from webapp.app import create_app; from webapp.core.config import Config\n"
        "from pathlib import Path\n"
        f"create_app(Config(instance=Path('{tmp_path}'), database_url='sqlite:///{tmp_path}/x.db', redis_url='unix:///nowhere',"
        " secret_keys=('x',)))\n"
        "from webapp.desk.records import kept_in_step; print(*kept_in_step.registered())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "webapp.desk.agreements.keeping.keep_deadlines" in done.stdout.split()
