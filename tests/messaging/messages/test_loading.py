"""What a sender reads of its claim before the wire is touched."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from tests.messaging.messages.rows import write
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, loading
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Delivery, MessageBody


def _claim(connection: MailConnection) -> Batch:
    batch = claims.claim_due(connection.id)
    assert batch is not None
    return batch


def _add_recipient(delivery_id: int, address: str, **values: str) -> int:
    """Give the message of the delivery one more recipient."""
    first = db.session.get_one(Delivery, delivery_id)
    same = ("message_id", "connection_id", "due_at", "expires_at", "lane")
    row = {name: getattr(first, name) for name in same} | {"address": address} | values
    return db.session.scalars(insert(Delivery).returning(Delivery.id), [row]).one()


def test_messages_come_in_the_order_of_the_claim(connection: MailConnection) -> None:
    ids = write(connection.id, 3)
    late = now() - timedelta(minutes=2)
    db.session.execute(update(Delivery).where(Delivery.id == ids[0]).values(due_at=late))
    db.session.execute(update(Delivery).where(Delivery.id == ids[2]).values(due_at=late - timedelta(hours=1)))

    batch = _claim(connection)

    assert batch.delivery_ids == (ids[2], ids[0], ids[1])
    assert [one.due[0].delivery_id for one in loading.load(batch)] == [ids[2], ids[0], ids[1]]


def test_a_message_for_several_people_is_one_mail(connection: MailConnection) -> None:
    (first,) = write(connection.id)
    second = _add_recipient(first, "bob@x.test")

    (one,) = loading.load(_claim(connection))

    assert [due.delivery_id for due in one.due] == [first, second]
    assert [row.address for row in one.rows] == ["stranger@elsewhere.example", "bob@x.test"]


def test_a_recipient_who_has_the_mail_stands_in_its_headers_and_gets_no_other(
    connection: MailConnection,
) -> None:
    (first,) = write(connection.id)
    _add_recipient(first, "bob@x.test", state="sent", name="Bob")

    (one,) = loading.load(_claim(connection))

    assert [due.delivery_id for due in one.due] == [first]
    assert [(row.name, row.address) for row in one.rows] == [
        ("", "stranger@elsewhere.example"),
        ("Bob", "bob@x.test"),
    ]


def test_what_the_claim_lost_is_not_read(connection: MailConnection) -> None:
    ids = write(connection.id, 3)
    batch = _claim(connection)
    db.session.execute(update(Delivery).where(Delivery.id == ids[0]).values(claim_id=1))
    db.session.execute(update(Delivery).where(Delivery.id == ids[1]).values(state="waiting"))

    assert [due.delivery_id for one in loading.load(batch) for due in one.due] == [ids[2]]


def test_a_row_has_the_columns_of_the_query(connection: MailConnection) -> None:
    (number,) = write(connection.id, name="Bob", attempts=2, ambiguous=1, cause="timeout", raw_sha256="ab")
    stored = db.session.get_one(Delivery, number)
    stored.message.message_id_header, stored.message.boundary = "<1@x.test>", "part-1"
    stored.message.date_header = now().replace(microsecond=0)
    stored.message.body = MessageBody(packed_parts=b"packed")
    db.session.commit()
    (one,) = loading.load(_claim(connection))
    db.session.expire_all()

    for name, value in one.rows[0]._asdict().items():
        holders = (stored, stored.message, stored.message.body)
        assert value == next(getattr(each, name) for each in holders if hasattr(each, name)), name
