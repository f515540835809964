"""One mail over an open session (RFC 5321 §3.3), its lines said ahead where they may be (RFC 2920)."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from webapp.mail.transports.base import Outcome, Parcel, Problem, Step, Verdict, shared_fate
from webapp.mail.transports.smtp import fitness, verdicts
from webapp.mail.transports.smtp.replies import Reply
from webapp.mail.transports.smtp.session import SmtpSession
from webapp.mail.transports.smtp.verdicts import StepFailed

_DOT: Final = b".\r\n"
#: Larger bodies are written in many pieces anyway, and one more for the dot costs nothing.
MOST_OCTETS_WITH_DOT: Final = 16_384

# Each begins with an octet to which the search leaps; ``in`` and ``replace`` need more than twice the time.
_BARE_CR: Final = re.compile(rb"\r(?!\n)")
_BARE_LF: Final = re.compile(rb"\n(?<!\r\n)")
_LINE_WITH_DOT: Final = re.compile(rb"\n\.")

Passing = Callable[[str], None]

log = logging.getLogger(__name__)


def pass_by(_point: str) -> None:
    """Do nothing at a point of the road."""


class Transaction:
    """Carries one mail and gathers an outcome for every recipient.

    In this order: ``begin`` (or ``opening``, put on the wire behind the dot of the mail before) says who
    writes to whom, as far as the server lets one speak ahead; ``offer`` hears the answers and puts the body
    on the wire, unless it is small and may hurry; ``send_dot`` sends the dot, and in one write with it a
    body that waited; ``hear_answer`` waits for the answer. What goes wrong becomes the outcome of all
    recipients that have none yet.
    """

    def __init__(self, session: SmtpSession, parcel: Parcel, passing: Passing, *, resets: bool) -> None:
        if not _has_whole_lines(parcel.raw):
            raise ValueError("a mail on the wire has CRLF at every line end")
        self.parcel = parcel
        self.outcomes = fitness.refusals(parcel, session.extensions)
        self.is_ready = False
        self._session = session
        self._passing = passing
        self._waiting = self._without_outcome()
        self._resets = resets
        self._lines = self._envelope(session.extensions) if self._waiting else []
        self._said = 0
        self._unsaid = b""
        self._is_past_dot = False
        self._patience_ends_at = 0.0

    def opening(self) -> bytes:
        """Return what the server may get before it answers, all lines or the first; they are then said."""
        said = self._lines if self._session.pipelines else self._lines[:1]
        if self.parcel.all_or_none and len(said) > 1:
            said = said[:-1]  # whoever asked for the body would have to send it
        self._said = len(said)
        return "".join([f"{line}\r\n" for line in said]).encode("utf-8")

    def begin(self) -> None:
        """Put the opening on the wire."""
        self._judged(self._begin)

    def offer(self) -> None:
        """Hear what the server says to the sender and the recipients, and put the body on the wire."""
        self._judged(self._offer)

    def lose(self) -> None:
        """Drop the session before the dot, since the mail is no longer ours to send."""
        self._session.abort()
        self._settle(Outcome(Verdict.LATER, Step.BODY, problem=Problem.LOST_CLAIM))

    def send_dot(self, opening: bytes = b"") -> None:
        """Put the dot on the wire, and the ``opening`` of the next mail behind it."""
        self._judged(lambda: self._send_dot(opening))

    def hear_answer(self) -> None:
        """Wait for the answer to the dot, if it was sent."""
        if self._waiting:
            self._judged(self._hear_answer)

    def _judged(self, part: Callable[[], None]) -> None:
        """Go a part of the way; what goes wrong on it becomes an outcome."""
        try:
            part()
        except StepFailed as failed:
            self._settle(failed.outcome)
        except Exception:
            log.exception("a mail broke on its way")
            self._session.abort()
            self._settle(self._broken())
        except BaseException:
            self._session.abort()
            raise

    def _begin(self) -> None:
        if opening := self.opening():
            self._session.write(opening, Step.SENDER)

    def _offer(self) -> None:
        if self._waiting:
            self._name_sender()
            self._name_recipients()
        if self._waiting:
            self._bring_body()
            self.is_ready = True

    def _send_dot(self, opening: bytes) -> None:
        self._listen_before_dot()
        # Not bound by the session's deadline: to leave now would make a second copy later.
        self._patience_ends_at = time.monotonic() + self._session.settings.timeouts.after_dot_s
        self._is_past_dot = True
        self._session.write(self._unsaid + _DOT + opening, Step.DOT, self._patience_ends_at)
        self._passing("after_dot")

    def _hear_answer(self) -> None:
        reply = self._session.reply(Step.DOT, self._patience_ends_at)
        self._passing("after_reply")
        self._session.needs_reset = False
        if reply.code != 250:
            raise StepFailed(verdicts.of_reply(reply, Step.DOT))
        self._settle(Outcome(Verdict.SENT, Step.DOT, reply.code, reply.text))

    def _broken(self) -> Outcome:
        if self._is_past_dot:
            return Outcome(Verdict.AMBIGUOUS, Step.DOT, problem=Problem.INTERNAL_ERROR)
        return Outcome(Verdict.LATER, Step.BODY, problem=Problem.INTERNAL_ERROR)

    def _without_outcome(self) -> list[str]:
        return [address for address in self.parcel.envelope.recipients if address not in self.outcomes]

    def _settle(self, outcome: Outcome) -> None:
        self.outcomes.update(dict.fromkeys(self._waiting, outcome))
        self._waiting = []

    def _envelope(self, extensions: Mapping[str, str]) -> list[str]:
        """Return all that is said before the body."""
        lines = ["RSET"] if self._resets else []
        lines.append(fitness.mail_line(self.parcel, self._waiting, extensions))
        lines += [f"RCPT TO:<{address}>" for address in self._waiting]
        lines.append("DATA")
        return lines

    def _ask(self, step: Step) -> Reply:
        """Say the next line, unless it is on the wire already, and return the answer."""
        line = self._lines.pop(0)
        if self._said:
            self._said -= 1
            return self._session.reply(step)
        return self._session.command(line, step)

    def _name_sender(self) -> None:
        if self._resets:
            self._ask(Step.SENDER)
            self._session.needs_reset = False
        self._passing("mail")
        reply = self._ask(Step.SENDER)
        if reply.is_good:
            self._session.needs_reset = True
            return
        while self._said > 1:
            self._ask(Step.RECIPIENT)
        self._hear_needless_data()
        raise StepFailed(verdicts.of_reply(reply, Step.SENDER))

    def _name_recipients(self) -> None:
        for address in self._waiting:  # a refusal puts another list in place of this one
            self._passing("rcpt")
            reply = self._ask(Step.RECIPIENT)
            if not reply.is_good:
                self.outcomes[address] = verdicts.of_reply(reply, Step.RECIPIENT)
                self._waiting = self._without_outcome()
        if self.parcel.all_or_none and self.outcomes:
            self.outcomes |= shared_fate(self.outcomes, self.parcel.envelope.recipients)
            self._waiting = []
        if self._waiting:
            self._ask_for_data()
        else:
            self._hear_needless_data()

    def _ask_for_data(self) -> None:
        self._passing("data")
        reply = self._ask(Step.DATA)
        if reply.code != 354:
            raise StepFailed(verdicts.of_reply(reply, Step.DATA))

    def _hear_needless_data(self) -> None:
        """A server that wants a body which nobody is to get can only be left (RFC 2920 §3.1)."""
        if self._said and self._ask(Step.DATA).code == 354:
            self._session.abort()

    def _bring_body(self) -> None:
        body = _LINE_WITH_DOT.sub(b"\n..", self.parcel.raw)
        if body.startswith(b"."):
            body = b"." + body
        # Who watches the points of the road wants to see the one before the dot.
        if self.parcel.may_hurry and self._passing is pass_by and len(body) <= MOST_OCTETS_WITH_DOT:
            self._unsaid = body
            return
        deadline = self._session.deadline(self._session.settings.timeouts.for_body(len(body)))
        half = len(body) // 2
        self._session.write(body[:half], Step.BODY, deadline)
        self._passing("mid_body")
        self._session.write(body[half:], Step.BODY, deadline)
        self._passing("before_dot")

    def _listen_before_dot(self) -> None:
        """Read what the server says unasked; without the dot it cannot have taken the mail."""
        if self._session.has_news():
            reply = self._session.reply(Step.BODY)
            self._session.abort()
            raise StepFailed(verdicts.of_reply(reply, Step.BODY))


def _has_whole_lines(raw: bytes) -> bool:
    return raw.endswith(b"\r\n") and not _BARE_CR.search(raw) and not _BARE_LF.search(raw)
