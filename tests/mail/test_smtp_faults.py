"""Servers and networks that break at every step, and what we then believe."""

import select
import socket
import time

import pytest

from tests.mail.conftest import QUICK
from tests.mail.samples import ALICE, BOB, envelope, raw_mail, send, yes
from tests.support.patience import at_most
from tests.support.smtp_sink import SmtpSink
from webapp.core.net_guard import NetPolicy, connector
from webapp.mail.transports.base import Problem, Step, Verdict
from webapp.mail.transports.smtp import Encryption, SmtpSettings, SmtpTimeouts, SmtpTransport

BEFORE_DOT = [
    ("greeting", Step.CONNECT), ("ehlo", Step.CONNECT), ("mail", Step.SENDER),
    ("rcpt", Step.RECIPIENT), ("data", Step.DATA), ("body", Step.BODY),
]  # fmt: skip
OPENING = {Step.CONNECT}
ENVELOPE = {Step.SENDER, Step.RECIPIENT, Step.DATA}


@pytest.mark.parametrize("fault", ["drop", "rst"])
@pytest.mark.parametrize(("step", "told"), BEFORE_DOT)
def test_a_connection_lost_before_the_dot_is_free_to_try_again(sink, transport_to, step, told, fault):
    sink.script[step, 1] = fault
    raw = raw_mail("x" * 900 + "\r\n") if step != "body" else raw_mail(("x" * 900 + "\r\n") * 5_000)
    transport = transport_to(sink)

    outcome = send(transport, envelope(BOB), raw, yes)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.LATER, Problem.DISCONNECTED)
    # A reset throws away what is still unread: lines said ahead may then fail at the first of them.
    assert outcome.step == told or (fault == "rst" and {outcome.step, told} <= ENVELOPE)
    assert outcome.cool_down is (told in OPENING)
    assert not transport.is_open
    assert sink.ledger == []
    assert send(transport, envelope(BOB), raw_mail(), yes)[BOB].verdict is Verdict.SENT


@pytest.mark.parametrize("fault", ["drop", "rst"])
def test_a_connection_lost_in_a_small_body_is_in_doubt_only_for_mails_that_hurry(sink, transport_to, fault):
    sink.script["body", 1] = sink.script["body", 2] = fault
    transport = transport_to(sink)

    def it_is_gone() -> bool:
        wait_for_its_end(transport)
        return True

    careful = send(transport, envelope(BOB), raw_mail(), it_is_gone)[BOB]
    hurried = send(transport, envelope(BOB), raw_mail(), yes, may_hurry=True)[BOB]

    assert (careful.verdict, careful.step) == (Verdict.LATER, Step.BODY)
    assert (hurried.verdict, hurried.step) == (Verdict.AMBIGUOUS, Step.DOT)
    assert sink.ledger == []


@pytest.mark.parametrize("may_hurry", [False, True])
def test_a_mail_that_hurries_arrives_as_one_that_does_not(sink, transport_to, may_hurry):
    raw = raw_mail(".\r\n..two\r\nend.")

    outcome = send(transport_to(sink), envelope(BOB), raw, yes, may_hurry=may_hurry)[BOB]

    assert outcome.verdict is Verdict.SENT
    assert sink.raws() == [raw]


@pytest.mark.parametrize("fault", ["hang", "trickle"])
@pytest.mark.parametrize(("step", "told"), BEFORE_DOT[:-1])
def test_a_server_that_never_answers_costs_one_deadline(sink, transport_to, step, told, fault):
    sink.script[step, 1] = fault
    started = time.monotonic()

    outcome = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB]

    assert (outcome.verdict, outcome.step, outcome.problem) == (Verdict.LATER, told, Problem.TIMED_OUT)
    assert time.monotonic() - started < at_most(QUICK.command_s + 0.5)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("drop", Problem.DISCONNECTED),
        ("rst", Problem.DISCONNECTED),
        ("hang", Problem.TIMED_OUT),
        ("trickle", Problem.TIMED_OUT),
        ("flood", Problem.PROTOCOL_ERROR),
    ],
)
def test_an_answer_lost_after_the_dot_is_ambiguous(sink, transport_to, fault, problem):
    sink.script["dot", 1] = f"take-{fault}"
    transport = transport_to(sink)

    outcomes = send(transport, envelope(ALICE, BOB), raw_mail(), yes)

    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.AMBIGUOUS}
    assert {(outcome.step, outcome.problem) for outcome in outcomes.values()} == {(Step.DOT, problem)}
    assert len(sink.ledger) == 1
    assert not transport.is_open


def test_a_session_that_the_server_ended_while_idle_is_replaced_unseen(sink, transport_to):
    sink.script["dot", 1] = "bye"
    transport = transport_to(sink)
    first = send(transport, envelope(BOB), raw_mail(), yes)[BOB]
    wait_for_its_end(transport)
    second = send(transport, envelope(BOB), raw_mail(), yes)[BOB]

    assert [first.verdict, second.verdict] == [Verdict.SENT] * 2
    assert sink.sessions == 2


