"""What servers answer, and what it means for the delivery."""

import pytest

from tests.mail.samples import ALICE, BOB, CAROL, SYSTEM, envelope, raw_mail, send, yes
from webapp.mail.transports.base import Envelope, Problem, Step, Verdict


def test_a_mail_is_sent_when_the_server_says_250_after_the_dot(sink, transport_to):
    outcome = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB]

    assert (outcome.verdict, outcome.step, outcome.code) == (Verdict.SENT, Step.DOT, 250)
    assert outcome.reply == "2.0.0 taken"
    assert [(taken.sender, taken.recipients, taken.raw) for taken in sink.ledger] == [
        (SYSTEM, (BOB,), raw_mail())
    ]


def test_several_mails_share_one_session_without_a_reset(sink, transport_to):
    transport = transport_to(sink)
    for text in ("one", "two", "three"):
        assert send(transport, envelope(BOB), raw_mail(text), yes)[BOB].verdict is Verdict.SENT

    assert sink.sessions == 1
    assert len(sink.ledger) == 3
    assert "RSET" not in sink.lines


def test_a_session_is_reset_only_after_an_unfinished_mail(sink, transport_to):
    sink.script["rcpt", 1] = "550 5.1.1 nobody"
    transport = transport_to(sink)
    send(transport, envelope(BOB), raw_mail(), yes)
    send(transport, envelope(CAROL), raw_mail(), yes)

    assert sink.lines.count("RSET") == 1
    assert [taken.recipients for taken in sink.ledger] == [(CAROL,)]


# step, reply, verdict, problem, whether the server is left alone for a while
TABLE = [
    ("greeting", "421 4.3.2 closing", Verdict.LATER, Problem.SERVER_BUSY, True),
    ("greeting", "450 not now", Verdict.LATER, Problem.SERVER_BUSY, True),
    ("greeting", "554 5.7.1 go away", Verdict.SERVER_PROBLEM, Problem.GREETING_REFUSED, False),
    ("ehlo", "550 5.7.1 bad name", Verdict.SERVER_PROBLEM, Problem.GREETING_REFUSED, False),
    ("mail", "421 4.7.0 too many", Verdict.LATER, Problem.SERVER_BUSY, True),
    ("mail", "451 4.3.0 later", Verdict.LATER, Problem.SERVER_BUSY, False),
    ("mail", "452 4.3.1 disk full", Verdict.LATER, Problem.SERVER_BUSY, False),
    ("mail", "553 5.7.1 not your address", Verdict.SERVER_PROBLEM, Problem.SENDER_REFUSED, False),
    ("mail", "530 5.7.0 sign in first", Verdict.SERVER_PROBLEM, Problem.SIGN_IN_REQUIRED, False),
    ("mail", "530 5.7.0 Must issue a STARTTLS", Verdict.SERVER_PROBLEM, Problem.TLS_REQUIRED, False),
    ("mail", "552 5.3.4 too big", Verdict.REFUSED, Problem.TOO_LARGE, False),
    ("rcpt", "421 4.7.0 slow down", Verdict.LATER, Problem.SERVER_BUSY, True),
    ("rcpt", "450 4.2.0 greylisted", Verdict.LATER, Problem.SERVER_BUSY, False),
    ("rcpt", "452 4.5.3 too many", Verdict.LATER, Problem.TOO_MANY_RECIPIENTS, False),
    ("rcpt", "552 too many", Verdict.LATER, Problem.TOO_MANY_RECIPIENTS, False),
    ("rcpt", "550 5.1.1 nobody", Verdict.REFUSED, Problem.RECIPIENT_REFUSED, False),
    (
        "rcpt",
        "550 5.7.30 Basic authentication",
        Verdict.SERVER_PROBLEM,
        Problem.BASIC_SIGN_IN_DISABLED,
        False,
    ),
    ("data", "451 4.3.0 later", Verdict.LATER, Problem.SERVER_BUSY, False),
    ("data", "554 5.6.0 no", Verdict.REFUSED, Problem.MESSAGE_REFUSED, False),
    ("dot", "421 4.3.2 closing", Verdict.LATER, Problem.SERVER_BUSY, True),
    ("dot", "451 4.3.0 later", Verdict.LATER, Problem.SERVER_BUSY, False),
    ("dot", "554 5.7.1 spam", Verdict.REFUSED, Problem.MESSAGE_REFUSED, False),
    ("dot", "552 5.3.4 too big", Verdict.REFUSED, Problem.TOO_LARGE, False),
    ("dot", "354 what", Verdict.AMBIGUOUS, Problem.PROTOCOL_ERROR, False),
    ("body", "552 5.3.4 stop", Verdict.REFUSED, Problem.TOO_LARGE, False),
]


