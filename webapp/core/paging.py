"""Keyset paging: a page starts after a row, not at a number, so that the last is as quick as the first."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from flask import Flask, request, url_for
from sqlalchemy import Select, and_, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import TypeDecorator

Row = TypeVar("Row")
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
Direction = Literal["asc", "desc"]
Order = Sequence[tuple[Column, Direction]]

LONGEST_CURSOR = 4096
LARGEST_NUMBER = 2**63 - 1
EMPTY: tuple[object, ...] = (None, "", [], [""])


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """The rows of one page, and the cursors of the pages beside it (None at an end)."""

    rows: list[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Cursor:
    """The keys of the row that a page starts beyond, and the side that it lies on."""

    keys: tuple[Any, ...]
    is_backward: bool = False


def paginate(
    session: Session | scoped_session[Any],
    statement: Select[Row],
    order: Order,
    *,
    cursor: str | None = None,
    size: int = 50,
) -> KeysetPage[Row]:
    """Return a page of what the statement selects (one entity or column) in the given order.

    The last column of the order must be unique and none may be NULL, otherwise rows with equal keys would be
    lost between pages. A cursor that makes no sense, or has nothing left beyond, leads to the first page.
    """
    start = decode_cursor(cursor, order)
    found = _fetch(session, statement, order, start, size + 1)
    if start is not None and (len(found) < size if start.is_backward else not found):
        # Rows went away meanwhile: show a whole first page, not a scrap, nor an empty one without a way back.
        start, found = None, _fetch(session, statement, order, None, size + 1)
    has_more = len(found) > size
    found = found[:size]
    if start is not None and start.is_backward:
        return _page(found[::-1], has_previous=has_more, has_next=True)
    return _page(found, has_previous=start is not None, has_next=has_more)


def encode_cursor(cursor: Cursor) -> str:
    """Return the cursor as text that fits in an address."""
    content = json.dumps([int(cursor.is_backward), *map(_written, cursor.keys)], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode_cursor(text: str | None, order: Order) -> Cursor | None:
    """Return the cursor that the text holds, or None if it holds none that fits the order."""
    if not text or len(text) > LONGEST_CURSOR:
        return None
    try:
        side, *keys = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        values = tuple(_read(key, column) for key, (column, _direction) in zip(keys, order, strict=True))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None
    return Cursor(values, is_backward=bool(side))


def url_with(**changes: object) -> str:
    """Return this page's address with its query changed: None takes a part out; the cursor goes too."""
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query.pop("cursor", None)
    query = {name: value for name, value in (query | changes).items() if value not in EMPTY}
    # The query is not handed to url_for: there ?_external=1 or ?_scheme= of a visitor would be orders.
    path = url_for(request.endpoint, **request.view_args or {}) if request.endpoint else request.path
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def init_app(app: Flask) -> None:
    """Give pages ``url_with(**changes)``."""
    app.jinja_env.globals["url_with"] = url_with


Found = tuple[Any, ...]


def _fetch(
    session: Session | scoped_session[Any],
    statement: Select[Row],
    order: Order,
    start: Cursor | None,
    limit: int,
) -> list[Found]:
    """Return (entity, *keys) of the rows beyond the start, nearest first."""
    is_backward = start is not None and start.is_backward
    if start is not None:
        statement = statement.where(_beyond(order, start))
    directions = [(column, (direction == "desc") is not is_backward) for column, direction in order]
    ordered = statement.order_by(None).order_by(
        *(column.desc() if is_down else column.asc() for column, is_down in directions)
    )
    with_keys = ordered.add_columns(*(column for column, _direction in order)).limit(limit)
    return [tuple(row) for row in session.execute(with_keys)]


def _page(found: list[Found], *, has_previous: bool, has_next: bool) -> KeysetPage[Any]:
    return KeysetPage(
        rows=[row[0] for row in found],
        next=encode_cursor(Cursor(found[-1][1:])) if has_next and found else None,
        previous=encode_cursor(Cursor(found[0][1:], is_backward=True)) if has_previous and found else None,
    )


def _beyond(order: Order, start: Cursor) -> ColumnElement[bool]:
    """Return the condition "after the start in this order" in the form that an index can serve."""
    columns = [column for column, _direction in order]
    is_down = [(direction == "desc") is not start.is_backward for _column, direction in order]
    if all(is_down):
        return tuple_(*columns) < start.keys
    if not any(is_down):
        return tuple_(*columns) > start.keys
    steps = []
    for place, (column, key) in enumerate(zip(columns, start.keys, strict=True)):
        is_equal = [columns[before] == start.keys[before] for before in range(place)]
        steps.append(and_(*is_equal, column < key if is_down[place] else column > key))
    first, key = columns[0], start.keys[0]
    return and_(first <= key if is_down[0] else first >= key, or_(*steps))


def _written(key: object) -> object:
    """Return the key as JSON can hold it."""
    if isinstance(key, (datetime, date)):
        return key.isoformat()
    return str(key) if isinstance(key, Decimal) else key


def _read(key: object, column: Column) -> object:
    """Return the key as a value for the column.

    Raises ValueError or TypeError for what that kind of column would not take.
    """
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return READERS.get(kind.python_type, _text)(key)


def _moment(key: object) -> datetime:
    moment = datetime.fromisoformat(_text(key))
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(UTC)


def _text(key: object) -> str:
    if not isinstance(key, str) or "\0" in key:
        raise TypeError(key)
    key.encode()  # half a surrogate pair is text to JSON, and an error to the driver
    return key


def _finite_text(key: object) -> str:
    if not Decimal(_text(key)).is_finite():
        raise ValueError(key)
    return _text(key)


def _whole_number(key: object) -> int:
    if not isinstance(key, int) or isinstance(key, bool) or abs(key) > LARGEST_NUMBER:
        raise TypeError(key)
    return key


def _finite_number(key: object) -> float:
    if not isinstance(key, (int, float)) or isinstance(key, bool) or not math.isfinite(key):
        raise TypeError(key)
    return float(key)


READERS: dict[type, Callable[[object], object]] = {
    datetime: _moment,
    date: lambda key: date.fromisoformat(_text(key)),
    Decimal: lambda key: Decimal(_finite_text(key)),
    int: _whole_number,
    float: _finite_number,
}
