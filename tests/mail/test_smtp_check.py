"""The check of a connection that a technologist sees step by step."""

import time
from datetime import UTC, datetime

import pytest

from tests.mail.samples import BOB, SYSTEM, envelope, raw_mail
from tests.support.patience import at_most
from tests.support.smtp_sink import SmtpSink
from webapp.mail.transports.base import Problem, Step
from webapp.mail.transports.smtp import CHECK_TIMEOUTS, Encryption

TEST_MAIL = (envelope(BOB), raw_mail())


def test_a_good_connection_passes_every_step(transport_to, certificates):
    with SmtpSink(tls=certificates.good(), logins={"desk": "secret"}) as sink:
        transport = transport_to(sink, Encryption.STARTTLS, login="desk", password="secret")
        lines = list(transport.check(SYSTEM, TEST_MAIL))

        assert [line.step for line in lines] == [
            Step.RESOLVE, Step.CONNECT, Step.TLS, Step.SIGN_IN, Step.SENDER, Step.DOT,
        ]  # fmt: skip
        assert all(line.is_ok and line.problem is None and line.ms >= 0 for line in lines)
        assert lines[1].reply == "sink.test ready"
        assert lines[2].details["version"].startswith("TLSv1.")
        assert lines[2].details["subject"] == "localhost"
        assert datetime.fromisoformat(lines[2].details["expires"]) > datetime.now(UTC)
        assert lines[-1].reply == "2.0.0 taken"
        assert len(sink.ledger) == 1
        assert sink.lines[-1] == "QUIT"


def test_without_an_address_nothing_is_sent(sink, transport_to):
    lines = list(transport_to(sink).check(SYSTEM))

    assert [line.step for line in lines] == [Step.RESOLVE, Step.CONNECT, Step.SENDER]
    assert sink.lines[-2:] == ["RSET", "QUIT"]
    assert sink.ledger == []


def test_without_a_sender_the_connection_alone_is_tried(sink, transport_to):
    assert [line.step for line in transport_to(sink).check(None)] == [Step.RESOLVE, Step.CONNECT]


@pytest.mark.parametrize(
    ("script", "step", "problem", "at"),
    [
        ({("greeting", 1): "554 no"}, Step.CONNECT, Problem.GREETING_REFUSED, "connect"),
        ({("mail", 1): "553 not yours"}, Step.SENDER, Problem.SENDER_REFUSED, "sender"),
        ({("rcpt", 1): "550 nobody"}, Step.DOT, Problem.RECIPIENT_REFUSED, "recipient"),
        ({("dot", 1): "554 spam"}, Step.DOT, Problem.MESSAGE_REFUSED, "dot"),
    ],
)
def test_the_check_ends_at_the_first_failure(transport_to, script, step, problem, at):
    with SmtpSink(script) as sink:
        *good, last = transport_to(sink).check(SYSTEM, TEST_MAIL)

    assert all(line.is_ok for line in good)
    assert (last.step, last.is_ok, last.problem) == (step, False, problem)
    assert last.details == {"at": at}
    assert last.reply == next(iter(script.values()))[4:]


def test_an_unknown_host_fails_at_resolving(sink, transport_to):
    lines = list(transport_to(sink, host="no-such-host.invalid").check(SYSTEM))

    assert [(line.step, line.problem) for line in lines] == [(Step.RESOLVE, Problem.UNKNOWN_HOST)]


def test_a_trickling_server_costs_no_more_than_the_check_may(transport_to):
    with SmtpSink({("greeting", 1): "trickle"}) as sink:
        started = time.monotonic()
        *_, last = transport_to(sink).check(SYSTEM)

    assert last.problem is Problem.TIMED_OUT
    assert time.monotonic() - started < at_most(1.5)


def test_the_timeouts_of_a_check_end_within_ten_seconds():
    assert CHECK_TIMEOUTS.session_s <= 10


def test_a_check_that_is_left_halfway_closes_its_connection(sink, transport_to):
    lines = transport_to(sink).check(SYSTEM)
    next(lines)
    next(lines)
    lines.close()

    assert sink.lines == ["EHLO localhost"]
