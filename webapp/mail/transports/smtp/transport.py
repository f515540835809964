"""The SMTP transport: a session opened when needed and used for any number of mails."""

from collections.abc import Callable, Iterator

from webapp.mail.transports.base import CheckStep, Envelope, Outcome
from webapp.mail.transports.smtp import checking
from webapp.mail.transports.smtp.auth import sign_in
from webapp.mail.transports.smtp.session import Connect, SmtpSession
from webapp.mail.transports.smtp.settings import Encryption, SmtpSettings
from webapp.mail.transports.smtp.transaction import Passing, Transaction
from webapp.mail.transports.smtp.verdicts import StepFailed


def _pass_by(_point: str) -> None:
    """Do nothing at a point of the road."""


class SmtpTransport:
    """Speaks to one server through the guarded ``connect(host, port, seconds)``.

    ``passing`` is told each point of the road by name (connect, tls, auth, mail, rcpt, data, mid_body,
    before_dot, after_dot, after_reply, quit), so that tests can kill the process there.
    """

    def __init__(self, settings: SmtpSettings, connect: Connect, passing: Passing = _pass_by) -> None:
        self._settings = settings
        self._connect = connect
        self._passing = passing
        self._session: SmtpSession | None = None

    @property
    def is_open(self) -> bool:
        """Whether the session can take the next mail without being opened again."""
        return self._session is not None and self._session.is_usable

    def open(self) -> Outcome | None:
        """Connect, encrypt and sign in; None means ready, an outcome says why not."""
        opened = self._opened()
        return opened if isinstance(opened, Outcome) else None

    def send(self, envelope: Envelope, raw: bytes, before_dot: Callable[[], bool]) -> dict[str, Outcome]:
        """Carry one mail and answer for every recipient; see ``Transport.send``.

        Raises ValueError when ``raw`` has a line end that is not CRLF, and what ``before_dot`` raises.
        """
        session = self._quiet_session() or self._opened()
        if isinstance(session, Outcome):
            return dict.fromkeys(envelope.recipients, session)
        return Transaction(session, envelope, raw, self._passing).run(before_dot)

    def close(self) -> None:
        """Say QUIT, bounded by its own deadline; never fails."""
        if self._session is not None:
            self._passing("quit")
            self._session.quit()
        self._session = None

    def check(self, sender: str | None, test: tuple[Envelope, bytes] | None = None) -> Iterator[CheckStep]:
        """Try the connection over a session of its own, up to the first failure."""
        return checking.check(SmtpSession(self._settings, self._connect), sender, test)

    def _quiet_session(self) -> SmtpSession | None:
        """The session at hand, unless the server ended it while it was idle: that is no failure of a mail."""
        session = self._session
        return session if session and session.is_usable and not session.has_news() else None

    def _opened(self) -> SmtpSession | Outcome:
        self.close()
        session = SmtpSession(self._settings, self._connect)
        try:
            self._make_ready(session)
        except StepFailed as failed:
            session.abort()
            return failed.outcome
        except BaseException:
            session.abort()
            raise
        self._session = session
        return session

    def _make_ready(self, session: SmtpSession) -> None:
        self._passing("connect")
        session.connect()
        if self._settings.encryption is not Encryption.NONE:
            self._passing("tls")
            session.secure()
        if self._settings.login:
            self._passing("auth")
            sign_in(session)
