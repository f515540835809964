"""What was promised, held against the ledger of the server and the rows of the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.support.ledger import Entry

MOST_COPIES: Final = 3
LONGEST_PAGE_S: Final = 10.0
OPEN: Final = frozenset({"waiting", "sending"})
ENDS: Final = frozenset({"sent", "refused", "cancelled", "expired", "uncertain", "held", "bounced"})
#: Headers that stand in every mail exactly once, and those that may stand there besides.
ONCE: Final = frozenset({"Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"})
ALLOWED: Final = ONCE | {
    "Reply-To", "Cc", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "X-Loop", "List-Id",
    "In-Reply-To", "References", "Content-Transfer-Encoding",
}  # fmt: skip


class Fault(StrEnum):
    """A broken promise, by its name in the table."""

    LOST = "lost"
    SENT_WITHOUT_250 = "sent without 250"
    UNEXPLAINED = "unexplained copies"
    TOO_MANY = "too many copies"
    DIFFERING = "differing copies"
    STUCK = "stuck"
    UNCLEAR = "unclear state"
    WRONG_END = "wrong end"
    WRONG_RECIPIENT = "wrong recipients"
    WRONG_HEADERS = "wrong headers"
    CANCELLED_BUT_TAKEN = "cancelled but taken"
    TWICE_PER_CAUSE = "twice per cause"
    SECRET_SEEN = "secrets seen"
    NOT_STORED = "accepted but not stored"
    BROKEN_PAGE = "broken pages"


#: Which invariant each fault breaks; I9, I10 and I11 have tests of their own, since no cell can show them.
INVARIANTS: Final = {
    Fault.LOST: "I1", Fault.SENT_WITHOUT_250: "I1", Fault.WRONG_END: "I1", Fault.UNEXPLAINED: "I2",
    Fault.TOO_MANY: "I2", Fault.DIFFERING: "I2", Fault.STUCK: "I3", Fault.UNCLEAR: "I4",
    Fault.BROKEN_PAGE: "I4", Fault.WRONG_RECIPIENT: "I5", Fault.WRONG_HEADERS: "I5",
    Fault.CANCELLED_BUT_TAKEN: "I6", Fault.TWICE_PER_CAUSE: "I7", Fault.SECRET_SEEN: "I8",
    Fault.NOT_STORED: "I12",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One broken promise and where it was seen."""

    fault: Fault
    words: str

    def __str__(self) -> str:
        return f"{INVARIANTS[self.fault]} {self.fault}: {self.words}"


@dataclass(frozen=True)
class Told:
    """What the database says of one delivery; ``is_explained`` is whether a cause or a person stands by it.

    ``cancelled_at`` is when somebody was shown that it is cancelled, in seconds since 1970. After
    ``most_copies`` lost answers a person decides: one is enough for what must never come twice.
    """

    message_id: str
    address: str
    state: str
    ambiguous: int
    cause_key: str = ""
    is_explained: bool = True
    cancelled_at: float | None = None
    most_copies: int = MOST_COPIES


@dataclass(frozen=True)
class Evidence:
    """Everything that a run leaves behind; ``accepted`` are Message-ID and address of what was promised."""

    told: Sequence[Told]
    ledger: Sequence[Entry]
    accepted: frozenset[tuple[str, str]] = frozenset()
    ends: frozenset[str] = frozenset({"sent"})


def check(evidence: Evidence) -> list[Finding]:
    """Return every broken promise."""
    return [
        *_lost(evidence),
        *_states(evidence),
        *_copies(evidence),
        *_recipients(evidence),
        *_headers(evidence.ledger),
        *_causes(evidence.told),
    ]


def check_places(canary: str, places: Mapping[str, str]) -> list[Finding]:
    """Return where a secret can be read that must be readable nowhere."""
    return [Finding(Fault.SECRET_SEEN, place) for place, words in places.items() if canary in words]


def check_form(shown: Iterable[tuple[int, str]], stored: Collection[int]) -> list[Finding]:
    """Hold what a person was shown for one form, status and address, against the records that it made."""
    found = []
    for status, address in shown:
        number = address.rpartition("/")[2]
        if status == 200 and not (number.isdecimal() and int(number) in stored):
            found.append(Finding(Fault.NOT_STORED, address))
    if len(stored) > 1:
        found.append(Finding(Fault.TWICE_PER_CAUSE, f"{len(stored)} records of one form"))
    return found


