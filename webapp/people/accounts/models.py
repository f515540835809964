"""Tables of accounts, teams, sessions and one-time links."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base


class Role(StrEnum):
    """What an account may do in the whole installation."""

    TECHNOLOGIST = "technologist"
    SUPPORT = "support"
    USER = "user"


STAFF = frozenset({Role.TECHNOLOGIST, Role.SUPPORT})


def sort_key_of(name: str) -> str:
    """Return the name as lists order and searches compare it: SQLite knows no Cyrillic case and no Ё."""
    return unicodedata.normalize("NFC", name).casefold().replace("ё", "е")[:120]


class TeamMember(Base):
    """An account in a team."""

    __tablename__ = "team_member"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)


class Account(Base):
    """A person who can sign in, or who is only served."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20), default=Role.USER.value)
    language: Mapped[str] = mapped_column(String(8), default="ru")
    time_zone: Mapped[str] = mapped_column(String(64), default="Europe/Moscow")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    sort_key: Mapped[str] = mapped_column(
        String(120).with_variant(String(120, collation="C"), "postgresql"), default="", index=True
    )

    manager_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    title: Mapped[str | None] = mapped_column(String(120))
    department: Mapped[str | None] = mapped_column(String(120))
    office: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(40))

    manager: Mapped[Account | None] = relationship(remote_side="Account.id")
    teams: Mapped[list[Team]] = relationship(
        secondary="team_member", back_populates="members", order_by="Team.name", viewonly=True
    )

    @validates("name")
    def _set_sort_key(self, _attribute: str, name: str) -> str:
        self.sort_key = sort_key_of(name)
        return name

    @property
    def is_authenticated(self) -> bool:
        """Whether this is somebody: Flask-Login asks, and its visitor without an account answers no."""
        return True

    @property
    def is_staff(self) -> bool:
        """Whether the account works for the desk and sees all records."""
        return self.role in STAFF

    @property
    def is_technologist(self) -> bool:
        """Whether the account may change the installation's settings."""
        return self.role == Role.TECHNOLOGIST


class Team(Base):
    """People who answer for records together; its leader hears of trouble."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    leader: Mapped[Account | None] = relationship(foreign_keys=[leader_id])
    members: Mapped[list[Account]] = relationship(
        secondary="team_member", back_populates="teams", order_by="Account.name"
    )


class AccountSession(Base):
    """One sign-in on one device. Only the hash of its token is kept."""

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_account_id_ended_at", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class OneTimeLink(Base):
    """A link that lets its owner set a password once. Only the hash of its token is kept."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
