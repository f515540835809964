"""One mail over an open session: MAIL, RCPT, DATA, body, dot (RFC 5321 §3.3)."""

import re
from collections.abc import Callable
from typing import Final

from webapp.mail.address import is_wire_safe, needs_smtputf8
from webapp.mail.transports.base import Envelope, Outcome, Problem, Step, Verdict
from webapp.mail.transports.smtp import verdicts
from webapp.mail.transports.smtp.session import SmtpSession
from webapp.mail.transports.smtp.verdicts import StepFailed
from webapp.mail.transports.smtp.wire import Deadline

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
_DOT: Final = b".\r\n"

Passing = Callable[[str], None]


class Transaction:
    """Carries one mail and gathers an outcome for every recipient."""

    def __init__(self, session: SmtpSession, envelope: Envelope, raw: bytes, passing: Passing) -> None:
        if _BARE_LINE_END.search(raw) or not raw.endswith(b"\r\n"):
            raise ValueError("a mail on the wire has CRLF at every line end")
        self._session = session
        self._envelope = envelope
        self._raw = raw
        self._passing = passing
        self._outcomes: dict[str, Outcome] = {}

    def run(self, before_dot: Callable[[], bool]) -> dict[str, Outcome]:
        """Send and answer for every recipient; what ``before_dot`` raises drops the session and passes."""
        try:
            self._refuse_what_cannot_go()
            if self._waiting():
                self._carry(before_dot)
        except StepFailed as failed:
            self._settle(failed.outcome)
        except BaseException:
            self._session.abort()
            raise
        return {address: self._outcomes[address] for address in self._envelope.recipients}

    def _carry(self, before_dot: Callable[[], bool]) -> None:
        self._name_sender()
        accepted = [address for address in self._waiting() if self._name_recipient(address)]
        if accepted:
            self._hand_over(before_dot)

    def _waiting(self) -> list[str]:
        return [address for address in self._envelope.recipients if address not in self._outcomes]

    def _settle(self, outcome: Outcome) -> None:
        self._outcomes.update(dict.fromkeys(self._waiting(), outcome))

    def _refuse_what_cannot_go(self) -> None:
        """Refuse before a word is said what this server could only carry damaged or not at all."""
        if self._envelope.sender and not is_wire_safe(self._envelope.sender):
            raise StepFailed(Outcome(Verdict.SERVER_PROBLEM, Step.SENDER, problem=Problem.BAD_ADDRESS))
        limit = self._session.extensions.get("SIZE", "")
        if limit.isdecimal() and 0 < int(limit[:18]) < len(self._raw):
            raise StepFailed(Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.TOO_LARGE))
        if self._needs_utf8_headers() and "SMTPUTF8" not in self._session.extensions:
            raise StepFailed(self._without_smtputf8())
        if not self._raw.isascii() and "8BITMIME" not in self._session.extensions:
            raise StepFailed(Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.EIGHT_BIT_NEEDED))
        for address in self._envelope.recipients:
            self._refuse_recipient(address)

    def _without_smtputf8(self) -> Outcome:
        """Blame a recipient's address only if there is one to blame; else it is one of ours."""
        if any(map(needs_smtputf8, self._envelope.recipients)) and self._envelope.sender.isascii():
            return Outcome(Verdict.REFUSED, Step.SENDER, problem=Problem.SMTPUTF8_NEEDED)
        return Outcome(Verdict.SERVER_PROBLEM, Step.SENDER, problem=Problem.SMTPUTF8_NEEDED_BY_US)

    def _refuse_recipient(self, address: str) -> None:
        if not is_wire_safe(address):
            problem = Problem.BAD_ADDRESS
        elif needs_smtputf8(address) and "SMTPUTF8" not in self._session.extensions:
            problem = Problem.SMTPUTF8_NEEDED
        else:
            return
        self._outcomes[address] = Outcome(Verdict.REFUSED, Step.RECIPIENT, problem=problem)

    def _needs_utf8_headers(self) -> bool:
        return needs_smtputf8(self._envelope.sender) or not self._raw.partition(b"\r\n\r\n")[0].isascii()

    def _name_sender(self) -> None:
        if self._session.needs_reset:
            self._session.command("RSET", Step.SENDER)
            self._session.needs_reset = False
        self._passing("mail")
        reply = self._session.command(self._mail_line(), Step.SENDER)
        if not reply.is_good:
            raise StepFailed(verdicts.of_reply(reply, Step.SENDER))
        self._session.needs_reset = True

    def _mail_line(self) -> str:
        words = [f"MAIL FROM:<{self._envelope.sender}>"]
        if "SIZE" in self._session.extensions:
            words.append(f"SIZE={len(self._raw)}")
        if not self._raw.isascii():
            words.append("BODY=8BITMIME")
        if self._needs_utf8_headers() or any(map(needs_smtputf8, self._waiting())):
            words.append("SMTPUTF8")
        return " ".join(words)

    def _name_recipient(self, address: str) -> bool:
        self._passing("rcpt")
        reply = self._session.command(f"RCPT TO:<{address}>", Step.RECIPIENT)
        if not reply.is_good:
            self._outcomes[address] = verdicts.of_reply(reply, Step.RECIPIENT)
        return reply.is_good

    def _hand_over(self, before_dot: Callable[[], bool]) -> None:
        self._passing("data")
        reply = self._session.command("DATA", Step.DATA)
        if reply.code != 354:
            raise StepFailed(verdicts.of_reply(reply, Step.DATA))
        self._write_body()
        self._passing("before_dot")
        if not before_dot():
            self._session.abort()
            raise StepFailed(Outcome(Verdict.LATER, Step.BODY, problem=Problem.LOST_CLAIM))
        self._finish()

    def _write_body(self) -> None:
        body = _LINE_START_DOT.sub(b"..", self._raw)
        deadline = self._session.deadline(self._session.settings.timeouts.for_body(len(body)))
        half = len(body) // 2
        self._session.write(body[:half], Step.BODY, deadline)
        self._passing("mid_body")
        self._session.write(body[half:], Step.BODY, deadline)
        if self._session.has_news():
            self._stop_early(deadline)

    def _stop_early(self, deadline: Deadline) -> None:
        """Read what the server says before the dot; without the dot it cannot have taken the mail."""
        reply = self._session.reply(Step.BODY, deadline)
        self._session.abort()
        raise StepFailed(verdicts.of_reply(reply, Step.BODY))

    def _finish(self) -> None:
        # Not bound by the session's deadline: to leave now would make a second copy later.
        deadline = Deadline(self._session.settings.timeouts.after_dot_s)
        self._session.write(_DOT, Step.DOT, deadline)
        self._passing("after_dot")
        reply = self._session.reply(Step.DOT, deadline)
        self._passing("after_reply")
        self._session.needs_reset = False
        if reply.code != 250:
            raise StepFailed(verdicts.of_reply(reply, Step.DOT))
        self._settle(Outcome(Verdict.SENT, Step.DOT, reply.code, reply.text))
