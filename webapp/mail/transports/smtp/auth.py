"""Signing in with a login and a password: PLAIN (RFC 4616), else LOGIN."""

from base64 import b64encode
from typing import TYPE_CHECKING

from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.mail.transports.smtp import verdicts
from webapp.mail.transports.smtp.replies import Reply
from webapp.mail.transports.smtp.settings import SmtpSettings
from webapp.mail.transports.smtp.verdicts import StepFailed

if TYPE_CHECKING:  # the session blots our secrets out of what it reads, so it knows this module
    from webapp.mail.transports.smtp.session import SmtpSession


def sign_in(session: "SmtpSession") -> str:
    """Sign in and return the server's answer; a refused password is tried once, for fear of lock-out.

    Raises StepFailed.
    """
    offered = session.extensions.get("AUTH", "").split()
    reply = None
    if "PLAIN" in offered:
        reply = _plain(session)
    if "LOGIN" in offered and (reply is None or reply.code == 504):
        reply = _login(session)
    if reply is None:
        raise StepFailed(Outcome(Verdict.SERVER_PROBLEM, Step.SIGN_IN, problem=Problem.SIGN_IN_NOT_OFFERED))
    if reply.code != 235:
        raise StepFailed(verdicts.of_reply(reply, Step.SIGN_IN))
    return reply.text


def secrets_of(settings: SmtpSettings) -> tuple[str, ...]:
    """Return every form in which the password is on the wire, longest first."""
    if not settings.password:
        return ()
    return (_plain_words(settings), _base64(settings.password), settings.password)


def _plain(session: "SmtpSession") -> Reply:
    words = _plain_words(session.settings)
    reply = session.command(f"AUTH PLAIN {words}", Step.SIGN_IN)
    return session.command(words, Step.SIGN_IN) if reply.code == 334 else reply


def _login(session: "SmtpSession") -> Reply:
    reply = session.command("AUTH LOGIN", Step.SIGN_IN)
    for answer in (session.settings.login, session.settings.password):
        if reply.code != 334:
            return reply
        reply = session.command(_base64(answer), Step.SIGN_IN)
    return reply


def _plain_words(settings: SmtpSettings) -> str:
    return _base64(f"\0{settings.login}\0{settings.password}")


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode("ascii")
