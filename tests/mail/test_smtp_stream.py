"""Many mails over one session: what is on the wire when, and what one mail's fate does to the next."""

from __future__ import annotations

import pytest

from tests.mail.samples import ALICE, BOB, CAROL, Notes, envelope, raw_mail
from tests.support.smtp_conversation import Conversation
from tests.support.smtp_sink import SmtpSink
from webapp.mail.transports.base import Envelope, Outcome, Parcel, Problem, Step, Verdict
from webapp.mail.transports.smtp import SmtpTimeouts

SENT, LATER, REFUSED, AMBIGUOUS = Verdict.SENT, Verdict.LATER, Verdict.REFUSED, Verdict.AMBIGUOUS
TROUBLE = (Verdict.AMBIGUOUS, Verdict.SERVER_PROBLEM)
SLOW = SmtpTimeouts(command_s=5, after_dot_s=5, session_s=20)


@pytest.fixture
def pipelining():
    with SmtpSink(extensions=(*SmtpSink.extensions, "PIPELINING")) as running:
        yield running


def parcels(count: int, *recipients: str) -> list[Parcel]:
    return [
        Parcel(number, envelope(*(recipients or (BOB,))), raw_mail(f"mail {number}"))
        for number in range(1, count + 1)
    ]


def verdicts(notes: Notes) -> list[Verdict]:
    return [next(iter(outcomes.values())).verdict for _number, outcomes in sorted(notes.outcomes.items())]


def stops_at_trouble(notes: Notes) -> Notes:
    notes.goes_on = lambda outcomes: (
        not any(outcome.cool_down or outcome.verdict in TROUBLE for outcome in outcomes.values())
    )
    return notes


def test_mails_arrive_whole_and_in_order_over_one_session(sink, transport_to):
    mails, notes = parcels(30), Notes()

    transport_to(sink).carry(mails, notes)

    assert sink.raws() == [one.raw for one in mails]
    assert verdicts(notes) == [SENT] * 30
    assert sink.sessions == 1


def test_each_mail_is_settled_before_the_dot_of_the_next_and_the_wait_is_used(sink, transport_to):
    notes = Notes()

    transport_to(sink).carry(parcels(3), notes)

    assert [line for line in notes.story if line != "flush"] == [
        "dot 1", "prepare", "settle 1",
        "dot 2", "prepare", "settle 2",
        "dot 3", "prepare", "settle 3",
    ]  # fmt: skip


def test_the_next_envelope_is_on_the_wire_before_the_answer_to_the_dot(pipelining, transport_to):
    waiting: list[bytes] = []
    finish = Conversation.finish

    def look(conversation: Conversation, raw: bytes) -> None:
        if not conversation.buffer:
            conversation.read_some()
        waiting.append(conversation.buffer)
        finish(conversation, raw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conversation, "finish", look)
        transport_to(pipelining).carry(parcels(2), notes := Notes())

    assert verdicts(notes)[0] is SENT
    assert [line.split(b" ")[0] for line in waiting[0].split(b"\r\n")] == [b"MAIL", b"RCPT", b"DATA", b""]


def test_a_server_without_pipelining_is_never_told_ahead(transport_to):
    with SmtpSink() as plain:
        notes = Notes()
        told: list[int] = []
        notes.goes_on = lambda _outcomes: told.append(len(plain.lines)) or True
        transport_to(plain).carry(parcels(3), notes)

    assert told == [4, 7, 10]  # EHLO and three lines for each mail: nothing of the next was said


@pytest.mark.parametrize(
    ("step", "answer", "verdict", "problem"),
    [
        ("rcpt", "550 5.1.1 nobody", REFUSED, Problem.RECIPIENT_REFUSED),
        ("rcpt", "451 4.7.1 later", LATER, Problem.SERVER_BUSY),
        ("mail", "451 4.3.0 later", LATER, Problem.SERVER_BUSY),
        ("data", "554 5.6.0 no", REFUSED, Problem.MESSAGE_REFUSED),
        ("dot", "554 5.6.0 spam", REFUSED, Problem.MESSAGE_REFUSED),
        ("dot", "451 4.3.0 disk", LATER, Problem.SERVER_BUSY),
    ],
)
def test_one_mail_that_is_not_taken_does_not_disturb_its_neighbours(
    sink, transport_to, step, answer, verdict, problem
):
    sink.script[step, 2] = answer
    mails, notes = parcels(4), Notes()

    transport_to(sink).carry(mails, notes)

    assert verdicts(notes) == [SENT, verdict, SENT, SENT]
    assert notes.outcomes[2][BOB].problem is problem
    assert sink.raws() == [mails[0].raw, mails[2].raw, mails[3].raw]
    assert sink.sessions == 1


def test_a_server_that_wants_a_body_for_nobody_is_left_and_gets_none(transport_to):
    with SmtpSink(extensions=("PIPELINING",), always_wants_data=True) as careless:
        careless.script["rcpt", 1] = "550 5.1.1 nobody"
        mails, notes = parcels(2), Notes()
        transport_to(careless).carry(mails, notes)

    assert verdicts(notes) == [REFUSED, SENT]
    assert careless.raws() == [mails[1].raw]
    assert careless.sessions == 2


