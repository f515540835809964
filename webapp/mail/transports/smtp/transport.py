"""The SMTP transport: a session opened when needed and used for any number of mails."""

from collections.abc import Iterable, Iterator
from typing import Final

from webapp.mail.transports.base import CheckStep, Envelope, Ledger, Outcome, Parcel
from webapp.mail.transports.smtp import checking
from webapp.mail.transports.smtp.auth import sign_in
from webapp.mail.transports.smtp.session import Connect, SmtpSession
from webapp.mail.transports.smtp.settings import Encryption, SmtpSettings
from webapp.mail.transports.smtp.transaction import Passing, Transaction, pass_by
from webapp.mail.transports.smtp.verdicts import StepFailed

#: Seconds for which a taken mail stays unwritten, so that one commit serves for it and for the next.
SHORT_WAIT_S: Final = 0.02


class SmtpTransport:
    """Speaks to one server through the guarded ``connect(host, port, seconds)``.

    ``passing`` is told each point of the road by name (connect, tls, auth, mail, rcpt, data, mid_body,
    before_dot, after_dot, after_reply, quit), so that tests can kill the process there.
    """

    def __init__(self, settings: SmtpSettings, connect: Connect, passing: Passing = pass_by) -> None:
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

    def carry(self, parcels: Iterable[Parcel], ledger: Ledger) -> None:
        """Carry the mails; see ``Transport.carry``.

        The end of one and the beginning of the next share a packet where the server allows it. Raises
        ValueError when a mail has a line end that is not CRLF, and what the ledger and the iterable raise.
        """
        try:
            self._carry(iter(parcels), ledger)
        except BaseException:
            if self._session is not None:
                self._session.abort()
            raise

    def close(self) -> None:
        """Say QUIT, bounded by its own deadline; never fails."""
        if self._session is not None:
            self._passing("quit")
            self._session.quit()
        self._session = None

    def check(self, sender: str | None, test: tuple[Envelope, bytes] | None = None) -> Iterator[CheckStep]:
        """Try the connection over a session of its own, up to the first failure."""
        return checking.check(SmtpSession(self._settings, self._connect), sender, test)

    def _carry(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        parcel, begun = next(parcels, None), None
        while parcel is not None:
            current = begun or self._begun(parcel)
            if isinstance(current, Outcome):
                outcomes, following = dict.fromkeys(parcel.envelope.recipients, current), None
            else:
                self._write_while_waiting(ledger)
                current.offer()
                following = self._finish(current, parcels, ledger) if current.is_ready else None
                outcomes = current.outcomes
            if not ledger.settle(parcel, outcomes):
                return self._leave(following)
            parcel = following.parcel if following else next(parcels, None)
            begun = following
            if not self.is_open:
                self._leave(begun)
                begun = None
        return None

    def _begun(self, parcel: Parcel) -> Transaction | Outcome:
        session = self._quiet_session() or self._opened()
        if isinstance(session, Outcome):
            return session
        transaction = Transaction(session, parcel, self._passing, resets=session.needs_reset)
        transaction.begin()
        return transaction

    def _finish(self, current: Transaction, parcels: Iterator[Parcel], ledger: Ledger) -> Transaction | None:
        """Send the dot if the ledger lets us; returns the next mail's transaction, begun behind the dot."""
        session = self._session
        assert session is not None  # noqa: S101 - it has just carried the body
        following = next(parcels, None) if session.pipelines else None
        begun = Transaction(session, following, self._passing, resets=False) if following else None
        if ledger.may_pass_dot(current.parcel):
            current.send_dot(begun.opening() if begun else b"")
            ledger.while_waiting()
            current.hear_answer()
        else:
            current.lose()
        return begun

    def _write_while_waiting(self, ledger: Ledger) -> None:
        """A server that lets us wait must not keep what it took before from being written down."""
        session = self._session
        if session is None or not session.hears_within(SHORT_WAIT_S):
            ledger.flush()

    def _leave(self, begun: Transaction | None) -> None:
        if begun is not None and self._session is not None:
            self._session.abort()

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
