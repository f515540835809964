"""One conversation with one SMTP server: opening, commands, end."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

import idna

from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.mail.transports.smtp import verdicts
from webapp.mail.transports.smtp.auth import secrets_of
from webapp.mail.transports.smtp.replies import Reply, read_reply
from webapp.mail.transports.smtp.settings import Encryption, SmtpSettings
from webapp.mail.transports.smtp.verdicts import StepFailed
from webapp.mail.transports.smtp.wire import ProtocolError, Wire, seconds_until

Connect = Callable[[str, int, float], socket.socket]

#: What the network, TLS and a server that speaks something else raise.
_FAILURES: Final = (OSError, ProtocolError, ValueError)


class SmtpSession:
    """Lines and replies. Every failure is a StepFailed, after which the session may be unusable.

    ``extensions`` holds what EHLO offered, keyword to parameters, both in capitals.
    """

    def __init__(self, settings: SmtpSettings, connect: Connect) -> None:
        self.settings = settings
        self.extensions: dict[str, str] = {}
        self.needs_reset = False
        self._connect = connect
        self._wire: Wire | None = None
        self._secrets = secrets_of(settings)
        self._ends_at = time.monotonic() + settings.timeouts.session_s

    @property
    def is_usable(self) -> bool:
        """Whether the connection stands and has time left for another mail."""
        return self._wire is not None and time.monotonic() < self._ends_at

    @property
    def pipelines(self) -> bool:
        """Whether lines may be said before the ones before them are answered (RFC 2920)."""
        return "PIPELINING" in self.extensions

    def connect(self) -> str:
        """Connect and, unless TLS comes first, greet. Returns the greeting."""
        try:
            seconds = seconds_until(self.deadline(self.settings.timeouts.connect_s))
            self._wire = Wire(self._connect(self.settings.host, self.settings.port, seconds))
        except _FAILURES as error:
            raise self._failed(error, Step.CONNECT) from None
        return "" if self.settings.encryption is Encryption.TLS else self._greet()

    def secure(self) -> dict[str, str]:
        """Encrypt as the settings ask and return facts about the certificate; no way leads around it."""
        if self.settings.encryption is Encryption.STARTTLS:
            self._ask_for_tls()
        try:
            self._the_wire().start_tls(
                self._tls_context(),
                _tls_name(self.settings.host),
                self._in_time(),
            )
        except _FAILURES as error:
            raise self._failed(error, Step.TLS) from None
        if self.settings.encryption is Encryption.TLS:
            self._greet()
        else:
            self._say_hello(Step.TLS)  # what was offered in clear text may be forged
        return self._the_wire().tls_facts()

    def command(self, line: str, step: Step, seconds: float | None = None) -> Reply:
        """Say one line and return the reply. A 421 ends the session (RFC 5321 §3.8)."""
        deadline = self.deadline(seconds or self.settings.timeouts.command_s)
        self.write(line.encode("utf-8") + b"\r\n", step, deadline)
        return self.reply(step, deadline)

    def write(self, octets: bytes, step: Step, deadline: float | None = None) -> None:
        """Put octets on the wire as part of a step, in a command's time unless another deadline is given."""
        try:
            self._the_wire().write(octets, deadline or self._in_time())
        except _FAILURES as error:
            raise self._failed(error, step) from None

    def reply(self, step: Step, deadline: float | None = None) -> Reply:
        """Wait for the reply to what was said at the step, with the same deadlines as ``write``."""
        try:
            reply = read_reply(self._the_wire(), deadline or self._in_time(), self._secrets)
        except _FAILURES as error:
            raise self._failed(error, step) from None
        if reply.code == 421:
            self.abort()
            raise StepFailed(verdicts.of_reply(reply, step))
        return reply

    def has_news(self) -> bool:
        """Tell whether the server spoke, or left, before it was asked."""
        try:
            return self._the_wire().has_news()
        except _FAILURES as error:
            raise self._failed(error, Step.BODY) from None

    def hears_within(self, seconds: float) -> bool:
        """Wait so long for the server's next word; False when it says nothing."""
        try:
            return self._the_wire().hears_within(seconds)
        except OSError:
            return True  # what is wrong with the connection is found out by who reads

    def deadline(self, seconds: float) -> float:
        """Return the moment when so many seconds, or the session's time, are over."""
        return min(time.monotonic() + seconds, self._ends_at)

    def quit(self) -> None:
        """Say good-bye within a moment; whatever happens, nothing that was sent is put in doubt."""
        with contextlib.suppress(StepFailed):
            if self._wire is not None:
                self.command("QUIT", Step.QUIT, self.settings.timeouts.quit_s)
        self.abort()

    def abort(self) -> None:
        """Leave without a word."""
        if self._wire is not None:
            self._wire.close()
        self._wire = None

    def _failed(self, error: Exception, step: Step) -> StepFailed:
        """Leave the server and return what is raised in place of a failure."""
        self.abort()
        return StepFailed(verdicts.of_failure(error, step))

    def _in_time(self) -> float:
        return self.deadline(self.settings.timeouts.command_s)

    def _the_wire(self) -> Wire:
        if self._wire is None:
            raise ConnectionError("the session has ended")
        return self._wire

    def _greet(self) -> str:
        greeting = self.reply(Step.CONNECT)
        if greeting.code != 220:
            raise StepFailed(verdicts.of_reply(greeting, Step.CONNECT))
        self._say_hello(Step.CONNECT)
        return greeting.text

    def _say_hello(self, step: Step) -> None:
        reply = self.command(f"EHLO {self.settings.ehlo_name}", step)
        if reply.code in {500, 501, 502, 504}:
            reply = self.command(f"HELO {self.settings.ehlo_name}", step)  # a server from before 1995
            self.extensions = {}
        elif reply.is_good:
            self.extensions = dict(_extension(line) for line in reply.lines[1:])
        if not reply.is_good:
            raise StepFailed(verdicts.of_reply(reply, Step.CONNECT))

    def _ask_for_tls(self) -> None:
        if "STARTTLS" not in self.extensions:
            raise StepFailed(Outcome(Verdict.SERVER_PROBLEM, Step.TLS, problem=Problem.TLS_NOT_OFFERED))
        reply = self.command("STARTTLS", Step.TLS)
        if reply.code != 220:
            raise StepFailed(verdicts.of_reply(reply, Step.TLS))

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.settings.ca_file is not None:
            context.load_verify_locations(self.settings.ca_file)
        return context


def _extension(line: str) -> tuple[str, str]:
    keyword, _, parameters = line.strip().upper().replace("AUTH=", "AUTH ", 1).partition(" ")
    return keyword, parameters


def _tls_name(host: str) -> str:
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
