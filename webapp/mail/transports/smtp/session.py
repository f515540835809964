"""One conversation with one SMTP server: opening, commands, end."""

import contextlib
import socket
import ssl
from collections.abc import Callable

import idna

from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.mail.transports.smtp import verdicts
from webapp.mail.transports.smtp.auth import secrets_of
from webapp.mail.transports.smtp.replies import Reply, read_reply
from webapp.mail.transports.smtp.settings import Encryption, SmtpSettings
from webapp.mail.transports.smtp.verdicts import StepFailed
from webapp.mail.transports.smtp.wire import Deadline, ProtocolError, Wire

Connect = Callable[[str, int, float], socket.socket]


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
        self._ends = Deadline(settings.timeouts.session_s)

    @property
    def is_usable(self) -> bool:
        """Whether the connection stands and has time left for another mail."""
        return self._wire is not None and not self._ends.is_over

    @property
    def pipelines(self) -> bool:
        """Whether lines may be said before the ones before them are answered (RFC 2920)."""
        return "PIPELINING" in self.extensions

    def connect(self) -> str:
        """Connect and, unless TLS comes first, greet. Returns the greeting."""
        with self.failing_at(Step.CONNECT):
            seconds = self.deadline(self.settings.timeouts.connect_s).remaining()
            self._wire = Wire(self._connect(self.settings.host, self.settings.port, seconds))
        return "" if self.settings.encryption is Encryption.TLS else self._greet()

    def secure(self) -> dict[str, str]:
        """Encrypt as the settings ask and return facts about the certificate; no way leads around it."""
        if self.settings.encryption is Encryption.STARTTLS:
            self._ask_for_tls()
        with self.failing_at(Step.TLS):
            self._the_wire().start_tls(
                self._tls_context(),
                _tls_name(self.settings.host),
                self.deadline(self.settings.timeouts.command_s),
            )
        if self.settings.encryption is Encryption.TLS:
            self._greet()
        else:
            self._say_hello(Step.TLS)  # what was offered in clear text may be forged
        return self._the_wire().tls_facts()

    def command(self, line: str, step: Step, seconds: float | None = None) -> Reply:
        """Say one line and return the reply. A 421 ends the session (RFC 5321 §3.8)."""
        deadline = self.deadline(seconds or self.settings.timeouts.command_s)
        with self.failing_at(step):
            self._the_wire().write(line.encode("utf-8") + b"\r\n", deadline)
        return self.reply(step, deadline)

    def write(self, octets: bytes, step: Step, deadline: Deadline) -> None:
        """Put octets on the wire as part of a step."""
        with self.failing_at(step):
            self._the_wire().write(octets, deadline)

    def reply(self, step: Step, deadline: Deadline) -> Reply:
        """Wait for the reply to what was said at the step."""
        with self.failing_at(step):
            reply = read_reply(self._the_wire(), deadline, self._secrets)
        if reply.code == 421:
            self.abort()
            raise StepFailed(verdicts.of_reply(reply, step))
        return reply

    def has_news(self) -> bool:
        """Tell whether the server spoke, or left, before it was asked."""
        with self.failing_at(Step.BODY):
            return self._the_wire().has_news()

    def hears_within(self, seconds: float) -> bool:
        """Wait so long for the server's next word; False when it says nothing."""
        with contextlib.suppress(OSError):
            return self._the_wire().hears_within(seconds)
        return True  # what is wrong with the connection is found out by who reads

    def deadline(self, seconds: float) -> Deadline:
        """Return a deadline that also ends with the session."""
        return Deadline(seconds, within=self._ends)

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

    def failing_at(self, step: Step) -> "_FailingAt":
        """Turn a failure of the network inside the block into StepFailed, and leave the server."""
        return _FailingAt(self, step)

    def _the_wire(self) -> Wire:
        if self._wire is None:
            raise ConnectionError("the session has ended")
        return self._wire

    def _greet(self) -> str:
        greeting = self.reply(Step.CONNECT, self.deadline(self.settings.timeouts.command_s))
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


class _FailingAt:
    """Not made of a generator: there is one for each line of a conversation."""

    __slots__ = ("_session", "_step")

    def __init__(self, session: SmtpSession, step: Step) -> None:
        self._session = session
        self._step = step

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError | ProtocolError | ValueError):
            self._session.abort()
            raise StepFailed(verdicts.of_failure(error, self._step)) from None


def _extension(line: str) -> tuple[str, str]:
    keyword, _, parameters = line.strip().upper().replace("AUTH=", "AUTH ", 1).partition(" ")
    return keyword, parameters


def _tls_name(host: str) -> str:
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
