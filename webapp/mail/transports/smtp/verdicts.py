"""What a reply or a failure at a step means: the one table from the wire to outcomes."""

import errno
import socket
import ssl
from typing import Final

from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.mail.transports.smtp.known_replies import problem_of
from webapp.mail.transports.smtp.replies import Reply
from webapp.mail.transports.smtp.wire import ProtocolError

_OPENING: Final = frozenset({Step.RESOLVE, Step.CONNECT, Step.TLS, Step.SIGN_IN})
_NO_ROUTE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_WRONG_HOST: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21, 27})
_NOT_IN_TIME: Final = frozenset({9, 10})

_PERMANENT: Final[dict[Step, tuple[Verdict, Problem]]] = {
    Step.CONNECT: (Verdict.SERVER_PROBLEM, Problem.GREETING_REFUSED),
    Step.TLS: (Verdict.SERVER_PROBLEM, Problem.TLS_NOT_OFFERED),
    Step.SIGN_IN: (Verdict.SERVER_PROBLEM, Problem.PASSWORD_REFUSED),
    Step.SENDER: (Verdict.SERVER_PROBLEM, Problem.SENDER_REFUSED),
    Step.RECIPIENT: (Verdict.REFUSED, Problem.RECIPIENT_REFUSED),
    Step.DATA: (Verdict.REFUSED, Problem.MESSAGE_REFUSED),
    Step.BODY: (Verdict.REFUSED, Problem.MESSAGE_REFUSED),
    Step.DOT: (Verdict.REFUSED, Problem.MESSAGE_REFUSED),
}


class StepFailed(Exception):
    """A step did not come to a good end; ``outcome`` says everything."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.problem)
        self.outcome = outcome


def of_reply(reply: Reply, step: Step) -> Outcome:
    """Judge a reply that is not the good one for its step."""
    verdict, problem = _verdict(reply, step)
    is_cooling = reply.code == 421 or (verdict is Verdict.LATER and step in _OPENING)
    return Outcome(
        verdict, step, reply.code, reply.text, is_cooling,
        reply.retry_after_s if verdict is Verdict.LATER else None, problem,
    )  # fmt: skip


def of_failure(error: Exception, step: Step) -> Outcome:
    """Judge a failure of the network, of TLS or of the protocol. After the dot all are ambiguous."""
    verdict, problem = _failure(error, step)
    if step is Step.DOT:
        return Outcome(Verdict.AMBIGUOUS, step, problem=problem)
    if problem is Problem.UNKNOWN_HOST:
        step = Step.RESOLVE
    return Outcome(verdict, step, cool_down=verdict is Verdict.LATER and step in _OPENING, problem=problem)


def _verdict(reply: Reply, step: Step) -> tuple[Verdict, Problem]:
    if reply.is_temporary:
        too_many = reply.code == 452 and step is Step.RECIPIENT
        return Verdict.LATER, Problem.TOO_MANY_RECIPIENTS if too_many else Problem.SERVER_BUSY
    if reply.code < 500:
        verdict = Verdict.AMBIGUOUS if step is Step.DOT else Verdict.LATER
        return verdict, Problem.PROTOCOL_ERROR
    return _about_us(reply, step) or _about_size(reply, step) or _PERMANENT[step]


def _about_us(reply: Reply, step: Step) -> tuple[Verdict, Problem] | None:
    """Say whether the server refuses us and not the mail, which then must wait."""
    known = problem_of(reply.text, step)
    if known is not None:
        return Verdict.SERVER_PROBLEM, known
    if reply.code == 538 or (reply.code == 530 and "STARTTLS" in reply.text.upper()):
        return Verdict.SERVER_PROBLEM, Problem.TLS_REQUIRED
    if reply.code == 530 and step is not Step.TLS:
        return Verdict.SERVER_PROBLEM, Problem.SIGN_IN_REQUIRED
    if step is Step.SIGN_IN and reply.code in {500, 502, 503, 504}:
        return Verdict.SERVER_PROBLEM, Problem.SIGN_IN_NOT_OFFERED
    if reply.code in {534, 535}:
        return Verdict.SERVER_PROBLEM, Problem.PASSWORD_REFUSED
    return None


def _about_size(reply: Reply, step: Step) -> tuple[Verdict, Problem] | None:
    if reply.code != 552:
        return None
    if step is Step.RECIPIENT:
        return Verdict.LATER, Problem.TOO_MANY_RECIPIENTS  # RFC 5321 §4.5.3.1.10
    if step in {Step.SENDER, Step.DATA, Step.BODY, Step.DOT}:
        return Verdict.REFUSED, Problem.TOO_LARGE  # at MAIL it answers our SIZE (RFC 1870 §6.1)
    return None


def _failure(error: Exception, step: Step) -> tuple[Verdict, Problem]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict.SERVER_PROBLEM, _certificate_problem(error)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Verdict.LATER, Problem.DISCONNECTED
    if isinstance(error, ssl.SSLError):
        return Verdict.SERVER_PROBLEM if step is Step.TLS else Verdict.LATER, Problem.TLS_FAILED
    if isinstance(error, PermissionError) and error.errno is None:
        return (
            Verdict.SERVER_PROBLEM,
            Problem.GUARD_REFUSED,
        )  # our own guard: the system's refusal has an errno
    return Verdict.LATER, _passing_problem(error)


def _passing_problem(error: Exception) -> Problem:
    if isinstance(error, ProtocolError):
        return Problem.PROTOCOL_ERROR
    if isinstance(error, socket.gaierror):
        return Problem.UNKNOWN_HOST
    if isinstance(error, TimeoutError):
        return Problem.TIMED_OUT
    if isinstance(error, ConnectionRefusedError):
        return Problem.CONNECTION_REFUSED
    if isinstance(error, ConnectionError):
        return Problem.DISCONNECTED
    return Problem.NO_ROUTE if getattr(error, "errno", None) in _NO_ROUTE else Problem.NETWORK_ERROR


def _certificate_problem(error: ssl.SSLCertVerificationError) -> Problem:
    if error.verify_code in _WRONG_HOST:
        return Problem.CERTIFICATE_WRONG_HOST
    if error.verify_code in _UNKNOWN_ISSUER:
        return Problem.CERTIFICATE_UNKNOWN_ISSUER
    if error.verify_code in _NOT_IN_TIME:
        return Problem.CERTIFICATE_EXPIRED
    return Problem.CERTIFICATE_INVALID
