"""Approvals told: who hears of which stage, what the mails hold, and where they lead."""

from __future__ import annotations

from tests.stories.cast import BOTH, Cast
from webapp.core.db import db
from webapp.desk.approvals import services
from webapp.desk.records import services as records
from webapp.messaging.messages import bodies

ASKED = "approval.requested.approvers"


def text_to(cast: Cast, code: str, role: str) -> str:
    message = next(one for one in cast.messages() if one.rule_code == code and one.role == role)
    assert message.body
    return bodies.unpack(message.body.packed_parts).text


def test_the_people_of_a_stage_are_asked_when_it_opens_and_not_before(cast: Cast) -> None:
    approval = cast.request("dave", then=("grace", "erin"))
    assert cast.told_by(ASKED) == {"dave": ("approver", BOTH)}
    cast.forget()
    cast.vote(approval, "dave", is_approval=True)
    assert cast.told_by(ASKED) == {"grace": ("approver", BOTH), "erin": ("approver", BOTH)}
    assert cast.told_by("approval.vote.initiator") == {"frank": ("initiator", BOTH)}
    assert "2 из 2" in text_to(cast, ASKED, "approver")


def test_who_replaces_somebody_is_asked_alone(cast: Cast) -> None:
    approval = cast.request("dave", "grace")
    cast.forget()
    services.replace_approver(approval, 1, before=cast["grace"], after=cast["erin"], actor=cast["bob"])
    db.session.commit()
    assert cast.told_by(ASKED) == {"erin": ("approver", BOTH)}


def test_of_the_vote_that_ends_it_the_initiator_is_told_once(cast: Cast) -> None:
    approval = cast.request("dave")
    cast.forget()
    cast.vote(approval, "dave", is_approval=True)
    assert cast.told_by("approval.vote.initiator") == {}
    assert "frank" in cast.told_by("approval.approved")


def test_the_requester_is_led_to_the_ticket_and_the_others_to_the_approval(cast: Cast) -> None:
    approval = cast.request("dave")
    cast.forget()
    cast.vote(approval, "dave", is_approval=False)
    code = "approval.rejected"
    assert f"/go/record/{cast.ticket.id}\n" in text_to(cast, code, "ticket_requester") + "\n"
    assert f"/go/record/{approval.id}\n" in text_to(cast, code, "initiator") + "\n"
    led = {one.role: one.subject_id for one in cast.messages() if one.rule_code == code}
    assert led == {
        "initiator": approval.id, "ticket_assignee": approval.id, "ticket_requester": cast.ticket.id
    }  # fmt: skip
    assert cast.words in text_to(cast, code, "ticket_requester")


def test_nobody_is_asked_to_vote_by_a_comment_on_the_approval(cast: Cast) -> None:
    approval = cast.request("dave")
    cast.forget()
    records.add_comment(approval, "How much is it?", author=cast["grace"], is_internal=False)
    db.session.commit()
    assert cast.told_by(ASKED) == {}


def test_a_deactivated_approver_is_passed_over(cast: Cast) -> None:
    approval = cast.request("dave", then=("grace",))
    cast["grace"].is_active = False
    db.session.commit()
    cast.forget()
    cast.vote(approval, "dave", is_approval=True)
    assert cast.told_by(ASKED) == {}
