"""The words in which every transport reports, and what every transport can do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Protocol


class Step(StrEnum):
    """Where on the road something was said or broke."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    BODY = "body"
    DOT = "dot"
    QUIT = "quit"


class Verdict(StrEnum):
    """What an outcome means for the delivery.

    *Ambiguous*: the server may or may not have taken the mail. *Server problem*: the connection's
    settings are at fault, so the mail waits and the connection is paused.
    """

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    AMBIGUOUS = "ambiguous"
    SERVER_PROBLEM = "server_problem"


class Problem(StrEnum):
    """What went wrong, as a word that pages put into a sentence."""

    UNKNOWN_HOST = "unknown_host"
    GUARD_REFUSED = "guard_refused"
    CONNECTION_REFUSED = "connection_refused"
    NO_ROUTE = "no_route"
    NETWORK_ERROR = "network_error"
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"
    PROTOCOL_ERROR = "protocol_error"
    GREETING_REFUSED = "greeting_refused"
    CERTIFICATE_UNKNOWN_ISSUER = "certificate_unknown_issuer"
    CERTIFICATE_WRONG_HOST = "certificate_wrong_host"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_INVALID = "certificate_invalid"
    TLS_NOT_OFFERED = "tls_not_offered"
    TLS_REQUIRED = "tls_required"
    TLS_FAILED = "tls_failed"
    SIGN_IN_NOT_OFFERED = "sign_in_not_offered"
    SIGN_IN_REQUIRED = "sign_in_required"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 - a word for pages, not a password
    BASIC_SIGN_IN_DISABLED = "basic_sign_in_disabled"
    RELAY_DENIED = "relay_denied"
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    OTHERS_REFUSED = "others_refused"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    MESSAGE_REFUSED = "message_refused"
    TOO_LARGE = "too_large"
    BAD_ADDRESS = "bad_address"
    SMTPUTF8_NEEDED = "smtputf8_needed"
    SMTPUTF8_NEEDED_BY_US = "smtputf8_needed_by_us"
    EIGHT_BIT_NEEDED = "eight_bit_needed"
    SERVER_BUSY = "server_busy"
    LOST_CLAIM = "lost_claim"
    INTERNAL_ERROR = "internal_error"


class Outcome(NamedTuple):
    """What became of one recipient, or of opening a session.

    ``reply`` is the server's text, cleaned. ``cool_down`` asks to leave the whole server alone for a
    while, ``retry_after_s`` for as long as the server named.
    """

    verdict: Verdict
    step: Step
    code: int | None = None
    reply: str = ""
    cool_down: bool = False
    retry_after_s: float | None = None
    problem: Problem | None = None


class Envelope(NamedTuple):
    """Addresses in wire form; an empty sender is the null sender of automatic answers."""

    sender: str
    recipients: tuple[str, ...]


_GRAVITY: Final = (Verdict.LATER, Verdict.REFUSED, Verdict.SERVER_PROBLEM)


def shared_fate(refused: Mapping[str, Outcome], recipients: Iterable[str]) -> dict[str, Outcome]:
    """Return what becomes of each recipient of a mail that goes to nobody, since the server refused some.

    The gravest of the refusals decides: what only has to wait waits for all, what is over is over for all.
    """
    gravest = max(refused.values(), key=lambda one: _GRAVITY.index(one.verdict))
    others = gravest._replace(code=None, problem=Problem.OTHERS_REFUSED)
    ends = {address: one for address, one in refused.items() if one.verdict is gravest.verdict}
    return {address: ends.get(address, others) for address in recipients}


@dataclass(frozen=True)
class CheckStep:
    """One line of a connection check. ``details`` holds facts such as the certificate's subject."""

    step: Step
    is_ok: bool
    reply: str
    problem: Problem | None
    ms: int
    details: Mapping[str, str] = field(default_factory=dict)


class Parcel(NamedTuple):
    """One mail ready for the wire; ``number`` is the sender's own, by which it knows the parcel again.

    A mail that ``may_hurry`` may be written together with its dot. That is faster; but when the session
    breaks in its body, nobody knows any more whether it was taken. One that goes to ``all_or_none`` of its
    recipients is not sent at all when the server refuses one of them.
    """

    number: int
    envelope: Envelope
    raw: bytes
    may_hurry: bool = False
    all_or_none: bool = False


class Ledger(Protocol):
    """What the owner of the mails writes down while they travel. What it raises ends the journey."""

    def may_pass_dot(self, parcel: Parcel) -> bool:
        """Write that the end of the mail is about to be sent; False forbids it.

        Called when all but the end of the mail is on the wire.
        """

    def settle(self, parcel: Parcel, outcomes: Mapping[str, Outcome]) -> bool:
        """Take what became of every recipient; False when no other mail may follow now."""

    def flush(self) -> None:
        """Write what was settled and is not yet safe: the server lets us wait."""

    def while_waiting(self) -> None:
        """Do something useful for a moment: the server has the end of a mail and is about to answer."""


class Transport(Protocol):
    """A way to a server that carries any number of mails over one session."""

    @property
    def is_open(self) -> bool:
        """Whether the session can take the next mail without being opened again."""

    def open(self) -> Outcome | None:
        """Make a session ready; None means ready, an outcome says why not."""

    def carry(self, parcels: Iterable[Parcel], ledger: Ledger) -> None:
        """Carry the mails in their order and settle each; a closed transport opens itself.

        When ``may_pass_dot`` answers False the session is dropped, nothing of that mail was sent, and its
        outcome is *later* with LOST_CLAIM. What was not settled when this returns was not sent.
        """

    def close(self) -> None:
        """End the session; never fails and never takes long."""

    def check(self, sender: str | None, test: tuple[Envelope, bytes] | None = None) -> Iterator[CheckStep]:
        """Try the connection step by step up to the first failure; with ``test`` also send that mail."""
