"""Lists: the same order on both databases, filters in the address, pages without gaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import lists, services
from webapp.desk.records.wanted import Wanted
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]
NAMES = ["Ёлка", "ель", "Яблоко", "арбуз", "ёж", "Еж", "ежа", "Zebra", "apple", "Äpfel", "10", "9", "Жук"]


def titles(viewer: Account, *, template: str = "ticket", size: int = 50, **wanted: object) -> list[str]:
    """Every title of the list, page by page."""
    found = get_template(template)
    assert found is not None
    asked, cursor, rows = Wanted(**{"status": "all", **wanted}), None, []
    while True:
        page = lists.page_of_records(found, viewer, asked, cursor=cursor, size=size)
        rows += [record.title for record in page.rows]
        cursor = page.next
        if cursor is None:
            return rows


def rows_of(browser: PageClient, query: str) -> list[str]:
    return [
        cell.get_text(strip=True) for cell in browser.get(f"/records/ticket?{query}").select("td.cell-main")
    ]


@pytest.mark.parametrize("size", [1, 3, 50])
def test_titles_sort_as_in_a_dictionary_in_pages_of_any_size(size: int, alice: Account, bob: Account) -> None:
    for name in NAMES:
        make_ticket(alice, name)
    expected = [
        "10",
        "9",
        "apple",
        "Zebra",
        "Äpfel",
        "арбуз",
        "Еж",
        "ёж",
        "ежа",
        "Ёлка",
        "ель",
        "Жук",
        "Яблоко",
    ]
    assert titles(bob, sort="title", size=size) == expected
    assert titles(bob, sort="-title", size=size) == expected[::-1]


def test_numbers_dates_and_empty_values_sort_the_same_everywhere(alice: Account, bob: Account) -> None:
    for name, day in (
        ("b", date(2026, 2, 1)),
        ("none", None),
        ("c", date(2026, 10, 1)),
        ("a", date(1999, 12, 31)),
    ):
        make_record("asset", bob, title=name, bought_on=day)
    for size in (1, 50):
        assert titles(bob, template="asset", sort="bought_on", size=size) == ["none", "a", "b", "c"]
        assert titles(bob, template="asset", sort="-bought_on", size=size) == ["c", "b", "a", "none"]


def test_filters_narrow_the_list_and_stand_in_the_address(
    alice: Account, bob: Account, carol: Account, first_line: Team, sign_in: SignIn
) -> None:
    make_ticket(alice, "one", priority="1", assignee=bob.id, team=first_line.id)
    make_ticket(carol, "two", priority="2", type="question", assignee=carol.id)
    closed = make_ticket(alice, "three", priority="1")
    services.change_status(closed, "cancelled", actor=alice)
    services.subscribe(closed, bob, actor=bob)
    db.session.commit()
    browser = sign_in(bob)
    asked = {
        "": {"one", "two"},
        "status=all": {"one", "two", "three"},
        "status=done": {"three"},
        "status=cancelled": {"three"},
        "status=waiting": set(),
        "status=all&priority=1": {"one", "three"},
        "assignee=me": {"one"},
        f"assignee={carol.id}": {"two"},
        "status=all&assignee=none": {"three"},
        f"team={first_line.id}": {"one"},
        "type=question": {"two"},
        "part=assigned": {"one"},
        "part=team": {"one"},
        "status=all&part=observed": {"three"},
        f"status=all&requester={alice.id}&priority=1": {"one", "three"},
        "q=tw": {"two"},
        "status=all&q=three&priority=2": set(),
    }
    for query, expected in asked.items():
        assert set(rows_of(browser, query)) == expected, query
    assert (
        browser.get("/records/ticket?priority=1").select_one("select[name=priority] option[selected]")[
            "value"
        ]
        == "1"
    )


def test_many_records_and_few_answer_alike(alice: Account, bob: Account, monkeypatch) -> None:
    for number in range(6):
        make_ticket(alice, f"t{number}", priority=str(number % 2 + 1))
    few = [titles(bob, sort=sort, values={"priority": "1"}) for sort in ("title", "-touched", "number")]
    monkeypatch.setattr(lists, "FEW", 1)  # now every filter counts as one that lets many through
    many = [titles(bob, sort=sort, values={"priority": "1"}) for sort in ("title", "-touched", "number")]
    assert few == many
    assert titles(bob, q="t") == titles(bob, q="T")
    assert len(titles(alice)) == 6


@pytest.mark.parametrize(
    "query",
    [
        "sort=id)+FROM+user--",
        "sort=password;drop",
        "sort=description",
        "status=nonsense",
        "priority=9",
        "assignee=" + str(2**63),
        "assignee=1;DROP",
        "team=x",
        "part=all",
        "is_in_use=maybe",
    ],
)
def test_a_filter_that_is_none_is_refused(query: str, bob: Account, sign_in: SignIn) -> None:
    template = "asset" if "is_in_use" in query else "ticket"
    sign_in(bob).get(f"/records/{template}?{query}", status=422)


def test_an_empty_list_says_what_to_do(alice: Account, bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    assert browser.get("/records/ticket").select_one(".empty-state a[href='/records/ticket/new']")
    assert not browser.get("/records/asset").select_one(".empty-state a")
    assert browser.get("/records/ticket?priority=1").select_one(
        ".empty-state a[href='/records/ticket?status=all']"
    )


def test_with_htmx_only_the_list_comes(alice: Account, bob: Account, sign_in: SignIn) -> None:
    make_ticket(alice)
    page = sign_in(bob).get("/records/ticket", headers={"HX-Request": "true"})
    assert page.select_one("#record-list")
    assert not page.select_one("html")


def test_the_list_shows_the_columns_that_its_template_names_and_filters_by_the_others(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    make_ticket(alice)
    page = sign_in(bob).get("/records/ticket")
    assert [head.text.strip() for head in page.select("#record-list th")] == [
        "No.", "Subject", "Status", "Priority", "Assignee", "Deadline", "Changed",
    ]  # fmt: skip
    assert page.select_one("select[name='type']")
    assert page.select_one("select[name='requester']")


def test_links_to_the_list_lead_back_to_the_filters_used_last(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    browser.get("/records/ticket?status=done&q=&priority=2&sort=-touched")
    page = browser.get(f"/records/{ticket.id}")
    back = "/records/ticket?priority=2&status=done"
    assert page.select_one(f"aside a[href='{back}']")
    assert page.select_one(f".crumbs a[href='{back}']")
    browser.get("/records/ticket")
    assert browser.get("/").select_one("aside a[href='/records/ticket']")


def test_a_filter_that_is_no_longer_there_is_not_remembered(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    browser.get("/records/ticket?status=done")
    browser.get("/records/ticket?status=nonsense", status=422)
    assert browser.get("/").select_one("aside a[href='/records/ticket']")


def test_lists_are_in_the_menu_and_forms_under_create(
    app: Flask, alice: Account, bob: Account, sign_in
) -> None:
    page = sign_in(bob).get("/records/ticket")
    for name in ("ticket", "service", "customer", "asset"):
        assert page.select_one(f"aside a[href='/records/{name}']")
    forms = [link["href"] for link in page.select("header .bar-create a")]
    assert forms[:2] == ["/records/ticket/new", "/records/ticket/new"]  # the button, and the menu beside it
    assert {"/records/service/new", "/records/customer/new", "/records/asset/new"} <= set(forms)
    page = sign_in(alice).get("/records/ticket")
    assert not page.select_one("a[href='/records/customer'], a[href='/records/service/new']")
