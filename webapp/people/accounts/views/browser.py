"""What the browser keeps of a sign-in: the session's token, and that the device is known."""

from __future__ import annotations

import hashlib
import logging

from flask import Request, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.core.clock import now
from webapp.core.db import db, reading
from webapp.people.accounts import queries
from webapp.people.accounts.models import Account, AccountSession

log = logging.getLogger(__name__)

SESSION_COOKIE = "vestnik_session"
DEVICE_COOKIE = "vestnik_device"
LONGEST_TOKEN = 100
SEEN_EVERY_S = 300
YEAR_S = 365 * 24 * 3600
TOUCH_PATIENCE_MS = 100


def load_account(request: Request) -> Account | None:
    """Return the account whose session the browser carries, read in a transaction of its own.

    What follows begins anew, so a request that writes can do slow things before it takes SQLite's only lock.
    """
    session = load_session(request)
    if session is None:
        return None
    g.account_session_id = session.id
    if (now() - session.last_seen_at).total_seconds() > SEEN_EVERY_S:
        _touch(session.id)
    account = session.account
    db.session.add(account)
    return account


def load_session(request: Request) -> AccountSession | None:
    """Return the open session that the browser carries, detached, with its account."""
    token = request.cookies.get(SESSION_COOKIE, "")
    if not token or len(token) > LONGEST_TOKEN:
        return None
    with reading():
        session = queries.get_session_by_token(token)
        if session is not None:
            # Detached before the roll-back, otherwise that would make both forget what was read.
            db.session.expunge(session.account)
            db.session.expunge(session)
    return session


def keep_session(response: Response, session: AccountSession, token: str, email: str) -> Response:
    """Give the browser the session's token, and the mark of a device that this account has used."""
    _set_cookie(response, SESSION_COOKIE, token, int((session.expires_at - now()).total_seconds()))
    _set_cookie(response, DEVICE_COOKIE, _device_signer().dumps(_device_mark(email)), YEAR_S)
    return response


def forget_session(response: Response) -> Response:
    """Take the session's token from the browser; the device stays known."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=_is_secure())
    return response


def set_preference(response: Response, name: str, value: str) -> Response:
    """Let the browser remember a choice for a year."""
    _set_cookie(response, name, value, YEAR_S)
    return response


def is_known_device(email: str) -> bool:
    """Tell whether somebody has signed in to this account from this browser before."""
    try:
        mark = _device_signer().loads(request.cookies.get(DEVICE_COOKIE, ""))
    except BadSignature:
        return False
    return bool(mark == _device_mark(email))


def _set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="Lax", secure=_is_secure())


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _device_mark(email: str) -> str:
    return hashlib.sha256(queries.normal_email(email).encode()).hexdigest()[:32]


def _device_signer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="vestnik device")


def _touch(session_id: int) -> None:
    """Write when the session was last seen, in a short transaction of its own that may fail quietly."""
    try:
        with reading(), db.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA busy_timeout={TOUCH_PATIENCE_MS}")
            try:
                connection.execute(
                    update(AccountSession).where(AccountSession.id == session_id).values(last_seen_at=now())
                )
            finally:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA busy_timeout=5000")
    except OperationalError:
        log.info("The time when a session was last seen could not be written: the database is busy")
