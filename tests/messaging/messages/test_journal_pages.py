"""The journal of many deliveries: page by page, counted only so far, and never read as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import event

from tests.messaging.messages.rows import write
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages import journal, queries
from webapp.messaging.messages.models import DeliveryState

PAGE = "/deliveries"


@pytest.mark.parametrize(
    "query", ["", "state=refused", "connection=1", "cause=too_large", "person=smirnova", "record=12"]
)
def test_pages_follow_each_other_without_gaps_and_keep_the_filters(alice, bob, connection, sign_in, query):
    for start in range(0, 130, 10):
        write(connection.id, 10, account=alice, state="refused", cause="too_large", title=f"no. {start}")
    browser = sign_in(bob)
    page, pages = browser.get(f"{PAGE}?{query}"), []
    while True:
        pages.append([link["href"] for link in page.select("#delivery-list a.event-title")])
        following = page.select_one("a[rel=next]")
        if following is None:
            break
        assert not query or query in following["href"]
        page = browser.get(following["href"])
    assert [len(each) for each in pages] == [50, 50, 30]
    assert [f"/messages/{number}" for number in range(130, 0, -1)] == list(chain.from_iterable(pages))
    back = browser.get(page.select_one("a[rel=prev]")["href"])
    assert [link["href"] for link in back.select("#delivery-list a.event-title")] == pages[1]
    first = browser.get(back.select_one("a[rel=prev]")["href"])
    assert [link["href"] for link in first.select("#delivery-list a.event-title")] == pages[0]


def test_more_than_a_thousand_are_not_counted(alice, bob, connection, sign_in, monkeypatch):
    monkeypatch.setattr(journal, "MOST_COUNTED", 60)
    write(connection.id, 70, account=alice, state="sent")
    browser = sign_in(bob)
    for query in ("", "state=sent", "person=smirnova"):
        assert "60+ deliveries" in browser.get(f"{PAGE}?{query}").get_text()


def test_the_first_delivery_since_a_moment_is_found_by_halving(alice, connection):
    numbers = [write(connection.id, account=alice, age_h=hours)[0] for hours in range(20, 0, -1)]
    for place, hours in enumerate(range(20, 0, -1)):
        moment = now() - timedelta(hours=hours, minutes=1)
        assert queries.first_id_since(moment) == numbers[place]
    assert queries.first_id_since(now()) == numbers[-1] + 1


#: Without what was sent: that is nearly everything, and the first rows of it are soon found.
FILTERS = (
    "state=sending", "connection=1", "connection=1&state=waiting", "connection=1&state=refused", "record=12",
    "cause=too_large", "cause=server_busy", "person=smirnova", "person=alice@example.com",
    "record=12&state=refused", "person=smirnova&state=refused", "first_day=2020-01-01&last_day=2030-01-01",
)  # fmt: skip
#: How SQLite says that it reads everything; indexes of what is on its way alone are small.
WHOLE_TABLE = r"SCAN delivery(?! USING (COVERING )?INDEX ix_delivery_(sending|waiting|retry))"


@pytest.mark.parametrize("query", FILTERS)
def test_no_filter_reads_all_deliveries(alice, bob, connection, sign_in, query):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table as a whole, and rightly so")
    states = [state.value for state in DeliveryState]
    for state in states:
        write(
            connection.id, 60, account=alice, state=state, cause="too_large" if state == "refused" else None
        )
    browser = sign_in(bob)
    with plans() as seen:
        following = browser.get(f"{PAGE}?{query}").select_one("a[rel=next]")
        if following:
            browser.get(following["href"])
    assert seen
    assert not [plan for plan in seen if re.match(WHOLE_TABLE, plan)]
    if "record" in query or "smirnova" in query:
        assert [plan for plan in seen if "delivery" in plan and "message_id=?" in plan]


@contextmanager
def plans() -> Iterator[list[str]]:
    """Collect how SQLite carries out each SELECT on deliveries."""
    seen: list[str] = []

    def look(_connection: Any, cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")) and "FROM delivery" in statement:
            asking: Callable[..., Any] = cursor.connection.cursor().execute
            seen.extend(row[3] for row in asking(f"EXPLAIN QUERY PLAN {statement}", values))

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