def wait_for_its_end(transport: SmtpTransport) -> None:
    """Wait until something of the server has come that nobody has read: the end of the session."""
    assert transport._session is not None
    assert transport._session._wire is not None
    assert select.select([transport._session._wire._sock], [], [], 20)[0]


def test_a_repeat_after_an_ambiguous_answer_is_identical(sink, transport_to):
    sink.script["dot", 1] = "take-drop"
    transport = transport_to(sink)
    for _ in range(2):
        send(transport, envelope(BOB), raw_mail(), yes)

    first, second = sink.raws()
    assert first == second


def test_a_late_answer_after_the_dot_is_waited_for_beyond_the_end_of_the_session(sink, transport_to):
    timeouts = SmtpTimeouts(command_s=0.5, after_dot_s=5, session_s=0.4)
    sink.script["dot", 1] = "slow"
    transport = transport_to(sink, timeouts=timeouts)

    assert send(transport, envelope(BOB), raw_mail(), yes)[BOB].verdict is Verdict.SENT
    assert not transport.is_open  # its time is over: the next mail gets a session of its own
    assert send(transport, envelope(BOB), raw_mail(), yes)[BOB].verdict is Verdict.SENT
    assert sink.sessions == 2


@pytest.mark.parametrize("fault", ["drop", "rst", "hang", "trickle", "500 no"])
def test_nothing_that_happens_at_quit_changes_what_was_sent(sink, transport_to, fault):
    sink.script["quit", 1] = fault
    transport = transport_to(sink)
    outcome = send(transport, envelope(BOB), raw_mail(), yes)[BOB]
    started = time.monotonic()
    transport.close()

    assert outcome.verdict is Verdict.SENT
    assert time.monotonic() - started < at_most(QUICK.quit_s + 0.5)
    assert len(sink.ledger) == 1


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail"])
@pytest.mark.parametrize("fault", ["flood", "long"])
def test_an_endless_answer_is_cut_off(sink, transport_to, step, fault):
    sink.script[step, 1] = fault

    outcome = send(transport_to(sink), envelope(BOB), raw_mail(), yes)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.LATER, Problem.PROTOCOL_ERROR)


def test_a_lost_claim_drops_the_session_without_the_dot(sink, transport_to):
    transport = transport_to(sink)

    outcome = send(transport, envelope(BOB), raw_mail(), lambda: False)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.LATER, Problem.LOST_CLAIM)
    assert not transport.is_open
    send(transport, envelope(ALICE), raw_mail(), yes)
    assert [taken.recipients for taken in sink.ledger] == [(ALICE,)]


def test_a_failure_before_the_dot_passes_and_nothing_is_sent(sink, transport_to):
    def fail() -> bool:
        raise RuntimeError("the database is away")

    transport = transport_to(sink)
    with pytest.raises(RuntimeError, match="the database is away"):
        send(transport, envelope(BOB), raw_mail(), fail)

    assert not transport.is_open
    send(transport, envelope(ALICE), raw_mail(), yes)
    assert [taken.recipients for taken in sink.ledger] == [(ALICE,)]


def test_the_dot_is_asked_for_when_all_else_is_on_the_wire(sink, transport_to):
    seen: list[list[str]] = []

    def look() -> bool:
        seen.append([line.split(" ")[0] for line in sink.lines])
        return not sink.ledger

    send(transport_to(sink), envelope(BOB), raw_mail(), look)

    assert seen == [["EHLO", "MAIL", "RCPT", "DATA"]]


def test_every_point_of_the_road_is_passed_in_order(transport_to, certificates):
    points: list[str] = []
    with SmtpSink(tls=certificates.good(), logins={"desk": "secret"}) as sink:
        transport = transport_to(
            sink, Encryption.STARTTLS, login="desk", password="secret", passing=points.append
        )
        send(transport, envelope(BOB), raw_mail(), yes)
        transport.close()

    assert points == [
        "connect", "tls", "auth", "mail", "rcpt", "data",
        "mid_body", "before_dot", "after_dot", "after_reply", "quit",
    ]  # fmt: skip


def test_nobody_listening_is_told_as_such():
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    outcome = _transport("127.0.0.1", port).open()

    assert (outcome.verdict, outcome.step, outcome.problem) == (
        Verdict.LATER, Step.CONNECT, Problem.CONNECTION_REFUSED,
    )  # fmt: skip
    assert outcome.cool_down


def test_an_unknown_host_is_told_as_such():
    outcome = _transport("no-such-host.invalid", 25).open()

    assert (outcome.verdict, outcome.step, outcome.problem) == (
        Verdict.LATER, Step.RESOLVE, Problem.UNKNOWN_HOST,
    )  # fmt: skip


def test_the_guard_makes_it_a_problem_of_the_settings(sink):
    settings = SmtpSettings("127.0.0.1", sink.port, Encryption.NONE)
    outcome = SmtpTransport(settings, connector(NetPolicy())).open()

    assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, Problem.GUARD_REFUSED)
    assert sink.sessions == 0


def _transport(host: str, port: int) -> SmtpTransport:
    settings = SmtpSettings(host, port, Encryption.NONE, timeouts=QUICK)
    return SmtpTransport(settings, connector(NetPolicy(allow_loopback=True)))
