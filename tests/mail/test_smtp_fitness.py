"""What a server can carry: what is refused before it travels, and what arrives as it was written."""

import socket
from itertools import product

import pytest

from tests.mail.samples import BOB, SYSTEM, envelope, mail, raw_mail, send, yes
from tests.support.smtp_sink import SmtpSink
from webapp.mail.address import Mailbox
from webapp.mail.outgoing import build
from webapp.mail.transports.base import Envelope, Parcel, Problem, Verdict
from webapp.mail.transports.smtp import Encryption, SmtpSettings, pass_by
from webapp.mail.transports.smtp.session import SmtpSession
from webapp.mail.transports.smtp.transaction import Transaction


def test_a_mail_over_the_size_of_the_server_is_refused_before_it_travels(transport_to):
    with SmtpSink(extensions=("SIZE 100",)) as sink:
        outcome = send(transport_to(sink), envelope(BOB), raw_mail("x" * 200), yes)[BOB]

        assert (outcome.verdict, outcome.problem) == (Verdict.REFUSED, Problem.TOO_LARGE)
        assert not any(line.startswith("MAIL") for line in sink.lines)


def test_an_address_beyond_ascii_is_refused_at_once_where_the_server_cannot_carry_it(transport_to):
    with SmtpSink(extensions=()) as sink:
        outcomes = send(transport_to(sink), envelope(BOB, "josé@x.test"), raw_mail(), yes)

        assert outcomes[BOB].verdict is Verdict.SENT
        assert outcomes["josé@x.test"].verdict is Verdict.REFUSED
        assert outcomes["josé@x.test"].problem is Problem.SMTPUTF8_NEEDED


def test_an_address_beyond_ascii_goes_where_the_server_can_carry_it(sink, transport_to):
    outcome = send(transport_to(sink), envelope("josé@x.test"), raw_mail(), yes)["josé@x.test"]

    assert outcome.verdict is Verdict.SENT
    assert any(line.startswith("MAIL") and line.endswith(" SMTPUTF8") for line in sink.lines)


@pytest.mark.parametrize("ours", ["sender", "reply_to"])
def test_an_address_of_ours_that_the_server_cannot_carry_is_nobody_elses_fault(transport_to, ours):
    address = "josé@vestnik.test"
    raw = build(mail(**{ours: Mailbox("Service desk", address)}))
    sender = address if ours == "sender" else SYSTEM
    with SmtpSink(extensions=("8BITMIME",)) as sink:
        outcome = send(transport_to(sink), Envelope(sender, (BOB,)), raw, yes)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, Problem.SMTPUTF8_NEEDED_BY_US)
    assert sink.ledger == []


def test_a_recipients_address_that_the_server_cannot_carry_is_refused_also_when_a_header_names_it(
    transport_to,
):
    recipient = "josé@x.test"
    with SmtpSink(extensions=("8BITMIME",)) as sink:
        raw = build(mail(to=(Mailbox("", recipient),)))
        outcome = send(transport_to(sink), envelope(recipient), raw, yes)[recipient]

    assert (outcome.verdict, outcome.problem) == (Verdict.REFUSED, Problem.SMTPUTF8_NEEDED)


def test_eight_bit_octets_go_only_where_they_are_offered(sink, transport_to):
    raw = raw_mail().replace(b"hello", "привет".encode())
    assert send(transport_to(sink), envelope(BOB), raw, yes)[BOB].verdict is Verdict.SENT

    with SmtpSink(extensions=()) as old:
        outcome = send(transport_to(old), envelope(BOB), raw, yes)[BOB]
    assert (outcome.verdict, outcome.problem) == (Verdict.REFUSED, Problem.EIGHT_BIT_NEEDED)


@pytest.mark.parametrize(
    "recipient", ["b@x.test>\r\nRCPT TO:<evil@e.test", "a@x.test SIZE=0", "a b@x.test", ""]
)
def test_an_address_that_says_more_never_reaches_the_wire(sink, transport_to, recipient):
    outcome = send(transport_to(sink), envelope(recipient), raw_mail(), yes)[recipient]

    assert (outcome.verdict, outcome.problem) == (Verdict.REFUSED, Problem.BAD_ADDRESS)
    assert not any(line.startswith("RCPT") for line in sink.lines)


def test_a_sender_that_says_more_is_a_problem_of_the_settings(sink, transport_to):
    sent = send(transport_to(sink), Envelope("a@x.test SIZE=0 BODY=8BITMIME", (BOB,)), raw_mail(), yes)

    assert (sent[BOB].verdict, sent[BOB].problem) == (Verdict.SERVER_PROBLEM, Problem.BAD_ADDRESS)
    assert not any(line.startswith("MAIL") for line in sink.lines)


@pytest.mark.parametrize(
    "raw", [b"Subject: a\r\n\r\nbare\nline\r\n", b"Subject: a\r\n\r\nx\r.\ry\r\n", b"Subject: a\r\n\r\nx"]
)
def test_octets_with_bare_line_ends_are_not_sent(sink, transport_to, raw):
    with pytest.raises(ValueError, match="CRLF"):
        send(transport_to(sink), envelope(BOB), raw, yes)
    assert sink.ledger == []


def test_whole_lines_and_nothing_else_may_travel():
    """Every text of six octets out of those that matter."""
    session = SmtpSession(SmtpSettings("localhost", 25, Encryption.NONE), socket.create_connection)
    for octets in product(b"\r\n.x", repeat=6):
        raw = bytes(octets)
        is_whole = raw.endswith(b"\r\n") and not set(b"\r\n") & set(raw.replace(b"\r\n", b""))
        try:
            Transaction(session, Parcel(1, envelope(BOB), raw), pass_by, resets=False)
        except ValueError:
            assert not is_whole, raw
        else:
            assert is_whole, raw


@pytest.mark.parametrize("may_hurry", [False, True])
def test_dots_arrive_wherever_they_stand(sink, transport_to, may_hurry):
    texts = [b"".join(parts) for parts in product([b".", b"x", b"\r\n"], repeat=5)]
    raw = b".Subject: dots\r\n" + b"\r\n".join(texts) + b"\r\n"

    send(transport_to(sink), envelope(BOB), raw, yes, may_hurry=may_hurry)

    assert sink.raws() == [raw]


def test_lines_of_dots_arrive_as_they_were_written(sink, transport_to):
    raw = raw_mail("x\r\n.\r\n..\r\n.hidden\r\n.")
    send(transport_to(sink), envelope(BOB), raw, yes)

    assert sink.raws() == [raw]
