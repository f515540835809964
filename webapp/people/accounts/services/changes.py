"""Making, changing, deactivating and activating accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from webapp.core.db import db, reading
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.mail.address import parse_address
from webapp.people.accounts import passwords, queries
from webapp.people.accounts.models import Account, Role
from webapp.people.accounts.services import sessions
from webapp.people.accounts.services.password_changes import void_links
from webapp.people.accounts.services.places import Place, refuse_circle
from webapp.people.accounts.time_zones import is_zone

CHANGEABLE = (
    "email", "name", "role", "language", "time_zone", "is_active",
    "manager_id", "title", "department", "office", "phone",
)  # fmt: skip


class AddressTaken(Exception):
    """Another account has this address."""


class LastTechnologist(Exception):
    """Without this technologist nobody could set the program up."""


class UnknownZone(ValueError):
    """No place that a person can choose has a time zone of this name."""


class NotEmpty(Exception):
    """The system has accounts already, so the first one cannot be made."""


class OwnAccount(Exception):
    """Nobody deactivates their own account."""


def create_account(  # noqa: PLR0913, PLR0917 - an account has these parts
    email: str,
    name: str,
    role: Role,
    language: str,
    time_zone: str,
    password: str | None,
    *,
    actor: Account | None,
    place: Place | None = None,
) -> Account:
    """Make an account; without a password it waits for its owner to set one by a link.

    Announces ``account.created``. Raises InvalidAddress, UnknownZone, AddressTaken and PasswordRefused.
    """
    email = _usable(email)
    _require_zone(time_zone)
    if password is not None:
        passwords.check_password(password, email=email, name=name)
    account = Account(
        email=email,
        name=name,
        role=role.value,
        language=language,
        time_zone=time_zone,
        password_hash=None if password is None else passwords.hash_password(password),
        is_active=True,
        **(place or Place()).values,
    )
    _insert(account)
    values = {name: getattr(account, name) for name in CHANGEABLE}
    first_values = {
        name: {"before": None, "after": value} for name, value in values.items() if value is not None
    }
    _announce(EventKind.ACCOUNT_CREATED, account, actor or account, first_values)
    return account


def create_first_account(email: str, name: str, language: str, time_zone: str, password: str) -> Account:
    """Make the first technologist of an empty system, however many ask for it at once.

    The slow hash is made before the transaction that writes, and for nobody once there is an account.
    Announces ``account.created``. Raises NotEmpty and PasswordRefused.
    """
    with reading():
        if queries.has_accounts():
            raise NotEmpty
    passwords.check_password(password, email=email, name=name)
    new_hash = passwords.hash_password(password)
    _lock_accounts()
    if queries.has_accounts():
        raise NotEmpty
    account = create_account(email, name, Role.TECHNOLOGIST, language, time_zone, None, actor=None)
    account.password_hash = new_hash
    db.session.flush()
    return account


def change_account(  # noqa: PLR0913 - an account has these parts
    account: Account,
    *,
    actor: Account,
    email: str | None = None,
    name: str | None = None,
    role: Role | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    place: Place | None = None,
) -> bool:
    """Change what is given; returns whether anything differs now.

    With another address all links to a new password lose their use, because they went to the old one.
    Announces ``account.changed``. Raises InvalidAddress, UnknownZone, AddressTaken, LastTechnologist and
    ManagerCircle.
    """
    wanted = {
        "email": None if email is None else _usable(email),
        "name": name,
        "role": None if role is None else role.value,
        "language": language,
        "time_zone": time_zone,
    }
    given: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
    given |= place.values if place else {}
    changed = {key: value for key, value in given.items() if value != getattr(account, key)}
    if changed.get("manager_id"):
        _lock_accounts()  # otherwise two people could become each other's manager at the same time
        refuse_circle(account, changed["manager_id"])
    if changed.get("role", Role.TECHNOLOGIST.value) != Role.TECHNOLOGIST.value:
        _keep_a_technologist(account)
    if "time_zone" in changed:
        _require_zone(changed["time_zone"])
    if "email" in changed:
        _require_free(changed["email"])
        void_links(account)
    return _change(account, changed, actor)


def deactivate(account: Account, *, actor: Account) -> int:
    """Close the account, end its sessions and its links; returns how many sessions ended.

    Announces ``account.changed``. Raises OwnAccount and LastTechnologist.
    """
    if account.id == actor.id:
        raise OwnAccount
    _keep_a_technologist(account)
    _change(account, {"is_active": False}, actor)
    void_links(account)
    return sessions.end_all_sessions(account)


def activate(account: Account, *, actor: Account) -> None:
    """Open the account again. Announces ``account.changed``."""
    _change(account, {"is_active": True}, actor)


def _usable(email: str) -> str:
    return queries.normal_email(parse_address(email))


def _require_zone(name: str) -> None:
    if not is_zone(name):
        raise UnknownZone(name)


def _insert(account: Account) -> None:
    _require_free(account.email)
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:  # somebody else took it since we looked
        raise AddressTaken from None


def _require_free(email: str | None) -> None:
    if email and queries.get_account_by_email(email) is not None:
        raise AddressTaken


def _keep_a_technologist(account: Account) -> None:
    if not (account.is_technologist and account.is_active):
        return
    _lock_accounts()  # otherwise two technologists could remove each other at the same time
    if queries.count_active_technologists() <= 1:
        raise LastTechnologist


def _lock_accounts() -> None:
    # SQLite has one writer anyway, and a request that writes is it from its first query on.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE"))


def _change(account: Account, values: dict[str, Any], actor: Account) -> bool:
    differing = {key: value for key, value in values.items() if getattr(account, key) != value}
    changes = {key: {"before": getattr(account, key), "after": value} for key, value in differing.items()}
    if not changes:
        return False
    try:
        with db.session.begin_nested():
            for key, value in differing.items():
                setattr(account, key, value)
    except IntegrityError:
        raise AddressTaken from None
    _announce(EventKind.ACCOUNT_CHANGED, account, actor, changes)
    return True


def _announce(kind: EventKind, account: Account, actor: Account, changes: dict[str, Any]) -> None:
    announce(kind, Subject("account", account.id), actor_id=actor.id, changes=changes)
