"""Sign-in and its sessions: begin, end, and tell open streams that one has ended."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, or_, select

from webapp.core import redis
from webapp.core.clock import now
from webapp.core.db import db, on_commit, reading
from webapp.people.accounts import passwords, queries
from webapp.people.accounts.models import Account, AccountSession

#: The channel on which open streams hear that a session ended; carries its id.
SESSION_ENDED = "session:ended"
ENDED_SESSIONS_ARE_KEPT = timedelta(days=30)


class SignInRefused(Exception):
    """Address and password do not open an account; which of the two is wrong is not told."""


def sign_in(
    email: str, password: str, *, address: str, user_agent: str, lifetime: timedelta
) -> tuple[AccountSession, str]:
    """Begin a session and return it with its token, which is kept nowhere else.

    The password is checked before the transaction that writes begins. Raises SignInRefused.
    """
    with reading():
        account = queries.get_active_account_by_email(email)
        account_id, kept_hash = (account.id, account.password_hash) if account else (None, None)
    if not passwords.is_password(password, kept_hash) or account_id is None or kept_hash is None:
        raise SignInRefused
    new_hash = passwords.hash_password(password) if passwords.needs_new_hash(kept_hash) else kept_hash
    account = queries.get_account(account_id)
    if account is None or not account.is_active or account.password_hash != kept_hash:
        raise SignInRefused  # deactivated, or another password, while we were checking
    account.password_hash = new_hash
    return start_session(account, address=address, user_agent=user_agent, lifetime=lifetime)


def start_session(
    account: Account, *, address: str, user_agent: str, lifetime: timedelta
) -> tuple[AccountSession, str]:
    """Begin a session of the account, whoever it is, and return it with its token."""
    token = secrets.token_urlsafe(32)
    session = AccountSession(
        token_hash=queries.hash_of(token),
        account=account,
        address=address[:64],
        user_agent=user_agent[:300],
        expires_at=now() + lifetime,
    )
    db.session.add(session)
    db.session.flush()
    return session, token


def end_session(session: AccountSession) -> None:
    """End one session; its open streams end after the commit."""
    _end([session])


def end_other_sessions(account: Account, kept_id: int) -> int:
    """End all sessions of the account but one; returns how many there were."""
    return _end(session for session in queries.list_sessions(account.id) if session.id != kept_id)


def end_all_sessions(account: Account) -> int:
    """End all sessions of the account; returns how many there were."""
    return _end(queries.list_sessions(account.id))


def forget_old_sessions(most: int = 1000) -> int:
    """Delete sessions that ended or ran out more than 30 days ago; returns how many, at most ``most``."""
    before = now() - ENDED_SESSIONS_ARE_KEPT
    is_old = or_(AccountSession.ended_at < before, AccountSession.expires_at < before)
    ids = db.session.scalars(select(AccountSession.id).where(is_old).limit(most)).all()
    db.session.execute(delete(AccountSession).where(AccountSession.id.in_(ids)))
    return len(ids)


def _end(sessions: Iterable[AccountSession]) -> int:
    ended = 0
    for session in sessions:
        session.ended_at = now()
        _publish_on_commit(session.id)
        ended += 1
    db.session.flush()
    return ended


def _publish_on_commit(session_id: int) -> None:
    on_commit((SESSION_ENDED, session_id), lambda: _publish(session_id))


def _publish(session_id: int) -> None:
    if redis.is_resting():
        return  # streams look at their session themselves from time to time
    try:
        redis.client().publish(SESSION_ENDED, str(session_id))
    except redis.RedisError:
        redis.mark_failed()
        raise
