"""Reads of accounts, teams, sessions and one-time links."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.paging import KeysetPage, paginate
from webapp.people.accounts.models import (
    STAFF,
    Account,
    AccountSession,
    OneTimeLink,
    Role,
    Team,
    TeamMember,
    sort_key_of,
)

_BRACKETED = re.compile(r"<([^<>]+)>\s*$")


def has_accounts() -> bool:
    """Tell whether the system has any account yet."""
    return db.session.scalar(select(Account.id).limit(1)) is not None


def count_accounts() -> int:
    """Count the active accounts."""
    return db.session.scalar(select(func.count()).select_from(Account).where(Account.is_active)) or 0


def get_account(account_id: int) -> Account | None:
    """Return the account with this number."""
    return db.session.get(Account, account_id)


def get_account_by_email(email: str) -> Account | None:
    """Return the account with this address, active or not, however the address is written."""
    if "\0" in email:
        return None  # PostgreSQL would not even look
    return db.session.scalar(select(Account).where(Account.email == normal_email(email)))


def get_account_named(line: str) -> Account | None:
    """Return the account whose address the line is, or holds in angle brackets at its end."""
    bracketed = _BRACKETED.search(line)
    return get_account_by_email(bracketed.group(1) if bracketed else line.strip())


def get_active_account_by_email(email: str) -> Account | None:
    """Return the active account with this address, however the address is written."""
    account = get_account_by_email(email)
    return account if account is not None and account.is_active else None


def normal_email(email: str) -> str:
    """Return the address as accounts keep it: no two differ by letter case or composition alone."""
    return unicodedata.normalize("NFC", email).strip().lower()


def list_accounts(
    *,
    text: str = "",
    role: Role | None = None,
    is_active: bool | None = True,
    cursor: str | None = None,
    size: int = 50,
) -> KeysetPage[Account]:
    """Return a page of accounts by name; None for a filter lets all through."""
    statement = select(Account).where(name_or_address_holds(text)) if text.strip() else select(Account)
    if role is not None:
        statement = statement.where(Account.role == role.value)
    if is_active is not None:
        statement = statement.where(Account.is_active == is_active)
    statement = statement.options(selectinload(Account.teams))
    return paginate(
        db.session, statement, [(Account.sort_key, "asc"), (Account.id, "asc")], cursor=cursor, size=size
    )


def find_accounts(text: str, *, limit: int = 20) -> list[Account]:
    """Return active accounts whose name or address holds the text, by name."""
    statement = (
        select(Account)
        .where(Account.is_active, name_or_address_holds(text))
        .order_by(Account.sort_key, Account.id)
    )
    return list(db.session.scalars(statement.limit(limit)))


def list_active_staff() -> list[Account]:
    """Return everybody active who works for the desk, by name."""
    is_staff = Account.role.in_([role.value for role in STAFF])
    return list(
        db.session.scalars(select(Account).where(Account.is_active, is_staff).order_by(Account.sort_key))
    )


def accounts_by_ids(ids: Collection[int]) -> dict[int, Account]:
    """Return the accounts with these numbers; numbers that nobody has are left out."""
    found: dict[int, Account] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 500):
        accounts = db.session.scalars(select(Account).where(Account.id.in_(wanted[start : start + 500])))
        found |= {account.id: account for account in accounts}
    return found


def count_active_technologists() -> int:
    """Return how many active accounts may set the program up."""
    is_technologist = (Account.role == Role.TECHNOLOGIST.value) & Account.is_active
    return db.session.scalar(select(func.count()).select_from(Account).where(is_technologist)) or 0


def get_team(team_id: int) -> Team | None:
    """Return the team with this number."""
    return db.session.get(Team, team_id)


def get_team_by_name(name: str) -> Team | None:
    """Return the team with this name; letter case makes no difference."""
    key = sort_key_of(name)
    return next((team for team in db.session.scalars(select(Team)) if sort_key_of(team.name) == key), None)


def list_teams(*, is_active: bool | None = True) -> list[Team]:
    """Return the teams by name with their leaders and members; None returns inactive ones too."""
    statement = select(Team).options(joinedload(Team.leader), selectinload(Team.members))
    if is_active is not None:
        statement = statement.where(Team.is_active == is_active)
    return sorted(db.session.scalars(statement), key=lambda team: sort_key_of(team.name))


def team_ids_of(account_id: int) -> list[int]:
    """Return the numbers of the active teams that the account is a member of."""
    statement = select(TeamMember.team_id).join(Team, Team.id == TeamMember.team_id)
    return list(db.session.scalars(statement.where(TeamMember.account_id == account_id, Team.is_active)))


def list_led_teams(account_id: int) -> list[Team]:
    """Return the active teams that the account leads."""
    return [team for team in list_teams() if team.leader_id == account_id]


def get_session_by_token(token: str) -> AccountSession | None:
    """Return the session that the token opens, with its account; None when it has ended in any way."""
    statement = (
        select(AccountSession)
        .join(AccountSession.account)
        .options(joinedload(AccountSession.account))
        .where(AccountSession.token_hash == hash_of(token), *_is_open(), Account.is_active)
    )
    return db.session.scalar(statement)


def list_sessions(account_id: int) -> Sequence[AccountSession]:
    """Return the account's open sessions, the one used last in front."""
    statement = select(AccountSession).where(AccountSession.account_id == account_id, *_is_open())
    return db.session.scalars(
        statement.order_by(AccountSession.last_seen_at.desc(), AccountSession.id.desc())
    ).all()


def count_sessions(account_id: int) -> int:
    """Return in how many places the account is signed in."""
    statement = select(func.count()).select_from(AccountSession)
    return db.session.scalar(statement.where(AccountSession.account_id == account_id, *_is_open())) or 0


def get_usable_link(token: str) -> OneTimeLink | None:
    """Return the one-time link of the token while it can be used."""
    is_usable = OneTimeLink.used_at.is_(None) & (OneTimeLink.expires_at > now())
    statement = select(OneTimeLink).join(OneTimeLink.account).options(joinedload(OneTimeLink.account))
    return db.session.scalar(
        statement.where(OneTimeLink.token_hash == hash_of(token), is_usable, Account.is_active)
    )


def hash_of(token: str) -> str:
    """Return what is kept of a token; its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_open() -> tuple[ColumnElement[bool], ...]:
    return (AccountSession.ended_at.is_(None), AccountSession.expires_at > now())


def name_or_address_holds(text: str, *, with_address: bool = True) -> ColumnElement[bool]:
    """Return the condition that name or address hold the text, in which % and _ are themselves."""
    text = text.replace("\0", " ")  # nobody's name holds one, and PostgreSQL takes none
    by_name = Account.sort_key.contains(sort_key_of(text.strip()), autoescape=True)
    by_address = Account.email.contains(normal_email(text), autoescape=True)
    return or_(by_name, by_address) if with_address else by_name
