"""The checker sees every broken promise: each test breaks one in a run that kept all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.matrix.checker import (
    INVARIANTS,
    Evidence,
    Fault,
    Told,
    check,
    check_form,
    check_pages,
    check_places,
    count_extra_copies,
)
from tests.support.ledger import Entry, LedgerFile, entry_of

pytestmark = pytest.mark.pure

RAW = (
    b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nFrom: desk@x.test\r\nTo: alice@x.test\r\nSubject: s\r\n"
    b"Message-ID: <1@x.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
)
ALICE, MAIL = "alice@x.test", "<1@x.test>"
SENT = Told(MAIL, ALICE, "sent", ambiguous=0, cause_key="7:ticket.registered")


def taken(raw: bytes = RAW, *recipients: str, was_answered: bool = True, at: float = 100.0) -> Entry:
    return replace(entry_of(recipients or (ALICE,), raw, was_answered=was_answered), taken_at=at)


def evidence(*ledger: Entry, told: Told = SENT, **more) -> Evidence:
    return Evidence([told], ledger, frozenset({(MAIL, ALICE)}), **more)


def found(broken: Evidence) -> set[Fault]:
    return {finding.fault for finding in check(broken)}


def test_a_run_that_kept_its_promise_has_no_findings():
    assert check(evidence(taken())) == []


def test_a_copy_whose_lost_answer_is_on_record_is_explained():
    doubled = evidence(taken(was_answered=False), taken(), told=replace(SENT, ambiguous=1))
    assert check(doubled) == []
    assert count_extra_copies(doubled) == 1


def test_what_went_before_it_was_cancelled_is_no_fault_when_it_is_on_record():
    doubtful = replace(SENT, state="cancelled", ambiguous=1, cancelled_at=101.0)
    assert check(evidence(taken(was_answered=False), told=doubtful)) == []


BROKEN = {
    "no row for what was accepted": (Fault.LOST, Evidence([], [], frozenset({(MAIL, ALICE)}))),
    "a state that nobody knows": (Fault.LOST, evidence(told=replace(SENT, state="gone"))),
    "sent, and the server never saw it": (Fault.LOST, evidence()),
    "sent, and the server never said so": (Fault.SENT_WITHOUT_250, evidence(taken(was_answered=False))),
    "waiting for ever": (Fault.STUCK, evidence(told=replace(SENT, state="waiting"))),
    "being sent for ever": (Fault.STUCK, evidence(taken(), told=replace(SENT, state="sending"))),
    "two copies and no lost answer": (Fault.UNEXPLAINED, evidence(taken(), taken())),
    "a copy of what was refused": (
        Fault.UNEXPLAINED,
        evidence(taken(), told=replace(SENT, state="refused"), ends=frozenset({"refused"})),
    ),
    "four copies": (
        Fault.TOO_MANY,
        evidence(*[taken(was_answered=False)] * 3, taken(), told=replace(SENT, ambiguous=3)),
    ),
    "two copies of what must never come twice": (
        Fault.TOO_MANY,
        evidence(taken(was_answered=False), taken(), told=replace(SENT, ambiguous=1, most_copies=1)),
    ),
    "copies that differ": (
        Fault.DIFFERING,
        evidence(taken(was_answered=False), taken(RAW + b"x\r\n"), told=replace(SENT, ambiguous=1)),
    ),
    "refused by nobody": (Fault.WRONG_END, evidence(told=replace(SENT, state="refused"))),
    "uncertain without a lost answer": (
        Fault.WRONG_END,
        evidence(told=replace(SENT, state="uncertain"), ends=frozenset({"refused"})),
    ),
    "cancelled by nobody": (Fault.WRONG_END, evidence(told=replace(SENT, state="cancelled"))),
    "refused without a word why": (
        Fault.UNCLEAR,
        evidence(told=replace(SENT, state="refused", is_explained=False), ends=frozenset({"refused"})),
    ),
    "to somebody else": (Fault.WRONG_RECIPIENT, evidence(taken(RAW, ALICE, "eve@evil.test"))),
    "to nobody": (Fault.WRONG_RECIPIENT, evidence(replace(taken(), recipients=()))),
    "a hidden recipient shown": (Fault.WRONG_HEADERS, evidence(taken(b"Bcc: eve@evil.test\r\n" + RAW))),
    "two subjects": (Fault.WRONG_HEADERS, evidence(taken(b"Subject: other\r\n" + RAW))),
    "a bare line end": (Fault.WRONG_HEADERS, evidence(taken(RAW + b"smuggled\n.\nMAIL\r\n"))),
    "taken after it was cancelled": (
        Fault.CANCELLED_BUT_TAKEN,
        evidence(taken(at=102.0), told=replace(SENT, state="cancelled", ambiguous=1, cancelled_at=101.0)),
    ),
    "two messages of one event": (
        Fault.TWICE_PER_CAUSE,
        Evidence([SENT, replace(SENT, message_id="<2@x.test>")], [taken()]),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_promise_is_found(name):
    fault, broken = BROKEN[name]
    assert fault in found(broken)


def test_what_must_never_come_twice_is_left_to_a_person_at_the_first_lost_answer():
    doubtful = replace(SENT, state="uncertain", ambiguous=1)
    once = replace(doubtful, most_copies=1)
    assert found(evidence(taken(was_answered=False), told=doubtful)) == {Fault.WRONG_END}
    assert found(evidence(taken(was_answered=False), told=once)) == set()


def test_a_secret_is_found_where_it_can_be_read():
    places = {"log": "nothing", "wire": "AUTH PLAIN canary"}
    assert [str(finding) for finding in check_places("canary", places)] == ["I8 secrets seen: wire"]


def test_what_was_shown_as_accepted_must_be_stored_and_once():
    shown = [(200, "http://desk/records/7"), (500, "http://desk/records/ticket/new")]
    assert check_form(shown, [7]) == []
    assert [one.fault for one in check_form(shown, [])] == [Fault.NOT_STORED]
    assert [one.fault for one in check_form([(200, "http://desk/records/ticket/new")], [7])] == [
        Fault.NOT_STORED
    ]
    assert [one.fault for one in check_form(shown, [7, 8])] == [Fault.TWICE_PER_CAUSE]


def test_a_page_that_is_no_answer_or_comes_too_late_is_broken():
    assert check_pages([("/", 200, 0.1)]) == []
    assert len(check_pages([("/", 500, 0.1), ("/", 200, 11.0)])) == 2


def test_every_fault_of_the_table_is_about_an_invariant():
    assert set(INVARIANTS) == set(Fault)


def test_the_ledger_on_disk_says_what_was_taken_and_whose_answer_was_lost(tmp_path):
    file = LedgerFile(tmp_path / "ledger")
    first, second = taken(), taken(was_answered=True, at=101.0)
    assert file.read() == []
    file.write(first), file.write(second)
    file.write_lost_answer(second.sha256)
    assert file.read() == [first, replace(second, was_answered=False)]
    assert first.header_names[:2] == ("Date", "From")
