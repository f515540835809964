"""The transport that stands in for a server in tests of upper layers."""

from tests.mail.samples import ALICE, BOB, SYSTEM, Notes, envelope, raw_mail, send, yes
from webapp.mail.transports.base import Outcome, Parcel, Problem, Step, Transport, Verdict
from webapp.mail.transports.memory import MemoryTransport

GONE = Outcome(Verdict.REFUSED, Step.RECIPIENT, 550, "nobody", problem=Problem.RECIPIENT_REFUSED)


def test_mails_are_kept_with_those_who_took_them():
    transport: Transport = MemoryTransport({ALICE: GONE})
    outcomes = send(transport, envelope(ALICE, BOB), raw_mail(), yes)

    assert outcomes[ALICE] is GONE
    assert outcomes[BOB].verdict is Verdict.SENT
    assert [(kept.envelope.recipients, kept.raw) for kept in transport.mails] == [((BOB,), raw_mail())]
    assert transport.is_open


def test_all_or_none_get_a_mail_that_goes_whole():
    transport, notes = MemoryTransport({ALICE: GONE}), Notes()
    transport.carry([Parcel(1, envelope(ALICE, BOB), raw_mail(), all_or_none=True)], notes)

    assert notes.outcomes[1][ALICE] is GONE
    assert notes.outcomes[1][BOB].problem is Problem.OTHERS_REFUSED
    assert transport.mails == []


def test_a_lost_claim_keeps_nothing():
    transport = MemoryTransport()
    outcome = send(transport, envelope(BOB), raw_mail(), lambda: False)[BOB]

    assert (outcome.verdict, outcome.problem) == (Verdict.LATER, Problem.LOST_CLAIM)
    assert transport.mails == []
    assert not transport.is_open


def test_its_check_is_good_and_keeps_the_test_mail():
    transport = MemoryTransport()

    assert all(line.is_ok for line in transport.check(SYSTEM, (envelope(BOB), raw_mail())))
    assert len(transport.mails) == 1
