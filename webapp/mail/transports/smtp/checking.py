"""The check of a connection, step by step, for the technologist's page."""

import time
from collections.abc import Callable, Iterator

from webapp.mail.address import is_wire_safe
from webapp.mail.transports.base import CheckStep, Envelope, Outcome, Parcel, Problem, Step, Verdict
from webapp.mail.transports.smtp import verdicts
from webapp.mail.transports.smtp.auth import sign_in
from webapp.mail.transports.smtp.session import SmtpSession
from webapp.mail.transports.smtp.settings import Encryption
from webapp.mail.transports.smtp.transaction import Transaction
from webapp.mail.transports.smtp.verdicts import StepFailed

Found = tuple[str, dict[str, str]]


def check(
    session: SmtpSession, sender: str | None, test: tuple[Envelope, bytes] | None
) -> Iterator[CheckStep]:
    """Yield a line for each step up to the first that fails. ``sender`` None leaves MAIL FROM out."""
    try:
        for step, attempt in _attempts(session, sender, test):
            for line in _lines(step, attempt):
                yield line
                if not line.is_ok:
                    return
        session.quit()
    finally:
        session.abort()


def _attempts(
    session: SmtpSession, sender: str | None, test: tuple[Envelope, bytes] | None
) -> Iterator[tuple[Step, Callable[[], Found]]]:
    yield Step.CONNECT, lambda: (session.connect(), {})
    if session.settings.encryption is not Encryption.NONE:
        yield Step.TLS, lambda: ("", session.secure())
    if session.settings.login:
        yield Step.SIGN_IN, lambda: (sign_in(session), {})
    if sender is not None:
        yield Step.SENDER, lambda: (_try_sender(session, sender), {})
    if test is not None:
        envelope, raw = test
        yield Step.DOT, lambda: (_send_test(session, envelope, raw), {})


def _lines(step: Step, attempt: Callable[[], Found]) -> Iterator[CheckStep]:
    """Resolving and connecting are one call of the guard, so a good connect makes two lines."""
    started = time.perf_counter()
    try:
        reply, details = attempt()
    except StepFailed as failed:
        outcome = failed.outcome
        if step is Step.CONNECT and outcome.step is not Step.RESOLVE:
            yield _good(Step.RESOLVE, started)
        reached = Step.RESOLVE if outcome.step is Step.RESOLVE else step
        yield CheckStep(
            reached, is_ok=False, reply=outcome.reply, problem=outcome.problem,
            ms=_ms(started), details={"at": outcome.step.value},
        )  # fmt: skip
        return
    if step is Step.CONNECT:
        yield _good(Step.RESOLVE, started)
    yield _good(step, started, reply, details)


def _good(step: Step, started: float, reply: str = "", details: dict[str, str] | None = None) -> CheckStep:
    return CheckStep(step, is_ok=True, reply=reply, problem=None, ms=_ms(started), details=details or {})


def _ms(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _try_sender(session: SmtpSession, sender: str) -> str:
    if not is_wire_safe(sender):
        raise StepFailed(Outcome(Verdict.SERVER_PROBLEM, Step.SENDER, problem=Problem.BAD_ADDRESS))
    reply = session.command(f"MAIL FROM:<{sender}>", Step.SENDER)
    if not reply.is_good:
        raise StepFailed(verdicts.of_reply(reply, Step.SENDER))
    session.command("RSET", Step.SENDER)
    return reply.text


def _send_test(session: SmtpSession, envelope: Envelope, raw: bytes) -> str:
    transaction = Transaction(session, Parcel(0, envelope, raw), lambda _point: None, resets=False)
    transaction.begin()
    transaction.offer()
    if transaction.is_ready:
        transaction.send_dot()
        transaction.hear_answer()
    return _sent_or_failed(list(transaction.outcomes.values()))


def _sent_or_failed(outcomes: list[Outcome]) -> str:
    for outcome in outcomes:
        if outcome.verdict is not Verdict.SENT:
            raise StepFailed(outcome)
    return outcomes[0].reply if outcomes else ""
