"""What votes, recalls and replacements do to an approval, and what is written down of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.approvals.making import cast, make_approval, make_inactive_account, plan, stages_of
from tests.desk.making import make_ticket
from tests.support.people import make_account
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.approvals import services
from webapp.desk.approvals.outcomes import Rule
from webapp.desk.approvals.plans import MOST_APPROVERS, MOST_STAGES, BadPlan, StagePlan
from webapp.desk.records.models import Record, RecordPerson
from webapp.events.models import Event
from webapp.people.accounts.models import Account


@pytest.fixture
def dora(app: object) -> Account:
    return make_account("Dora")


def parts(record: Record, role: str) -> set[int]:
    mine = (RecordPerson.record_id == record.id, RecordPerson.role == role)
    return set(db.session.scalars(select(RecordPerson.account_id).where(*mine)))


def last_event(record: Record) -> Event:
    query = select(Event).where(Event.subject_id == record.id, Event.subject_type == "record")
    event = db.session.scalars(query.order_by(Event.id.desc())).first()
    assert event
    return event


def count_events(record: Record) -> int:
    return len(db.session.scalars(select(Event.id).where(Event.subject_id == record.id)).all())


def test_the_first_stage_is_asked_as_the_approval_is_made_in_one_event(bob, carol, alice) -> None:
    approval = make_approval(bob, plan(carol), plan(alice))
    assert approval["status"] == "pending"
    assert [stage.state for stage in stages_of(approval)] == ["open", "waiting"]
    assert count_events(approval) == 1
    data = last_event(approval).data
    assert (data["stage_opened"], data["stages"], data["approvers"]) == (1, 2, [carol.id])
    assert parts(approval, "approver") == {carol.id, alice.id}
    assert parts(approval, "voter") == {carol.id}


def test_an_approved_stage_opens_the_next_and_the_last_ends_it(bob, carol, alice) -> None:
    approval = make_approval(bob, plan(carol), plan(alice))
    cast(approval, carol)
    assert [stage.state for stage in stages_of(approval)] == ["approved", "open"]
    assert parts(approval, "voter") == {alice.id}
    event = last_event(approval)
    assert (event.kind, event.data["stage_opened"], event.data["approvers"]) == (
        "record.voted",
        2,
        [alice.id],
    )
    cast(approval, alice, stage=2)
    assert approval["status"] == "approved"
    event = last_event(approval)
    assert (event.kind, event.data["outcome"]) == ("record.changed", "approved")
    assert event.changes == {"status": {"before": "pending", "after": "approved"}}
    assert parts(approval, "voter") == set()
    assert count_events(approval) == 3


def test_a_rejected_stage_ends_it_and_the_next_is_never_asked(bob, carol, alice) -> None:
    approval = make_approval(bob, plan(carol), plan(alice))
    cast(approval, carol, yes=False)
    assert approval["status"] == "rejected"
    assert [stage.state for stage in stages_of(approval)] == ["rejected", "waiting"]
    with pytest.raises(services.NotOpen):
        cast(approval, alice, stage=2)


def test_a_vote_counts_once_and_is_not_changed(bob, carol, alice) -> None:
    approval = make_approval(bob, plan(carol, alice))
    cast(approval, carol)
    cast(approval, carol)  # a browser's repeat
    assert count_events(approval) == 2
    with pytest.raises(services.AlreadyVoted):
        cast(approval, carol, yes=False)
    db.session.rollback()
    assert stages_of(approval)[0].approved == 1
    cast(approval, alice)
    cast(approval, alice)  # a repeat of the vote that ended it
    assert (approval["status"], count_events(approval)) == ("approved", 3)


def test_only_those_who_are_asked_vote_and_only_in_the_open_stage(bob, carol, alice, mallory) -> None:
    approval = make_approval(bob, plan(carol), plan(alice))
    for account, stage in ((mallory, 1), (bob, 1), (alice, 1), (carol, 2), (carol, 0), (carol, 99)):
        with pytest.raises(services.NotAsked):
            cast(approval, account, stage=stage)
        db.session.rollback()
    with pytest.raises(services.NotOpen):
        cast(approval, alice, stage=2)


def test_a_rejection_says_why_in_a_comment_of_the_approval(bob, carol) -> None:
    approval = make_approval(bob, plan(carol))
    with pytest.raises(services.ReasonNeeded):
        services.vote(approval, 1, is_approval=False, account=carol)
    db.session.rollback()
    cast(approval, carol, yes=False, comment="Next year")
    vote = stages_of(approval)[0].approvers[0].vote
    assert vote
    assert vote.comment
    assert (vote.comment.body, vote.comment.is_internal) == ("Next year", False)
    assert last_event(approval).data["comment"]["id"] == vote.comment.id


def test_a_vote_is_no_edit_of_the_record(bob, carol, alice) -> None:
    approval = make_approval(bob, plan(carol, alice))
    version = approval.version
    cast(approval, carol)
    assert approval.version == version


def test_a_recall_ends_it_and_names_those_who_had_not_voted(bob, carol, alice, dora) -> None:
    approval = make_approval(bob, plan(carol, alice), plan(dora))
    cast(approval, carol)
    services.recall(approval, actor=bob, comment="Found one in the cellar")
    db.session.commit()
    assert approval["status"] == "recalled"
    assert last_event(approval).data["approvers"] == [alice.id]
    assert parts(approval, "voter") == set()
    for late in (lambda: cast(approval, alice), lambda: services.recall(approval, actor=bob, comment="x")):
        with pytest.raises(services.NotOpen):
            late()
        db.session.rollback()


def test_a_recall_says_why(bob, carol) -> None:
    approval = make_approval(bob, plan(carol))
    with pytest.raises(services.ReasonNeeded):
        services.recall(approval, actor=bob, comment="")


def test_somebody_else_is_asked_in_an_open_stage_at_once(bob, carol, alice, dora) -> None:
    ticket = make_ticket(alice)
    approval = make_approval(bob, plan(carol), plan(dora), ticket=ticket.id)
    services.replace_approver(approval, 1, before=carol, after=alice, actor=bob)
    db.session.commit()
    event = last_event(approval)
    assert event.kind == "record.approver_replaced"
    assert event.data["replaced"] == {"stage": 1, "before": carol.id, "after": alice.id}
    assert event.data["approvers"] == [alice.id]
    assert parts(approval, "voter") == {alice.id}
    assert parts(approval, "approver") == parts(ticket, "approver") == {alice.id, dora.id}
    with pytest.raises(services.NotAsked):
        cast(approval, carol)
    db.session.rollback()
    cast(approval, alice)


def test_somebody_else_in_a_later_stage_is_asked_when_it_opens(bob, carol, alice, dora) -> None:
    approval = make_approval(bob, plan(carol), plan(dora))
    services.replace_approver(approval, 2, before=dora, after=alice, actor=bob)
    db.session.commit()
    assert "approvers" not in last_event(approval).data
    cast(approval, carol)
    assert parts(approval, "voter") == {alice.id}


def test_who_is_asked_elsewhere_keeps_seeing_the_ticket(bob, carol, alice, dora) -> None:
    ticket = make_ticket(alice)
    approval = make_approval(bob, plan(carol), plan(carol), ticket=ticket.id)
    make_approval(bob, plan(carol), ticket=ticket.id)
    services.replace_approver(approval, 1, before=carol, after=dora, actor=bob)
    assert parts(approval, "approver") == {carol.id, dora.id}
    services.replace_approver(approval, 2, before=carol, after=dora, actor=bob)
    assert parts(approval, "approver") == {dora.id}
    assert parts(ticket, "approver") == {carol.id, dora.id}


def test_replacements_that_make_no_sense_are_refused(bob, carol, alice, dora) -> None:
    approval = make_approval(bob, plan(carol, alice), plan(dora))
    cast(approval, carol)
    gone = make_inactive_account("Gone")
    for stage, before, after, error in (
        (1, carol, dora, services.AlreadyVoted),
        (1, dora, carol, services.NotAsked),
        (3, alice, dora, services.NotAsked),
        (1, alice, carol, BadPlan),
        (1, alice, bob, BadPlan),
        (1, alice, gone, BadPlan),
    ):
        with pytest.raises(error):
            services.replace_approver(approval, stage, before=before, after=after, actor=bob)
        db.session.rollback()
    cast(approval, alice)
    with pytest.raises(services.NotOpen):
        services.replace_approver(approval, 1, before=alice, after=dora, actor=bob)


def test_an_edit_of_the_record_keeps_the_parts_of_approvers(bob, carol, alice) -> None:
    from webapp.desk.records.services import assign  # the columns of a ticket, which write its parts anew

    ticket = make_ticket(alice)
    make_approval(bob, plan(carol), ticket=ticket.id)
    assign(ticket, assignee=bob, team=None, actor=bob)
    db.session.commit()
    assert parts(ticket, "approver") == {carol.id}


def bad_plans(initiator: Account, one: Account, other: Account) -> Iterator[list[StagePlan]]:
    yield []
    yield [plan(one)] * (MOST_STAGES + 1)
    yield [plan()]
    yield [plan(one, one)]
    yield [plan(one, initiator)]
    yield [plan(one), plan(initiator)]
    yield [StagePlan(tuple(range(1, MOST_APPROVERS + 2)))]
    yield [StagePlan((10**9,))]
    yield [StagePlan((-1,))]
    for needed in (None, 0, -1, 3, 10**9):
        yield [plan(one, other, rule=Rule.SOME, needed=needed)]


def test_an_approval_that_makes_no_sense_is_refused_and_nothing_is_written(bob, carol, alice) -> None:
    for stages in bad_plans(bob, carol, alice):
        with pytest.raises(BadPlan):
            make_approval(bob, *stages)
        db.session.rollback()
    with pytest.raises(BadPlan):
        make_approval(bob, plan(carol), deadline=now() - timedelta(minutes=1))
    db.session.rollback()
    with pytest.raises(BadPlan):
        make_approval(bob, plan(make_inactive_account("Gone")))
    assert db.session.scalars(select(Event).where(Event.kind == "record.created")).all() == []


def test_one_form_makes_one_approval(bob, carol) -> None:
    made = [
        services.request_approval({"title": "x"}, [plan(carol)], author=bob, nonce="n" * 20) for _ in range(2)
    ]
    assert made[0] is made[1]
    assert len(stages_of(made[0])) == 1
