"""The one door to the outside: message orders become messages, deliveries and push notes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Table
from sqlalchemy import insert as insert_into

from webapp.core import conflicts
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.job_names import JobName
from webapp.mail.address import InvalidAddress, parse_address
from webapp.mail.header_text import clean_line
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.queries import list_connections
from webapp.messaging.messages import bodies, hindrances
from webapp.messaging.messages.layout import RenderedMail, Sender, render_order
from webapp.messaging.messages.models import Delivery, DeliveryState, Message, MessageBody, MessageClass
from webapp.messaging.messages.orders import Channel, MessageOrder, SkipReason
from webapp.messaging.messages.outcomes import EXPIRES_AFTER
from webapp.messaging.messages.prepared import Composed, Prepared
from webapp.messaging.push import bus
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account
from webapp.people.accounts.queries import accounts_by_ids
from webapp.people.company import settings as company

CHUNK: Final = 200
#: So many addresses are remembered in wire form: the same people are written to again and again.
MOST_ADDRESSES: Final = 4096
_ON_ITS_WAY: Final = (DeliveryState.WAITING.value, None)
FindAccounts = Callable[[list[int]], Mapping[int, Account]]


def create_messages(orders: Iterable[MessageOrder]) -> list[Composed]:
    """Write the messages of the orders; each order happens once, by its dedupe key.

    After the commit the senders are rung and bells are told. Raises UnknownPlaceholder.
    """
    return insert(prepare(orders))


def render(order: MessageOrder) -> RenderedMail:
    """Return the order's final words: for previews and golden files."""
    return render_order(order, _sender())


def prepare(orders: Iterable[MessageOrder], find_accounts: FindAccounts = accounts_by_ids) -> list[Prepared]:
    """Do all that reads and renders, so that it can happen outside the transaction that writes.

    Whoever prepares many lets ``find_accounts`` remember those that were read already.
    """
    orders = list(orders)
    accounts = find_accounts([order.account_id for order in orders if order.account_id is not None])
    sender, may_write_strangers = _sender(), company.get().notify_unregistered
    prepared = []
    for order in orders:
        address, skipped = reasons_against(
            order.account_id, order.address, order.channels, accounts, may_write_strangers=may_write_strangers
        )
        channels = order.channels - skipped.keys()
        prepared.append(Prepared(order, render_order(order, sender), address, channels, skipped))
    return prepared


def insert(prepared: Sequence[Prepared]) -> list[Composed]:
    """Write prepared orders in the present transaction, in bulk."""
    connections = list_connections()
    default = next((each for each in connections if each.is_default), None)
    judged = hindrances.judge(prepared, connections)
    composed: list[Composed] = []
    for start in range(0, len(judged), CHUNK):
        composed += _insert_chunk(judged[start : start + CHUNK], default)
    return composed


def _sender() -> Sender:
    return Sender.of(company.get())


def reasons_against(
    account_id: int | None,
    address: str | None,
    channels: Collection[Channel],
    accounts: Mapping[int, Account],
    *,
    may_write_strangers: bool,
) -> tuple[str, dict[Channel, SkipReason]]:
    """Return the address in wire form and the channels that must not be used, with the reason."""
    account = accounts.get(account_id) if account_id is not None else None
    if account_id is not None and (account is None or not account.is_active):
        return "", dict.fromkeys(channels, SkipReason.INACTIVE)
    skipped: dict[Channel, SkipReason] = {}
    if account is None:
        skipped[Channel.PUSH] = SkipReason.UNREGISTERED
        if not may_write_strangers:
            skipped[Channel.EMAIL] = SkipReason.UNREGISTERED
    wired, reason = _wire_address(address or (account.email if account else ""))
    if reason is not None:
        skipped.setdefault(Channel.EMAIL, reason)
    return wired, {channel: why for channel, why in skipped.items() if channel in channels}


@lru_cache(maxsize=MOST_ADDRESSES)
def _wire_address(text: str) -> tuple[str, SkipReason | None]:
    if not text:
        return "", SkipReason.NO_ADDRESS
    try:
        return parse_address(text), None
    except InvalidAddress:
        return "", SkipReason.BAD_ADDRESS


