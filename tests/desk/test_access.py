"""Who sees what: one condition for list, search, card, links and every action; Mallory gets nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.desk.making import make_record, make_ticket
from tests.support import people
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records import queries, services
from webapp.desk.records.access import visible_to
from webapp.desk.records.models import Comment, Record, RecordPerson
from webapp.events.models import Event
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]

PAGES = ["/records/{}", "/records/{}/history", "/records/{}/edit", "/go/record/{}"]
ACTIONS = [
    ("/records/{}/status", {"status": "cancelled"}),
    ("/records/{}/comments", {"body": "hello", "audience": "public"}),
    ("/records/{}/assignment", {"assignee": "", "team": ""}),
    ("/records/{}/subscription", {}),
    ("/records/{}/subscription/end", {}),
    ("/records/{}/edit", {"title": "Mine now", "_version": "1", "_shown": "{}"}),
]


@pytest.mark.parametrize("page", PAGES)
def test_mallory_cannot_tell_a_foreign_record_from_none(page: str, alice, mallory, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(mallory)
    browser.get(page.format(ticket.id), status=404)
    refused = browser.text.replace(str(ticket.id), "?")
    browser.get(page.format(ticket.id + 1000), status=404)
    assert browser.text.replace(str(ticket.id + 1000), "?") == refused


@pytest.mark.parametrize(("action", "form"), ACTIONS)
def test_mallory_can_do_nothing_to_a_foreign_record(action, form, alice, mallory, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    before = db.session.scalar(select(func.count(Event.id)))
    sign_in(mallory).post(action.format(ticket.id), form, status=404)
    db.session.expire_all()
    assert db.session.scalar(select(func.count(Event.id))) == before
    assert ticket["status"] == "new"


def test_mallory_finds_no_foreign_record_in_lists_search_and_export(alice, mallory, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, "Secret merger")
    browser = sign_in(mallory)
    addresses = [
        "/records/ticket?status=all",
        "/search?q=merger",
        f"/search?q={ticket.id}",
        "/records/ticket/export.csv",
    ]
    addresses += [
        f"/records/ticket?requester={alice.id}",
        "/records/ticket?q=merg",
        "/records/ticket?sort=title",
    ]
    for address in addresses:
        browser.get(address)
        assert "Secret" not in browser.response.get_data(as_text=True), address


@pytest.mark.parametrize(
    "page",
    [
        "/records/ticket",
        "/records/ticket/new",
        "/records/ticket/export.csv",
        "/search?q=x",
        "/records/1",
        "/go/record/1",
    ],
)
def test_nobody_signed_in_is_sent_to_the_sign_in_page(page: str, visitor: PageClient) -> None:
    visitor.client.get("/")
    response = visitor.client.get(page)
    assert response.status_code == 303
    assert "/sign-in" in response.headers["Location"]


@pytest.mark.parametrize("number", ["0", "9" * 19, str(2**63), "9" * 400, "-1", "1;DROP"])
def test_a_number_that_cannot_be_is_not_found(number: str, bob, sign_in: SignIn) -> None:
    sign_in(bob).get(f"/records/{number}", status=404)


def test_everybody_with_a_part_sees_the_record_and_nobody_else(
    app: Flask, alice, bob, carol, mallory, first_line: Team
) -> None:
    helper = people.make_account("Helen Part")
    watcher = people.make_account("Walter Part")
    colleague = people.make_account("Tom Part")
    first_line.members.append(colleague)
    ticket = make_ticket(alice, requester=helper.id, team=first_line.id)
    services.subscribe(ticket, watcher, actor=bob)
    db.session.commit()
    sees = {
        each.name: queries.get_record(ticket.id, each) is not None
        for each in (alice, helper, watcher, colleague)
    }
    assert all(sees.values()), sees
    assert all(queries.get_record(ticket.id, each) for each in (bob, carol))
    assert queries.get_record(ticket.id, mallory) is None


def test_templates_have_their_audiences(app: Flask, alice: Account, bob: Account, sign_in: SignIn) -> None:
    service = make_record("service", bob, title="Printing")
    make_record("customer", bob, title="Acme")
    asset = make_record("asset", bob, title="Laptop 7", holder=alice.id)
    other = make_record("asset", bob, title="Laptop 8")
    seen = db.session.scalars(select(Record.id).where(visible_to(alice)).order_by(Record.id)).all()
    assert seen == [service.id, asset.id]
    browser = sign_in(alice)
    browser.get("/records/customer", status=404)
    browser.get("/records/customer/new", status=404)
    browser.get("/records/service/new", status=403)
    browser.get(f"/records/{other.id}", status=404)
    browser.get(f"/records/{service.id}/edit", status=403)
    browser.post(f"/records/{service.id}/comments", {"body": "hi", "audience": "public"}, status=403)
    assert "Customers" not in browser.text


def test_the_name_of_a_linked_record_is_for_those_who_may_see_it(alice, bob, sign_in: SignIn) -> None:
    customer = make_record("customer", bob, title="Hidden Holding")
    ticket = make_ticket(alice, customer=customer.id)
    assert "Hidden Holding" in sign_in(bob).get(f"/records/{ticket.id}").get_text()
    browser = sign_in(alice)
    for page in (f"/records/{ticket.id}", f"/records/{ticket.id}/history"):
        assert "Hidden Holding" not in browser.get(page).get_text()


def test_a_foreign_record_cannot_be_linked(alice, bob, mallory, sign_in: SignIn) -> None:
    asset = make_record("asset", bob, title="Laptop 7", holder=alice.id)
    customer = make_record("customer", bob, title="Acme")
    form = {"title": "x", "type": "incident", "priority": "3"}
    browser = sign_in(mallory)
    for number in (asset.id, customer.id, 10**6):
        page = browser.post("/records/ticket/new", {**form, "assets": [str(number)]}, status=422)
        assert "field-assets" in str(page.select_one(".field-error")["id"])
    sign_in(alice).post("/records/ticket/new", {**form, "assets": [str(asset.id)]})


def test_fields_that_a_form_does_not_have_are_ignored(alice, bob, sign_in: SignIn) -> None:
    form = {"title": "x", "type": "incident", "priority": "3"}
    stolen = {
        "requester": bob.id,
        "assignee": bob.id,
        "author": bob.id,
        "status": "closed",
        "id": 77,
        "is_admin": 1,
    }
    sign_in(alice).post("/records/ticket/new", {**form, **stolen})
    ticket = db.session.scalar(select(Record))
    assert (ticket.requester_id, ticket.author_id, ticket.assignee_id, ticket["status"]) == (
        alice.id,
        alice.id,
        None,
        "new",
    )
    assert ticket.id != 77
    assert alice.role == "user"


def test_internal_comments_are_for_staff(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    sign_in(bob).post(f"/records/{ticket.id}/comments", {"body": "she is impatient", "audience": "internal"})
    browser = sign_in(alice)
    for page in (f"/records/{ticket.id}", f"/records/{ticket.id}/history", "/search?q=impatient"):
        assert "impatient" not in browser.get(page).select_one("main").get_text(" ").replace(
            "q=impatient", ""
        )
    assert "internal" not in browser.get(f"/records/{ticket.id}/history").get_text()
    browser.post(f"/records/{ticket.id}/comments", {"body": "x", "audience": "internal"}, status=403)
    assert db.session.scalar(select(func.count(Comment.id))) == 1
    assert "impatient" in sign_in(bob).get(f"/records/{ticket.id}").get_text()


def test_history_of_others_goes_on_behind_many_internal_comments(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    for number in range(queries.HISTORY_SIZE + 1):
        services.add_comment(ticket, f"Note {number}", author=bob, is_internal=True)
    services.change_status(ticket, "in_progress", actor=bob)
    page = sign_in(alice).get(f"/records/{ticket.id}/history")
    assert len(page.select(".timeline-entry")) == 2
    assert not page.select(".pager a")
    assert sign_in(bob).get(f"/records/{ticket.id}/history").select(".pager a")


def test_who_loses_their_only_part_loses_the_record(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(bob, requester=bob.id)
    services.subscribe(ticket, alice, actor=bob)
    db.session.commit()
    browser = sign_in(alice)
    browser.post(f"/records/{ticket.id}/subscription/end")
    assert browser.response.headers["Location"] == "/records/ticket"
    browser.get(f"/records/{ticket.id}", status=404)
    assert not db.session.scalars(select(RecordPerson).where(RecordPerson.account_id == alice.id)).all()