# What servers say to strangers and to a login that may not use the sender's address.
ABOUT_US = [
    ("mail", "503 5.5.4 Error: send AUTH command first", Problem.SIGN_IN_REQUIRED),
    ("mail", "550 5.7.1 Authentication required", Problem.SIGN_IN_REQUIRED),
    ("rcpt", "550 5.7.57 Client was not authenticated to send anonymous mail", Problem.SIGN_IN_REQUIRED),
    ("rcpt", "554 5.7.1 <bob@b.test>: Relay access denied", Problem.RELAY_DENIED),
    ("rcpt", "554 <bob@b.test>: Recipient address rejected: Relay access denied", Problem.RELAY_DENIED),
    ("rcpt", "550 5.7.1 <bob@b.test>... Relaying denied", Problem.RELAY_DENIED),
    ("rcpt", "550 relay not permitted", Problem.RELAY_DENIED),
    ("rcpt", "550 5.7.1 Unable to relay for bob@b.test", Problem.RELAY_DENIED),
    ("rcpt", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", Problem.RELAY_DENIED),
    ("rcpt", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Problem.RELAY_DENIED),
    ("rcpt", "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", Problem.RELAY_DENIED),
    ("rcpt", "553 5.7.1 <a@a.test>: Sender address rejected: not owned by user b", Problem.SENDER_REFUSED),
    ("dot", "554 5.2.252 SendAsDenied; b@a.test not allowed to send as a@a.test", Problem.SENDER_REFUSED),
    ("dot", "550 5.7.60 SMTP; Client has no permissions to send as this sender", Problem.SENDER_REFUSED),
    ("dot", "554 Originator address does not match authentication credentials", Problem.SENDER_REFUSED),
]  # fmt: skip


@pytest.mark.parametrize(("step", "reply", "problem"), ABOUT_US)
def test_a_refusal_of_our_settings_is_no_refusal_of_the_mail(sink, transport_to, step, reply, problem):
    sink.script[step, 1] = reply

    outcome = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, problem)


@pytest.mark.parametrize(("step", "reply", "verdict", "problem", "cools_down"), TABLE)
def test_each_reply_has_its_meaning(sink, transport_to, step, reply, verdict, problem, cools_down):
    sink.script[step, 1] = reply

    outcome = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB]

    assert (outcome.verdict, outcome.problem, outcome.cool_down) == (verdict, problem, cools_down)
    assert (outcome.code, outcome.reply) == (int(reply[:3]), reply[4:])
    assert sink.ledger == []


def test_each_recipient_has_an_own_answer(sink, transport_to):
    sink.script |= {("rcpt", 1): "550 5.1.1 nobody", ("rcpt", 3): "450 4.2.0 later"}

    outcomes = send(transport_to(sink), envelope(ALICE, BOB, CAROL), raw_mail(), yes)

    assert {address: outcome.verdict for address, outcome in outcomes.items()} == {
        ALICE: Verdict.REFUSED,
        BOB: Verdict.SENT,
        CAROL: Verdict.LATER,
    }
    assert [taken.recipients for taken in sink.ledger] == [(BOB,)]


def test_421_at_the_second_recipient_leaves_nobody_marked_as_sent(sink, transport_to):
    sink.script["rcpt", 2] = "421 4.7.0 closing"
    transport = transport_to(sink)

    outcomes = send(transport, envelope(ALICE, BOB, CAROL), raw_mail(), yes)

    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.LATER}
    assert all(outcome.cool_down for outcome in outcomes.values())
    assert not transport.is_open
    assert sink.ledger == []


def test_421_after_a_refusal_takes_nothing_back(sink, transport_to):
    sink.script |= {("rcpt", 1): "550 5.1.1 nobody", ("rcpt", 2): "421 4.7.0 closing"}

    outcomes = send(transport_to(sink), envelope(ALICE, BOB, CAROL), raw_mail(), yes)

    assert [outcomes[who].verdict for who in (ALICE, BOB, CAROL)] == [
        Verdict.REFUSED, Verdict.LATER, Verdict.LATER,
    ]  # fmt: skip
    assert sink.ledger == []


def test_421_after_some_mails_is_later_and_the_next_session_goes_on(sink, transport_to):
    sink.script["mail", 3] = "421 4.7.0 enough for now, try again in 5 minutes"
    transport = transport_to(sink)
    outcomes = [send(transport, envelope(BOB), raw_mail(), yes)[BOB] for _ in range(4)]

    assert [outcome.verdict for outcome in outcomes] == [
        Verdict.SENT, Verdict.SENT, Verdict.LATER, Verdict.SENT,
    ]  # fmt: skip
    assert outcomes[2].retry_after_s == 300
    assert sink.sessions == 2


def test_a_server_that_knows_only_helo_is_spoken_to_plainly(sink, transport_to):
    sink.script["ehlo", 1] = "502 5.5.1 not implemented"

    assert send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB].verdict is Verdict.SENT
    assert f"MAIL FROM:<{SYSTEM}>" in sink.lines


def test_the_null_sender_of_automatic_answers_is_allowed(sink, transport_to):
    sent = send(transport_to(sink), Envelope("", (BOB,)), raw_mail(), yes)

    assert sent[BOB].verdict is Verdict.SENT
    assert sink.ledger[0].sender == ""


def test_replies_are_shown_without_control_characters_and_cut(sink, transport_to):
    sink.script["rcpt", 1] = "550 \x1b[31mred\x07\u202e " + "x" * 2000

    reply = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB].reply

    assert reply.startswith("[31mred x")
    assert len(reply) == 500