def check_pages(answers: Iterable[tuple[str, int, float]]) -> list[Finding]:
    """Return the pages, by path, status and seconds, that were no answer or came too late."""
    broken = [
        (path, status) for path, status, seconds in answers if status != 200 or seconds > LONGEST_PAGE_S
    ]
    return [Finding(Fault.BROKEN_PAGE, f"{path}: {status}") for path, status in broken]


def count_extra_copies(evidence: Evidence) -> int:
    """Return how many mails were taken more than once, explained or not."""
    return sum(max(0, len(entries) - 1) for entries in _by_recipient(evidence.ledger).values())


def _by_recipient(ledger: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in ledger:
        for address in entry.recipients:
            found[entry.message_id, address].append(entry)
    return found


def _lost(evidence: Evidence) -> list[Finding]:
    rows = {(one.message_id, one.address) for one in evidence.told}
    return [Finding(Fault.LOST, f"{pair} has no row") for pair in sorted(evidence.accepted - rows)]


def _states(evidence: Evidence) -> list[Finding]:
    taken, found = _by_recipient(evidence.ledger), []
    for one in evidence.told:
        if one.state in OPEN:
            found.append(Finding(Fault.STUCK, f"{one.address} is still {one.state}"))
        elif one.state not in ENDS:
            found.append(Finding(Fault.LOST, f"{one.address} is in no known state: {one.state}"))
        elif not _may_end_so(one, evidence.ends):
            found.append(Finding(Fault.WRONG_END, f"{one.address} is {one.state}, {one.ambiguous} ambiguous"))
        entries = taken.get((one.message_id, one.address), [])
        if one.state == "sent" and not any(entry.was_answered for entry in entries):
            kind = Fault.SENT_WITHOUT_250 if entries else Fault.LOST
            found.append(Finding(kind, f"{one.address}: the server said 250 to no copy"))
        if one.state not in OPEN | {"sent"} and not one.is_explained:
            found.append(Finding(Fault.UNCLEAR, f"{one.address} is {one.state} without a cause"))
    return found


def _may_end_so(one: Told, ends: frozenset[str]) -> bool:
    if one.state == "cancelled":
        return one.cancelled_at is not None
    # A refusal of the repeat says nothing about the copy whose answer was lost.
    is_doubtful = one.state == "uncertain" and "refused" in ends and one.ambiguous > 0
    is_given_up = one.state == "uncertain" and one.ambiguous >= one.most_copies
    return one.state in ends or is_doubtful or is_given_up


def _copies(evidence: Evidence) -> list[Finding]:
    told = {(one.message_id, one.address): one for one in evidence.told}
    found = []
    for pair, entries in _by_recipient(evidence.ledger).items():
        one, count = told.get(pair), len(entries)
        if one is None:
            continue
        # One copy was answered, if it is sent; the answer to each other one was lost, and that is on record.
        if count > one.ambiguous + (one.state == "sent"):
            found.append(Finding(Fault.UNEXPLAINED, f"{pair}: {count} copies, {one.ambiguous} ambiguous"))
        if count > one.most_copies:
            found.append(Finding(Fault.TOO_MANY, f"{pair}: {count} copies"))
        if len({entry.sha256 for entry in entries}) > 1:
            found.append(Finding(Fault.DIFFERING, f"{pair}"))
        if one.cancelled_at is not None and any(entry.taken_at > one.cancelled_at for entry in entries):
            found.append(Finding(Fault.CANCELLED_BUT_TAKEN, f"{pair}"))
    return found


def _recipients(evidence: Evidence) -> list[Finding]:
    meant: dict[str, set[str]] = defaultdict(set)
    for one in evidence.told:
        meant[one.message_id].add(one.address)
    return [
        Finding(Fault.WRONG_RECIPIENT, f"{entry.message_id} went to {entry.recipients}")
        for entry in evidence.ledger
        if not entry.recipients or set(entry.recipients) - meant[entry.message_id]
    ]


def _headers(ledger: Iterable[Entry]) -> list[Finding]:
    found = []
    for entry in ledger:
        counts = Counter(entry.header_names)
        wrong = set(counts) - ALLOWED | {name for name in ONCE if counts[name] != 1}
        if wrong or entry.bare_line_ends:
            words = f"{entry.message_id}: {sorted(wrong)}, {entry.bare_line_ends} bare line ends"
            found.append(Finding(Fault.WRONG_HEADERS, words))
    return found


def _causes(told: Iterable[Told]) -> list[Finding]:
    counts = Counter((one.cause_key, one.address) for one in told if one.cause_key)
    return [Finding(Fault.TWICE_PER_CAUSE, str(key)) for key, count in counts.items() if count > 1]
