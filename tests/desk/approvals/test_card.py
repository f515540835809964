"""The panel of votes, the list of what waits, the box of "My work", the history in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.approvals.making import cast, make_approval, plan, stages_of
from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.approvals import services
from webapp.desk.approvals.outcomes import Rule
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def dora(app: object) -> Account:
    return make_account("Dora Target", language="en")


def words(page: object, selector: str) -> list[str]:
    return [" ".join(each.text.split()) for each in page.select(selector)]  # type: ignore[attr-defined] # soup


def test_an_approver_votes_on_the_card_without_javascript(bob, dora, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora, carol))
    browser = sign_in(dora)
    vote = {"vote": "approve", "comment": "Go on"}
    browser.submit(f"/records/{approval.id}", ".vote-form", vote)
    page = browser.follow()
    assert not page.select(".vote-form")
    assert words(page, ".vote-progress > span:last-child") == ["1 for, 0 against; 1 approval is missing"]
    assert "Go on" in page.select_one(".vote-comment").text
    assert len(page.select(".pip-yes")) == 1


def test_a_vote_by_htmx_brings_the_pieces_that_changed(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    browser = sign_in(dora)
    form = {"stage": "1", "vote": "reject", "comment": "Too dear"}
    pieces = browser.post(f"/approvals/{approval.id}/votes", form, status=200, headers=HTMX)
    swapped = {each["id"] for each in pieces.select("[hx-swap-oob]")}
    assert {"approval-panel", "status-panel", "facts", "comments"} <= swapped
    assert "Rejected" in pieces.select_one("#status-panel").text


def test_a_rejection_without_a_reason_is_refused_beside_the_comment(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    browser = sign_in(dora)
    for headers in ({}, HTMX):
        page = browser.post(
            f"/approvals/{approval.id}/votes", {"stage": "1", "vote": "reject"}, status=422, headers=headers
        )
        assert page.select_one("#vote-comment-error")
    assert stages_of(approval)[0].rejected == 0


@pytest.mark.parametrize(
    ("stage", "vote"), [("1", ""), ("1", "maybe"), ("", "approve"), ("-1", "approve"), ("1e9", "approve")]
)
def test_a_vote_that_is_none_is_refused_and_keeps_its_words(
    stage: str, vote: str, bob, dora, sign_in: SignIn
) -> None:
    approval = make_approval(bob, plan(dora))
    form = {"stage": stage, "vote": vote, "comment": "My thoughts"}
    page = sign_in(dora).post(f"/approvals/{approval.id}/votes", form, status=422)
    assert page.select_one("[role=alert]")
    assert page.select_one(".vote-form textarea").text.strip() == "My thoughts"


def test_a_vote_is_not_cast_by_following_a_link(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    browser = sign_in(dora)
    browser.get(f"/approvals/{approval.id}/votes?stage=1&vote=approve", status=405)
    browser.get(f"/go/record/{approval.id}?vote=approve")
    assert stages_of(approval)[0].approved == 0


def test_a_vote_that_comes_too_late_is_told_so(bob, dora, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora, carol, rule=Rule.ANY))
    cast(approval, carol)
    page = sign_in(dora).post(
        f"/approvals/{approval.id}/votes", {"stage": "1", "vote": "approve"}, status=422
    )
    assert "decided or recalled meanwhile" in page.text


def test_a_hostile_comment_is_shown_as_text(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    text = "<script>alert(1)</script>\nhttps://example.org/a"
    cast(approval, dora, yes=False, comment=text)
    comment = sign_in(bob).get(f"/records/{approval.id}").select_one(".vote-comment")
    assert "<script>alert(1)</script>" in comment.text
    assert not comment.select("script")


def test_the_initiator_recalls_on_the_card_and_says_why(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    browser = sign_in(bob)
    assert browser.submit(f"/records/{approval.id}", "form[action$='/recall']", {}, status=422).select_one(
        "#recall-reason-error"
    )
    browser.submit(f"/records/{approval.id}", "form[action$='/recall']", {"reason": "Found one"})
    page = browser.follow()
    assert "Found one" in page.select_one("#comments").text
    assert not page.select("form[action$='/recall']")
    assert words(page, ".voter .state") == ["Did not vote"]


def test_staff_ask_somebody_else_for_one_who_was_deactivated(bob, dora, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora), plan(carol))
    dora.is_active = False
    db.session.commit()
    browser = sign_in(bob)
    page = browser.get(f"/records/{approval.id}")
    assert "Dora Target" in page.select_one("#approval-panel .alert-warning").text
    form = "form[action$='/replacements']"
    for typed, field in (
        ("nobody", "after-1"),
        (f"{carol.email}; {bob.email}", "after-1"),
        (bob.email, "after-1"),
    ):
        refused = browser.submit(f"/records/{approval.id}", form, {"after": typed}, status=422)
        assert refused.select_one(f"#{field}-error"), typed
    browser.submit(f"/records/{approval.id}", form, {"before": "999999", "after": carol.email}, status=422)
    browser.submit(f"/records/{approval.id}", form, {"after": carol.email})
    page = browser.follow()
    assert not page.select("#approval-panel .alert-warning")
    history = browser.get(f"/records/{approval.id}/history").text
    assert "replaced an approver in stage 1" in " ".join(history.split())


def test_the_list_and_my_work_show_what_waits_for_my_vote(bob, dora, carol, sign_in: SignIn) -> None:
    mine = make_approval(bob, plan(dora), plan(carol), title="Mine now")
    make_approval(bob, plan(carol), plan(dora), title="Mine later")
    browser = sign_in(dora)
    assert words(browser.get("/records/approval?part=awaited"), ".cell-main") == ["Mine now"]
    assert "Mine now" in browser.get("/").select_one("#box-awaited-approval").text
    assert words(browser.get("/records/approval"), ".cell-main") == ["Mine later", "Mine now"]
    cast(mine, dora)
    assert not browser.get("/").select("#box-awaited-approval")
    assert browser.get("/records/approval?part=awaited").select_one(".empty-state")


def test_the_history_reads_as_sentences(bob, dora, carol, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora), plan(carol), ticket=make_ticket(bob).id)
    cast(approval, dora)
    cast(approval, carol, stage=2, yes=False)
    browser = sign_in(bob)
    entries = words(browser.get(f"/records/{approval.id}/history"), ".timeline > li")
    assert "Carol Volkova rejected in stage 2" in entries[0]
    assert "0 for, 1 against; 1 of 1 have to approve" in entries[0]
    assert "Being approved → Rejected" in entries[0]
    assert "Dora Target approved in stage 1" in entries[1]
    assert "Asked in stage 2: Carol Volkova" in entries[1]
    assert "Bob Miller registered the record" in entries[2]
    assert "Asked in stage 1: Dora Target" in entries[2]


def test_a_recalled_approval_says_so_to_whom_it_asked(bob, dora, sign_in: SignIn) -> None:
    approval = make_approval(bob, plan(dora))
    services.recall(approval, actor=bob, comment="No need")
    db.session.commit()
    page = sign_in(dora).get(f"/records/{approval.id}")
    assert not page.select(".vote-form")
    assert words(page, ".vote-stage .state")[0] == "Recalled"


def test_a_ticket_has_no_panel_of_votes(bob, sign_in: SignIn) -> None:
    assert not sign_in(bob).get(f"/records/{make_ticket(bob).id}").select("#approval-panel")
