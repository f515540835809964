"""A mail that goes to all of its recipients or to none."""

from __future__ import annotations

import pytest

from tests.mail.samples import ALICE, BOB, CAROL, Notes, envelope, raw_mail
from webapp.mail.transports.base import Parcel, Problem, Verdict

PERMANENT, LATER, RELAY = "550 5.1.1 nobody", "450 4.2.0 later", "554 5.7.1 Relay access denied"
SENT = Verdict.SENT


def whole(number: int, *recipients: str) -> Parcel:
    return Parcel(number, envelope(*recipients), raw_mail(f"mail {number}"), all_or_none=True)


@pytest.mark.parametrize(
    ("replies", "verdicts"),
    [
        ({}, [SENT, SENT, SENT]),
        ({ALICE: PERMANENT}, [Verdict.REFUSED] * 3),
        ({CAROL: PERMANENT}, [Verdict.REFUSED] * 3),
        ({BOB: LATER}, [Verdict.LATER] * 3),
        ({ALICE: LATER, CAROL: PERMANENT}, [Verdict.REFUSED] * 3),
        ({ALICE: PERMANENT, BOB: RELAY}, [Verdict.SERVER_PROBLEM] * 3),
    ],
)
def test_one_refusal_is_the_fate_of_all_and_the_session_goes_on(sink, transport_to, replies, verdicts):
    sink.script = {(f"rcpt {address}", 0): reply for address, reply in replies.items()}
    notes = Notes()

    transport_to(sink).carry([whole(1, ALICE, BOB, CAROL), whole(2, "dave@x.test")], notes)

    found = notes.outcomes[1]
    assert [found[address].verdict for address in (ALICE, BOB, CAROL)] == verdicts
    others = [one for address, one in found.items() if address not in replies and replies]
    assert all(one.problem is Problem.OTHERS_REFUSED and one.code is None for one in others)
    assert notes.outcomes[2]["dave@x.test"].verdict is SENT
    assert sink.sessions == 1
    expected = [(ALICE, BOB, CAROL)] if not replies else []
    assert [taken.recipients for taken in sink.ledger] == [*expected, ("dave@x.test",)]


def test_a_sender_that_is_refused_before_leaves_the_session_in_step(sink, transport_to):
    sink.script["mail", 1] = "451 4.3.0 later"
    notes = Notes()

    transport_to(sink).carry([whole(1, ALICE, BOB), whole(2, CAROL)], notes)

    assert [one.verdict for one in notes.outcomes[1].values()] == [Verdict.LATER] * 2
    assert [taken.recipients for taken in sink.ledger] == [(CAROL,)]
