"""Leases: every "only one" and "at most N" of the program, kept by the database's clock."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import String, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import sql_now
from webapp.core.conflicts import insert
from webapp.core.db import Base, db
from webapp.core.row_changes import change_rows, execute_unflushed

PROCESS_NAME = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Lease(Base):
    """One name that one holder may have at a time; ``fence`` grows with every holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(120))
    fence: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None]


_IS_HELD: Final = (
    Lease.name == bindparam("of"),
    Lease.holder == bindparam("by"),
    Lease.fence == bindparam("under"),
)


@dataclass(frozen=True)
class Held:
    """A lease in somebody's hand."""

    name: str
    holder: str
    fence: int
    is_takeover: bool = False


class LeaseLost(Exception):
    """Somebody else holds the lease now; what was prepared under it must not be written."""


def take(name: str, seconds: float) -> Held | None:
    """Take the lease if it is free or over; None when another holds it. The caller commits.

    ``is_takeover`` says that the holder before did not give it back: it died or hangs.
    """
    _make_sure_it_exists(name)
    previous = db.session.scalar(select(Lease.holder).where(Lease.name == name).with_for_update())
    holder = f"{PROCESS_NAME}:{secrets.token_hex(4)}"
    free = or_(Lease.until.is_(None), Lease.until <= sql_now())
    statement = (
        update(Lease)
        .where(Lease.name == name, free)
        .values(holder=holder, fence=Lease.fence + 1, until=sql_now(seconds))
        .returning(Lease.fence)
        .execution_options(synchronize_session=False)
    )
    fence = db.session.scalar(statement)
    return None if fence is None else Held(name, holder, fence, is_takeover=previous is not None)


def wait_for(name: str) -> None:
    """Keep everybody else who waits for this name out until the transaction ends.

    Only what is read afterwards is sure to be what the one before left.
    """
    _make_sure_it_exists(name)
    db.session.execute(select(Lease.name).where(Lease.name == name).with_for_update())


def renew(held: Held, seconds: float) -> bool:
    """Keep the lease longer; False when it was lost. The caller commits."""
    kept = update(Lease).where(*_IS_HELD).values(until=sql_now(seconds))
    values = {"of": held.name, "by": held.holder, "under": held.fence}
    return bool(execute_unflushed(kept, values).rowcount)


def require(held: Held) -> None:
    """Raise LeaseLost unless the lease is still ours; holds its row until the commit."""
    mine = (
        select(Lease.name)
        .where(Lease.name == held.name, Lease.holder == held.holder, Lease.fence == held.fence)
        .where(Lease.until > sql_now())
        .with_for_update()
    )
    if db.session.scalar(mine) is None:
        raise LeaseLost(held.name)


def release(held: Held) -> None:
    """Give the lease back, if it is still ours. The caller commits."""
    change_rows(
        update(Lease)
        .where(Lease.name == held.name, Lease.holder == held.holder, Lease.fence == held.fence)
        .values(holder=None, until=None)
    )


def _make_sure_it_exists(name: str) -> None:
    db.session.execute(insert(Lease).values(name=name, fence=0).on_conflict_do_nothing())
