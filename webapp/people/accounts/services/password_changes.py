"""Setting and confirming passwords; a new one ends the sessions and the links from before it."""

from __future__ import annotations

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.db import db, reading
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.people.accounts import passwords, queries
from webapp.people.accounts.models import Account, OneTimeLink
from webapp.people.accounts.services import sessions


class WrongPassword(Exception):
    """The present password was not given."""


def confirm_password(account: Account, password: str) -> None:
    """Raise WrongPassword unless it is the account's own.

    It is slow: call it before the first query of a request that writes.
    """
    if not passwords.is_password(password, account.password_hash):
        raise WrongPassword


def change_own_password(account: Account, present: str, new: str, *, kept_session_id: int) -> int:
    """Change the password of the person who asks and end their other sessions; returns how many ended.

    Announces ``account.changed``. Raises WrongPassword and PasswordRefused.
    """
    confirm_password(account, present)
    passwords.check_password(new, email=account.email, name=account.name)
    keep_hash(account, passwords.hash_password(new), actor_id=account.id)
    return sessions.end_other_sessions(account, kept_session_id)


def set_password(account_id: int, password: str, *, actor: Account | None) -> int:
    """Set somebody's password and end all their sessions; returns how many ended.

    Announces ``account.changed``. Raises PasswordRefused, and LookupError when there is no such account.
    """
    with reading():
        account = queries.get_account(account_id)
        if account is None:
            raise LookupError(account_id)
        passwords.check_password(password, email=account.email, name=account.name)
    new_hash = passwords.hash_password(password)
    account = queries.get_account(account_id)
    if account is None:
        raise LookupError(account_id)
    keep_hash(account, new_hash, actor_id=actor.id if actor else None)
    return sessions.end_all_sessions(account)


def keep_hash(account: Account, new_hash: str, *, actor_id: int | None) -> None:
    """Keep the hash of a new password and void all links that would set another one.

    Announces ``account.changed`` with no word of the password itself.
    """
    account.password_hash = new_hash
    void_links(account)
    db.session.flush()
    announce(
        EventKind.ACCOUNT_CHANGED,
        Subject("account", account.id),
        actor_id=actor_id,
        data={"password": "changed"},
    )


def void_links(account: Account) -> None:
    """Make every unused link to a new password useless."""
    unused = (OneTimeLink.account_id == account.id) & OneTimeLink.used_at.is_(None)
    db.session.execute(update(OneTimeLink).where(unused).values(used_at=now()))
