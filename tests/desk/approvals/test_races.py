"""Votes at once by several connections: each outcome is announced once, and no vote comes after it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.desk.approvals.making import make_approval, plan, stages_of
from tests.support.pages import PageClient
from tests.support.people import make_account
from tests.support.races import let_another_wait
from webapp.core.db import db
from webapp.desk.approvals import queries, services
from webapp.desk.approvals.outcomes import Rule, approvals_needed, outcome_of
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
VOTERS = 6
ROUNDS = 4


def vote_in_a_thread(app: Flask, barrier: threading.Barrier, ids: tuple[int, int], *, yes: bool) -> None:
    """Vote as a request does: read first, then lock, then commit; who comes too late leaves nothing."""
    with app.app_context():
        approval = db.session.get(Record, ids[0])
        account = db.session.get(Account, ids[1])
        assert approval
        assert account
        queries.list_stages(approval.id)
        db.session.commit()
        barrier.wait()
        try:
            services.vote(approval, 1, is_approval=yes, account=account, comment="why")
            db.session.commit()
        except services.NotOpen:
            db.session.rollback()
        finally:
            db.session.remove()


@pytest.mark.parametrize(
    ("rule", "needed"), [(Rule.ALL, None), (Rule.ANY, None), (Rule.SOME, 3)], ids=["all", "any", "some"]
)
def test_votes_at_once_come_to_what_their_order_says(
    rule: Rule, needed: int | None, app: Flask, bob: Account
) -> None:
    people = [make_account(f"V{number} Voter") for number in range(VOTERS)]
    for turn in range(ROUNDS):
        approval = make_approval(bob, plan(*people, rule=rule, needed=needed), plan(people[0]))
        barrier = threading.Barrier(VOTERS)
        votes = [(each.id, (place * 5 + turn) % 4 != 0 or turn == 0) for place, each in enumerate(people)]
        threads = [
            threading.Thread(
                target=vote_in_a_thread, args=(app, barrier, (approval.id, number)), kwargs={"yes": yes}
            )
            for number, yes in votes
        ]
        db.session.commit()  # what the test reads is a transaction too, for which SQLite would let all wait
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        db.session.rollback()
        assert_decided_in_order(approval, approvals_needed(rule, VOTERS, needed))


def assert_decided_in_order(approval: Record, needed: int) -> None:
    """Replay the votes in the order of their events: the outcome stands with the last, and nowhere before."""
    query = select(Event).where(Event.subject_id == approval.id, Event.subject_type == "record")
    events = [event for event in db.session.scalars(query.order_by(Event.id)) if "vote" in event.data]
    stage = stages_of(approval)[0]
    assert len(events) == stage.approved + stage.rejected
    counts = {True: 0, False: 0}
    for place, event in enumerate(events, 1):
        vote = event.data["vote"]
        counts[vote["is_approval"]] += 1
        assert (vote["approved"], vote["rejected"]) == (counts[True], counts[False])
        outcome = outcome_of(VOTERS, needed, counts[True], counts[False])
        assert (outcome is not None) == (place == len(events))
        assert ("stage_opened" in event.data or "outcome" in event.data) == (place == len(events))
    assert stage.outcome == outcome
    assert approval["status"] == ("rejected" if outcome == "rejected" else "pending")


def test_the_last_two_votes_at_once_end_it_once(bob, alice, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(alice, carol))
    browser = sign_in(alice)
    form = {"csrf_token": browser.csrf_token(), "stage": "1", "vote": "approve", "comment": ""}
    address, answers = f"/approvals/{approval.id}/votes", []
    other = threading.Thread(target=lambda: answers.append(browser.client.post(address, data=form)))
    services.vote(approval, 1, is_approval=True, account=carol)
    other.start()
    let_another_wait()
    db.session.commit()
    other.join()
    assert answers[0].status_code == 303
    db.session.expire_all()
    assert approval["status"] == "approved"


def test_a_vote_that_waits_for_a_recall_is_told_so_and_keeps_its_words(bob, alice, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(alice))
    browser = sign_in(alice)
    form = {"csrf_token": browser.csrf_token(), "stage": "1", "vote": "reject", "comment": "Far too dear"}
    address, answers = f"/approvals/{approval.id}/votes", []
    other = threading.Thread(target=lambda: answers.append(browser.client.post(address, data=form)))
    services.recall(approval, actor=bob, comment="Not needed")
    other.start()
    let_another_wait()
    db.session.commit()
    other.join()
    assert answers[0].status_code == 422
    db.session.expire_all()
    assert (approval["status"], stages_of(approval)[0].rejected) == ("recalled", 0)
    assert "Far too dear" in answers[0].get_data(as_text=True)