def _insert_chunk(chunk: Sequence[Prepared], connection: MailConnection | None) -> list[Composed]:
    wanted: dict[str, Prepared] = {}
    for one in chunk:
        if one.channels:
            wanted.setdefault(one.order.dedupe_key, one)
    ids = _insert_messages(list(wanted.values()), _domain(connection)) if wanted else {}
    fresh = [(ids[key], one) for key, one in wanted.items() if key in ids]
    mailed = [(number, one) for number, one in fresh if Channel.EMAIL in one.channels]
    if connection is not None and mailed:
        _insert_rows(MessageBody, [_body_row(number, one) for number, one in mailed])
        _insert_rows(Delivery, [_delivery_row(number, one, connection.id) for number, one in mailed])
        ring_on_commit(JobName.DELIVER_MAIL, connection.id)
    noted = [(number, one) for number, one in fresh if Channel.PUSH in one.channels]
    if noted:
        _insert_rows(PushNote, [_note_row(number, one) for number, one in noted])
        bus.publish_on_commit([one.order.account_id for _, one in noted if one.order.account_id is not None])
    return [_composed(one, ids) for one in chunk]


def _composed(one: Prepared, ids: Mapping[str, int]) -> Composed:
    message_id = ids.get(one.order.dedupe_key) if one.channels else None
    if one.channels and message_id is None:
        return Composed(one.order, None, one.skipped | dict.fromkeys(one.channels, SkipReason.DUPLICATE))
    return Composed(one.order, message_id, one.skipped)


def _insert_messages(chunk: Sequence[Prepared], domain: str) -> dict[str, int]:
    """Return the ids of those that are new, by dedupe key."""
    table = _table(Message)
    statement = (
        conflicts.insert(table)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(table.c.id, table.c.dedupe_key)
    )
    rows = [_message_row(one, domain) for one in chunk]
    return {key: number for number, key in db.session.execute(statement, rows)}


def _message_row(one: Prepared, domain: str) -> dict[str, Any]:
    order, token = one.order, secrets.token_hex(10)
    subject_type, subject_id = order.subject or (None, None)
    about = f"{subject_type}.{subject_id}" if subject_type else "message"
    return {
        "dedupe_key": order.dedupe_key,
        "event_id": order.event_id,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "rule_code": order.rule_code,
        "role": order.role,
        "account_id": order.account_id,
        "language": order.language,
        "message_class": order.message_class.value,
        "title": one.rendered.subject or one.rendered.push_title,
        # Fixed now and for ever, so that a repeated mail is the same mail byte for byte.
        "message_id_header": f"<{about}.{token}@{domain}>",
        "date_header": now().replace(microsecond=0),
        "boundary": f"part-{token}",
        "created_at": now(),
    }


def _body_row(number: int, one: Prepared) -> dict[str, Any]:
    parts = bodies.Parts(one.rendered.text, one.rendered.html, one.rendered.logo)
    is_secret = one.order.message_class is MessageClass.SIGN_IN
    return {"message_id": number, "packed_parts": bodies.pack(parts, is_secret=is_secret)}


def _delivery_row(number: int, one: Prepared, connection_id: int) -> dict[str, Any]:
    moment = now()
    state, cause = one.hindrance or _ON_ITS_WAY
    return {
        "message_id": number,
        "connection_id": connection_id,
        "state": state,
        "cause": cause,
        "address": one.address,
        "name": clean_line(one.order.name)[:120],
        "lane": one.order.lane.value,
        "due_at": moment,
        "expires_at": one.order.expires_at or moment + EXPIRES_AFTER,
        "created_at": moment,
    }


def _note_row(number: int, one: Prepared) -> dict[str, Any]:
    subject_type, subject_id = one.order.subject or (None, None)
    return {
        "message_id": number,
        "account_id": one.order.account_id,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "title": one.rendered.push_title,
        "body": one.rendered.push_body,
        "created_at": now(),
    }


def _domain(connection: MailConnection | None) -> str:
    """Return the domain of our Message-IDs: that of the system address, else that of this program."""
    if connection is not None and connection.system_address:
        return connection.system_address.rpartition("@")[2]
    host = urlsplit(company.get().base_url).hostname or ""
    return host if host and host.isascii() and ":" not in host and "_" not in host else "localhost"


def _insert_rows(model: type[Any], rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert_into(_table(model)), rows)


def _table(model: type[Any]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - tells the type checker what every model has
    return table
