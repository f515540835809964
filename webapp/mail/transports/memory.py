"""The transport that keeps mails in a list, for tests and for silent mode."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.mail.transports.base import (
    CheckStep,
    Envelope,
    Ledger,
    Outcome,
    Parcel,
    Problem,
    Step,
    Verdict,
    shared_fate,
)

_SENT = Outcome(Verdict.SENT, Step.DOT, 250, "Kept")


@dataclass(frozen=True)
class KeptMail:
    """One mail as it was handed over."""

    envelope: Envelope
    raw: bytes


class MemoryTransport:
    """Takes everything, unless ``answers`` holds another outcome for an address."""

    def __init__(self, answers: dict[str, Outcome] | None = None) -> None:
        self.mails: list[KeptMail] = []
        self.answers = answers or {}
        self.opened = 0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether ``open`` was called after the last ``close``."""
        return self._is_open

    def open(self) -> Outcome | None:
        """Count the session; always ready."""
        self.opened += 1
        self._is_open = True
        return None

    def carry(self, parcels: Iterable[Parcel], ledger: Ledger) -> None:
        """Keep the mails for the recipients that have no other answer."""
        for parcel in parcels:
            if not self._is_open:
                self.open()
            if not ledger.settle(parcel, self._taken(parcel, is_allowed=ledger.may_pass_dot(parcel))):
                return

    def _taken(self, parcel: Parcel, *, is_allowed: bool) -> dict[str, Outcome]:
        if not is_allowed:
            self.close()
            lost = Outcome(Verdict.LATER, Step.BODY, problem=Problem.LOST_CLAIM)
            return dict.fromkeys(parcel.envelope.recipients, lost)
        outcomes = {address: self.answers.get(address, _SENT) for address in parcel.envelope.recipients}
        refused = {address: one for address, one in outcomes.items() if one.verdict is not Verdict.SENT}
        if parcel.all_or_none and refused:
            outcomes = shared_fate(refused, outcomes)
        taken = tuple(address for address, outcome in outcomes.items() if outcome.verdict is Verdict.SENT)
        if taken:
            self.mails.append(KeptMail(Envelope(parcel.envelope.sender, taken), parcel.raw))
        return outcomes

    def close(self) -> None:
        """Forget the session, keep the mails."""
        self._is_open = False

    def check(self, sender: str | None, test: tuple[Envelope, bytes] | None = None) -> Iterator[CheckStep]:
        """Report one good step, and the test mail when there is one."""
        yield CheckStep(Step.CONNECT, is_ok=True, reply="", problem=None, ms=0)
        if sender is not None and test is not None:
            self.mails.append(KeptMail(*test))
            yield CheckStep(Step.DOT, is_ok=True, reply=_SENT.reply, problem=None, ms=0)