def test_each_of_three_recipients_has_a_fate_of_its_own(sink, transport_to):
    sink.script["rcpt", 1] = "550 5.1.1 nobody"
    sink.script["rcpt", 3] = "450 4.2.1 greylisted"
    notes = Notes()

    transport_to(sink).carry(parcels(2, ALICE, BOB, CAROL), notes)

    assert [notes.outcomes[1][who].verdict for who in (ALICE, BOB, CAROL)] == [REFUSED, SENT, LATER]
    assert [taken.recipients for taken in sink.ledger] == [(BOB,), (ALICE, BOB, CAROL)]


def test_goodbye_at_the_second_recipient_leaves_nobody_marked_as_sent(sink, transport_to):
    sink.script["rcpt", 2] = "421 4.7.0 too many for today"
    notes = stops_at_trouble(Notes())

    transport_to(sink).carry(parcels(2, ALICE, BOB), notes)

    assert {outcome.verdict for outcome in notes.outcomes[1].values()} == {LATER}
    assert all(outcome.cool_down for outcome in notes.outcomes[1].values())
    assert 2 not in notes.outcomes
    assert sink.ledger == []


def test_goodbye_after_some_mails_ends_the_journey_and_keeps_what_was_taken(sink, transport_to):
    sink.script["mail", 4] = "421 4.7.0 enough"
    notes = stops_at_trouble(Notes())

    transport_to(sink).carry(parcels(6), notes)

    assert verdicts(notes) == [SENT, SENT, SENT, LATER]
    assert notes.outcomes[4][BOB].cool_down
    assert len(sink.ledger) == 3


@pytest.mark.parametrize("fault", ["take-drop", "take-rst", "take-hang"])
def test_an_answer_lost_on_the_way_leaves_the_next_mail_unsent(sink, transport_to, fault):
    sink.script["dot", 2] = fault
    notes = stops_at_trouble(Notes())

    transport_to(sink).carry(parcels(4), notes)

    assert verdicts(notes) == [SENT, AMBIGUOUS]
    assert len(sink.ledger) == 2


def test_a_mail_that_may_not_be_sent_costs_the_session_and_not_the_others(sink, transport_to):
    mails, notes = parcels(4), Notes()
    notes.may_pass = lambda: notes.story[-1] != "dot 2"

    transport_to(sink).carry(mails, notes)

    assert verdicts(notes) == [SENT, LATER, SENT, SENT]
    assert notes.outcomes[2][BOB].problem is Problem.LOST_CLAIM
    assert sink.raws() == [mails[0].raw, mails[2].raw, mails[3].raw]


def test_a_ledger_that_says_stop_is_obeyed_and_the_rest_is_not_sent(sink, transport_to):
    notes = Notes()
    notes.goes_on = lambda _outcomes: len(notes.outcomes) < 2

    transport = transport_to(sink)
    transport.carry(parcels(5), notes)

    assert sorted(notes.outcomes) == [1, 2]
    assert len(sink.ledger) == 2
    transport.carry(parcels(1), notes)
    assert len(sink.ledger) == 3


def test_what_was_taken_is_written_down_while_the_server_lets_us_wait(pipelining, transport_to):
    pipelining.script["mail", 2] = "slow"  # the answer to the second envelope comes late
    notes = Notes()

    transport_to(pipelining, timeouts=SLOW).carry(parcels(2), notes)

    assert notes.story.index("flush", notes.story.index("settle 1")) < notes.story.index("dot 2")


def test_an_iterable_that_fails_ends_the_session_before_the_dot(sink, transport_to):
    def fails():
        yield from parcels(1)
        raise RuntimeError("no bytes")

    notes, transport = Notes(), transport_to(sink)
    with pytest.raises(RuntimeError, match="no bytes"):
        transport.carry(fails(), notes)

    assert not transport.is_open
    assert len(sink.ledger) == len(notes.outcomes)  # what was sent is settled


def test_a_session_that_cannot_be_opened_settles_the_first_mail_and_stops(transport_to, unused_port):
    class Nobody:
        port = unused_port

    notes = stops_at_trouble(Notes())
    transport_to(Nobody()).carry(parcels(3), notes)

    assert sorted(notes.outcomes) == [1]
    outcome = notes.outcomes[1][BOB]
    assert (outcome.verdict, outcome.step, outcome.cool_down) == (LATER, Step.CONNECT, True)


def test_a_failure_of_our_own_is_the_fate_of_one_mail(sink, transport_to):
    calls: list[str] = []

    def breaks(point: str) -> None:
        calls.append(point)
        if calls.count("mid_body") == 2 and point == "mid_body":
            raise RuntimeError("a mistake of ours")

    notes = Notes()
    transport_to(sink, passing=breaks).carry(parcels(3), notes)

    assert verdicts(notes) == [SENT, LATER, SENT]
    assert notes.outcomes[2][BOB] == Outcome(LATER, Step.BODY, problem=Problem.INTERNAL_ERROR)
    assert len(sink.ledger) == 2


def test_a_mail_that_this_server_cannot_carry_is_refused_between_two_that_go(sink, transport_to):
    mails, notes = parcels(3), Notes()
    mails[1] = Parcel(2, Envelope("desk@vestnik.test", ("a b@x.test",)), mails[1].raw)

    transport_to(sink).carry(mails, notes)

    assert verdicts(notes) == [SENT, REFUSED, SENT]
    assert len(sink.ledger) == 2
