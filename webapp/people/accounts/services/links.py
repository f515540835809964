"""One-time links that let their owner set a password: made, sealed into an event, used once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select, update

from webapp.core import secret_box
from webapp.core.clock import now
from webapp.core.db import db, reading
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.people.accounts import passwords, queries
from webapp.people.accounts.models import Account, OneTimeLink
from webapp.people.accounts.services import sessions
from webapp.people.accounts.services.password_changes import keep_hash

LINK_LIVES = timedelta(minutes=30)
INVITATION_LIVES = timedelta(days=3)
MOST_LINKS_PER_HOUR = 5


class LinkRefused(Exception):
    """The link is unknown, was used, has run out, or its account is closed."""


def request_password_link(email: str) -> None:
    """Make a link for the active account with this address, if there is one and it has not asked too often.

    Announces ``account.password_link_requested``. Tells nobody whether there is such an account.
    """
    account = queries.get_active_account_by_email(email)
    if account is not None and _count_recent_links(account) < MOST_LINKS_PER_HOUR:
        _make_link(account, LINK_LIVES, reason="forgotten", actor_id=None)


def send_password_link(account: Account, *, actor: Account) -> str:
    """Make a link for somebody else and return its token. Announces ``account.password_link_requested``."""
    return _make_link(account, LINK_LIVES, reason="sent", actor_id=actor.id)


def invite(account: Account, *, actor: Account) -> str:
    """Make the link by which a new person sets their first password; returns its token.

    Announces ``account.password_link_requested``.
    """
    return _make_link(account, INVITATION_LIVES, reason="invited", actor_id=actor.id)


def use_password_link(token: str, password: str) -> Account:
    """Set the password of the link's account; ends its sessions and all its links.

    The slow hash is made before the transaction that writes. Announces ``account.changed``.
    Raises LinkRefused and PasswordRefused.
    """
    with reading():
        link = queries.get_usable_link(token)
        if link is None:
            raise LinkRefused
        passwords.check_password(password, email=link.account.email, name=link.account.name)
    new_hash = passwords.hash_password(password)
    account = _take(token)
    keep_hash(account, new_hash, actor_id=account.id)
    sessions.end_all_sessions(account)
    return account


def _make_link(account: Account, lives: timedelta, *, reason: str, actor_id: int | None) -> str:
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(token_hash=queries.hash_of(token), account=account, expires_at=now() + lives)
    db.session.add(link)
    data = {
        "sealed_token": secret_box.seal(token),
        "reason": reason,
        "expires_at": link.expires_at.isoformat(),
    }
    announce(EventKind.PASSWORD_LINK_REQUESTED, Subject("account", account.id), actor_id=actor_id, data=data)
    return token


def _take(token: str) -> Account:
    """Mark the link as used and return its account: of two who use it at once, one gets it."""
    link = queries.get_usable_link(token)
    if link is None:
        raise LinkRefused
    is_unused = (OneTimeLink.id == link.id) & OneTimeLink.used_at.is_(None)
    taken = db.session.execute(
        update(OneTimeLink).where(is_unused).values(used_at=now()).returning(OneTimeLink.id)
    )
    if taken.scalar() is None:
        raise LinkRefused
    return link.account


def _count_recent_links(account: Account) -> int:
    is_recent = (OneTimeLink.account_id == account.id) & (OneTimeLink.created_at > now() - timedelta(hours=1))
    return db.session.scalar(select(func.count()).select_from(OneTimeLink).where(is_recent)) or 0
