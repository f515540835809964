"""People of the tests and how they sign in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from webapp.core.clock import now
from webapp.core.db import db
from webapp.people.accounts.models import Account, AccountSession, Role, Team

SESSION_COOKIE = "vestnik_session"


def make_account(
    name: str, *, role: Role = Role.USER, language: str = "ru", time_zone: str = "Europe/Moscow"
) -> Account:
    """Make an account without a password; tests sign in by inserting its session."""
    account = Account(
        email=f"{name.split(maxsplit=1)[0].lower()}@example.com",
        name=name,
        role=role.value,
        language=language,
        time_zone=time_zone,
    )
    db.session.add(account)
    db.session.commit()
    return account


def make_team(name: str, *, leader: Account, members: tuple[Account, ...] = ()) -> Team:
    """Make a team with its leader as a member."""
    team = Team(name=name, leader=leader, members=[leader, *members])
    db.session.add(team)
    db.session.commit()
    return team


def make_session(account: Account) -> str:
    """Insert a session for the account and return its token."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        AccountSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            account_id=account.id,
            expires_at=now() + timedelta(days=1),
        )
    )
    db.session.commit()
    return token
