"""Who sees an approval and its ticket, who asks, votes, recalls, replaces; Mallory is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.approvals.making import cast, make_approval, plan, stages_of
from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.approvals import services
from webapp.desk.records import services as records
from webapp.people.accounts.models import Account, Role

SignIn = Callable[[Account], PageClient]


@pytest.fixture
def dora(app: object) -> Account:
    return make_account("Dora", language="en")


def test_mallory_is_told_that_there_is_nothing(bob, carol, mallory, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(carol))
    browser = sign_in(mallory)
    browser.get(f"/records/{approval.id}", status=404)
    for deed in ("votes", "recall"):
        browser.post(f"/approvals/{approval.id}/{deed}", {"vote": "approve", "stage": "1"}, status=404)
    browser.post(f"/approvals/{approval.id}/replacements", status=403)
    browser.get("/records/approval/new", status=403)
    browser.post("/records/approval/new", {"title": "x"}, status=403)
    browser.get("/approvals/people?q=a", status=403)


def test_a_ticket_is_no_approval(bob, sign_in: SignIn) -> None:
    ticket = make_ticket(bob)
    browser = sign_in(bob)
    for deed in ("votes", "recall", "replacements"):
        browser.post(f"/approvals/{ticket.id}/{deed}", status=404)
    browser.post(f"/approvals/{10**30}/votes", status=404)


def test_who_sees_it_but_is_not_asked_cannot_vote(bob, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(carol))
    frank = make_account("Frank", role=Role.SUPPORT)
    for account in (bob, frank):
        browser = sign_in(account)
        assert not browser.get(f"/records/{approval.id}").select(".vote-form")
        browser.post(f"/approvals/{approval.id}/votes", {"vote": "approve", "stage": "1"}, status=403)
    assert stages_of(approval)[0].approved == 0


def test_initiator_and_staff_recall_and_an_approver_does_not(bob, alice, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(alice))
    sign_in(alice).post(f"/approvals/{approval.id}/recall", {"reason": "x"}, status=403)
    sign_in(alice).post(f"/approvals/{approval.id}/replacements", status=403)
    sign_in(make_account("Frank", role=Role.SUPPORT)).post(
        f"/approvals/{approval.id}/recall", {"reason": "x"}
    )
    db.session.expire_all()
    assert approval["status"] == "recalled"


def test_approvers_read_the_ticket_with_its_public_comments_only(bob, alice, dora, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, description="The old one is broken")
    records.add_comment(ticket, "Which size?", author=bob, is_internal=False)
    records.add_comment(ticket, "She has two already", author=bob, is_internal=True)
    approval = make_approval(bob, plan(dora), ticket=ticket.id)
    browser = sign_in(dora)
    page = browser.get(f"/records/{ticket.id}")
    assert "The old one is broken" in page.text
    assert "Which size?" in page.text
    assert "She has two already" not in page.text
    assert not page.select("#status-panel form, #people-panel form[action$='/assignment'], a[href$='/edit']")
    assert browser.get(f"/records/{approval.id}").select_one(f"a[href='/records/{ticket.id}']")
    browser.post(f"/records/{ticket.id}/comments", {"body": "Why so big?", "audience": "public"})
    browser.post(f"/records/{ticket.id}/comments", {"body": "x", "audience": "internal"}, status=403)


def test_who_is_replaced_sees_neither_any_more(bob, alice, dora, carol, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    approval = make_approval(bob, plan(dora), ticket=ticket.id)
    services.replace_approver(approval, 1, before=dora, after=carol, actor=bob)
    db.session.commit()
    browser = sign_in(dora)
    for record in (ticket, approval):
        browser.get(f"/records/{record.id}", status=404)


def test_the_requester_of_the_ticket_does_not_see_who_votes_how(bob, alice, dora, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    approval = make_approval(bob, plan(dora), ticket=ticket.id)
    browser = sign_in(alice)
    browser.get(f"/records/{approval.id}", status=404)
    assert not browser.get(f"/records/{ticket.id}").select("#children-approval")


def test_what_was_asked_is_not_changed_but_the_deadline_is(bob, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(carol), description="One screen")
    browser = sign_in(bob)
    page = browser.get(f"/records/{approval.id}/edit")
    assert [field["name"] for field in page.select("[id^=field-][name]")] == ["deadline"]
    typed = {"title": "Buy ten screens", "description": "Ten", "ticket": "1", "deadline": "2999-01-01T10:00"}
    browser.submit(f"/records/{approval.id}/edit", "form[action$='/edit']", typed)
    db.session.expire_all()
    assert (approval.title, approval["description"], approval.parent_id) == (
        "Buy a screen",
        "One screen",
        None,
    )
    assert approval["deadline"].year == 2999


def test_no_status_is_moved_by_hand(bob, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(carol))
    browser = sign_in(carol)
    assert not browser.get(f"/records/{approval.id}").select("#status-panel form")
    for status in ("approved", "rejected", "recalled", "pending"):
        browser.post(f"/records/{approval.id}/status", {"status": status, "comment": "x"}, status=422)
    cast(approval, carol)
    assert approval["status"] == "approved"
