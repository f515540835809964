"""Reads of mail connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.core.db import db
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection

_WITH_STATE = joinedload(MailConnection.state)


def get_connection(connection_id: int) -> MailConnection | None:
    """Return the connection with its state; None when there is none or it was deleted."""
    there = select(MailConnection).where(MailConnection.id == connection_id, ~MailConnection.is_deleted)
    return db.session.scalar(there.options(_WITH_STATE))


def get_default() -> MailConnection | None:
    """Return the connection through which system notices leave, switched on or not."""
    default = select(MailConnection).where(MailConnection.is_default, ~MailConnection.is_deleted)
    return db.session.scalar(default.options(_WITH_STATE))


def list_connections() -> Sequence[MailConnection]:
    """Return all connections, the default one first."""
    there = select(MailConnection).where(~MailConnection.is_deleted).options(_WITH_STATE)
    return db.session.scalars(there.order_by(MailConnection.is_default.desc(), MailConnection.id)).all()


def list_all() -> Sequence[MailConnection]:
    """Return all connections, also those that were deleted, the default one first."""
    every = select(MailConnection).options(_WITH_STATE)
    in_use_first = (MailConnection.is_default.desc(), MailConnection.is_deleted, MailConnection.id)
    return db.session.scalars(every.order_by(*in_use_first)).all()


def list_awaiting_check(since: datetime) -> Sequence[int]:
    """Return the connections whose check was started since then and has not ended."""
    state = ConnectionState
    is_awaited = (state.check_ended_at.is_(None), state.check_started_at >= since)
    found = select(state.connection_id).join(state.connection).where(~MailConnection.is_deleted, *is_awaited)
    return db.session.scalars(found.order_by(state.check_started_at)).all()


def list_deleted() -> Sequence[int]:
    """Return the connections that were taken out of use."""
    return db.session.scalars(select(MailConnection.id).where(MailConnection.is_deleted)).all()


def list_mended() -> Sequence[int]:
    """Return the connections whose settings changed after a failure and that were not tried since."""
    is_mended = (ConnectionState.paused_since.is_not(None), ConnectionState.failures == 0)
    return db.session.scalars(select(ConnectionState.connection_id).where(*is_mended)).all()
