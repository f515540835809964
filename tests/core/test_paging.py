"""Keyset paging on a real SQLite."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Numeric, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.support.shell import empty_page, make_shell
from webapp.core.columns import UtcDateTime
from webapp.core.paging import Cursor, Order, decode_cursor, encode_cursor, paginate, url_with

pytestmark = pytest.mark.pure

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables of these tests."""


class Thing(Base):
    """A row with a key of every kind."""

    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


NEWEST_FIRST: Order = [(Thing.touched_at, "desc"), (Thing.id, "desc")]
ORDERS: list[Order] = [
    NEWEST_FIRST,
    [(Thing.id, "asc")],
    [(Thing.title, "asc"), (Thing.id, "asc")],
    [(Thing.title, "asc"), (Thing.touched_at, "desc"), (Thing.id, "asc")],
    [(Thing.due_on, "desc"), (Thing.id, "asc")],
    [(func.lower(Thing.title), "desc"), (Thing.id, "desc")],
]


@pytest.fixture
def session() -> Iterator[Session]:
    """Twenty-three things: titles, moments and dates repeat, so equal keys are everywhere."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            Thing(
                id=number,
                title="абв"[number % 3] + "Zz"[number % 2],
                touched_at=START + timedelta(minutes=number % 5, microseconds=number % 2),
                due_on=date(2026, 1, 1 + number % 4),
                price=Decimal(number) / 4,
            )
            for number in range(1, 24)
        )
        session.commit()
        yield session
    engine.dispose()


def all_ids(session: Session, order: Order) -> list[int]:
    columns = [column.desc() if direction == "desc" else column.asc() for column, direction in order]
    return list(session.scalars(select(Thing.id).order_by(*columns)))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 22, 23, 24])
def test_pages_forward_hold_every_row_once_and_in_order(session: Session, order: Order, size: int) -> None:
    page = paginate(session, select(Thing), order, size=size)
    found = [thing.id for thing in page.rows]
    while page.next:
        page = paginate(session, select(Thing), order, cursor=page.next, size=size)
        found += [thing.id for thing in page.rows]
    assert found == all_ids(session, order)


@pytest.mark.parametrize("order", ORDERS)
def test_way_back_shows_the_same_pages(session: Session, order: Order) -> None:
    pages = [paginate(session, select(Thing), order, size=5)]
    while pages[-1].next:
        pages.append(paginate(session, select(Thing), order, cursor=pages[-1].next, size=5))
    page = pages[-1]
    for expected in reversed(pages[:-1]):
        page = paginate(session, select(Thing), order, cursor=page.previous, size=5)
        assert page.rows == expected.rows
        assert bool(page.previous) is bool(expected.previous)
        assert page.next


def test_ends_have_no_cursors(session: Session) -> None:
    page = paginate(session, select(Thing), NEWEST_FIRST, size=100)
    assert (len(page.rows), page.next, page.previous) == (23, None, None)
    empty = paginate(session, select(Thing).where(Thing.id < 0), NEWEST_FIRST)
    assert (empty.rows, empty.next, empty.previous) == ([], None, None)


def test_a_page_that_went_empty_leads_to_the_first(session: Session) -> None:
    first = paginate(session, select(Thing), NEWEST_FIRST, size=22)
    last = paginate(session, select(Thing), NEWEST_FIRST, cursor=first.next, size=22).rows
    for thing in last:
        session.delete(thing)
    page = paginate(session, select(Thing), NEWEST_FIRST, cursor=first.next, size=22)
    assert (page.rows, page.next, page.previous) == (first.rows, None, None)


def test_row_that_arrives_in_front_moves_nothing_on_the_next_page(session: Session) -> None:
    first = paginate(session, select(Thing), NEWEST_FIRST, size=5)
    expected = paginate(session, select(Thing), NEWEST_FIRST, cursor=first.next, size=5).rows
    new = Thing(
        id=99, title="new", touched_at=START + timedelta(days=1), due_on=date(2026, 1, 1), price=Decimal(1)
    )
    session.add(new)
    session.commit()
    assert paginate(session, select(Thing), NEWEST_FIRST, cursor=first.next, size=5).rows == expected
    back = paginate(
        session, select(Thing), NEWEST_FIRST, cursor=encode_cursor(key_of(expected[0], backward=True)), size=5
    )
    assert back.rows == first.rows
    assert back.previous


def test_way_back_shows_a_whole_first_page_when_rows_have_gone(session: Session) -> None:
    first = paginate(session, select(Thing), NEWEST_FIRST, size=5)
    second = paginate(session, select(Thing), NEWEST_FIRST, cursor=first.next, size=5)
    session.delete(first.rows[0])
    session.commit()
    back = paginate(session, select(Thing), NEWEST_FIRST, cursor=second.previous, size=5)
    assert len(back.rows) == 5
    assert back.previous is None


def key_of(thing: Thing, *, backward: bool) -> Cursor:
    return Cursor((thing.touched_at, thing.id), is_backward=backward)


def test_keys_of_every_kind_come_back_as_they_were() -> None:
    order: Order = [
        (Thing.touched_at, "asc"),
        (Thing.due_on, "asc"),
        (Thing.price, "asc"),
        (Thing.title, "asc"),
        (Thing.id, "asc"),
    ]
    cursor = Cursor((START, date(2026, 2, 3), Decimal("1.25"), "Ёж & =", 7), is_backward=True)
    assert decode_cursor(encode_cursor(cursor), order) == cursor


TAMPERED = [
    "",
    "x",
    "%%%",
    "ы",
    "A" * 5000,
    *(
        base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        for content in (
            {},
            7,
            [],
            [0],
            [0, "2026-11-21T09:00:00+00:00"],
            [0, "2026-11-21T09:00:00+00:00", 1, 2],
            [0, "2026-11-21T09:00:00", 1],
            [0, "yesterday", 1],
            [0, "9999-12-31T23:59:59-12:00", 1],
            [0, None, 1],
            [0, "2026-11-21T09:00:00+00:00", True],
            [0, "2026-11-21T09:00:00+00:00", 10**30],
            [0, "2026-11-21T09:00:00+00:00", 1.5],
            [0, "2026-11-21T09:00:00+00:00", "1"],
            [0, {"a": []}, 1],
        )
    ),
]


@pytest.mark.parametrize("text", TAMPERED)
def test_tampered_cursor_leads_to_the_first_page(session: Session, text: str) -> None:
    page = paginate(session, select(Thing), NEWEST_FIRST, cursor=text, size=5)
    assert [thing.id for thing in page.rows] == all_ids(session, NEWEST_FIRST)[:5]
    assert page.previous is None


@pytest.mark.parametrize("title", ["a\0b", "\ud800"])
def test_text_that_no_database_takes_leads_to_the_first_page(session: Session, title: str) -> None:
    order: Order = [(Thing.title, "asc"), (Thing.id, "asc")]
    text = base64.urlsafe_b64encode(json.dumps([0, title, 1]).encode()).decode()
    assert paginate(session, select(Thing), order, cursor=text).previous is None


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    decode_cursor(text, NEWEST_FIRST)


def test_address_keeps_the_query_and_changes_what_is_asked() -> None:
    app = make_shell()
    app.add_url_rule("/records/<template>", "index", empty_page)
    with app.test_request_context("/records/ticket?status=new&status=open&q=%26x&cursor=abc"):
        assert url_with() == "/records/ticket?status=new&status=open&q=%26x"
        assert url_with(status=None, sort="-id") == "/records/ticket?q=%26x&sort=-id"
        assert url_with(cursor="next", q="", status=None) == "/records/ticket?cursor=next"


def test_query_of_a_visitor_gives_no_orders_to_the_address() -> None:
    app = make_shell()
    app.add_url_rule("/records/<template>", "index", empty_page)
    with app.test_request_context("/records/ticket?_external=1&_scheme=javascript&_anchor=x&template=evil"):
        assert url_with().startswith("/records/ticket?_external=1&_scheme=javascript")
