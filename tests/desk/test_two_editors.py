"""Two people edit one record at once, with errors on the way: nothing is lost, nothing is decided twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import link_options, services
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
EDIT = "form[action$='/edit']"
VISIT = """
system_name = "visit"
names = { en = "Visits", ru = "Визиты" }
singular = { en = "Visit", ru = "Визит" }

[[attributes]]
system_name = "title"
kind = "text"
column = "title"
names = { en = "Name", ru = "Название" }
is_required = true

[[attributes]]
system_name = "begins_at"
kind = "datetime"
names = { en = "Begins", ru = "Начало" }
"""


def begin(browser: PageClient, record: Record) -> dict[str, Any]:
    """Open the form and return what it would send."""
    return form_values(browser.get(f"/records/{record.id}/edit").select_one(EDIT))


def send(browser: PageClient, record: Record, form: dict[str, Any], status: int = 302) -> dict[str, Any]:
    """Send the form; return what the form that comes back would send."""
    page = browser.post(f"/records/{record.id}/edit", form, status=status)
    db.session.expire_all()
    return {} if status == 302 else form_values(page.select_one(EDIT))


def test_an_error_on_the_way_does_not_undo_what_another_editor_saved(alice, bob, carol, sign_in) -> None:
    ticket = make_ticket(alice, description="old words")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's long new description"})
    again = send(mine, ticket, {**form, "title": ""}, status=422)
    assert (again["_version"], again["_shown"]) == (form["_version"], form["_shown"])
    send(mine, ticket, {**again, "title": "Mended title"})
    assert (ticket["title"], ticket["description"]) == ("Mended title", "Carol's long new description")


def test_an_error_on_the_way_does_not_hide_a_conflict(alice, bob, carol, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, {**form, "description": "Bob's", "title": ""}, status=422)
    send(mine, ticket, {**again, "title": "Mended title"}, status=409)
    assert ticket["description"] == "Carol's"


def test_a_value_that_must_stand_once_does_not_hide_a_conflict(bob, carol, sign_in: SignIn) -> None:
    make_record("asset", bob, title="Laptop", inventory_number="N1")
    asset = make_record("asset", bob, title="Printer")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, asset)
    send(theirs, asset, {**begin(theirs, asset), "notes": "Carol's"})
    again = send(mine, asset, {**form, "inventory_number": "N1"}, status=422)
    assert (again["_version"], again["_shown"]) == (form["_version"], form["_shown"])
    send(mine, asset, {**again, "inventory_number": "N2"})
    assert (asset["inventory_number"], asset["notes"]) == ("N2", "Carol's")


def test_the_version_that_was_preferred_stays_preferred_after_an_error(alice, bob, carol, sign_in) -> None:
    ticket = make_ticket(alice, description="old words")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, {**form, "description": "Bob's"}, status=409)
    assert again["_take_description"] == "mine"
    again = send(mine, ticket, {**again, "_take_description": "theirs", "title": ""}, status=422)
    assert again["_take_description"] == "theirs"
    assert "Carol's" in mine.page.select_one(".conflict").text
    send(mine, ticket, {**again, "title": "Mended title"})
    assert (ticket["title"], ticket["description"]) == ("Mended title", "Carol's")


def test_the_version_that_was_preferred_stays_preferred_after_another_conflict(
    alice: Account, bob: Account, carol: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    mine, theirs = sign_in(bob), sign_in(carol)
    form = {**begin(mine, ticket), "title": "Bob's title", "description": "Bob's"}
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, form, status=409)
    send(theirs, ticket, {**begin(theirs, ticket), "title": "Carol's title"})
    again = send(mine, ticket, {**again, "_take_description": "theirs"}, status=409)
    assert (again["_take_title"], again["_take_description"]) == ("mine", "theirs")
    send(mine, ticket, again)
    assert (ticket["title"], ticket["description"]) == ("Bob's title", "Carol's")


@pytest.mark.parametrize("few", [100, 0])
def test_a_link_to_something_hidden_does_not_stop_an_edit(
    few: int, alice: Account, bob: Account, carol: Account, sign_in: SignIn, monkeypatch
) -> None:
    monkeypatch.setattr(link_options, "FEW", few)
    rack = make_record("asset", bob, title="Server room rack", holder=carol.id)
    ticket = make_ticket(alice, assets=[rack.id])
    browser = sign_in(alice)
    send(browser, ticket, {**begin(browser, ticket), "title": "New title"})
    assert "rack" not in browser.follow().get_text()
    assert (ticket["title"], ticket["assets"]) == ("New title", [rack.id])


def test_a_hidden_record_cannot_be_linked_by_hand(alice, bob, carol, sign_in: SignIn) -> None:
    rack = make_record("asset", bob, title="Server room rack", holder=carol.id)
    ticket = make_ticket(alice)
    browser = sign_in(alice)
    form = begin(browser, ticket)
    shown = form["_shown"].replace('"assets": null', f'"assets": [{rack.id}]')
    assert shown != form["_shown"]
    send(browser, ticket, {**form, "_shown": shown, "assets": ["", str(rack.id)]}, status=422)
    assert ticket["assets"] is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # half past one for the second time in London
        datetime(2026, 11, 21, 10, 30, 45, tzinfo=UTC),
    ],
)
def test_a_time_that_nobody_touched_stays_to_the_second(
    moment: datetime, bob: Account, sign_in: SignIn, tmp_path: Path
) -> None:
    (tmp_path / "visit.toml").write_text(VISIT, encoding="utf-8")
    services.sync_templates(tmp_path)
    visit = make_record("visit", bob, title="One", begins_at=moment)
    browser = sign_in(bob)
    send(browser, visit, {**begin(browser, visit), "title": "Other"})
    assert (visit["title"], visit["begins_at"]) == ("Other", moment)
    send(browser, visit, {**begin(browser, visit), "begins_at": "2026-11-21T10:31"})
    assert visit["begins_at"] == datetime(2026, 11, 21, 10, 31, tzinfo=UTC)
    send(browser, visit, {**begin(browser, visit), "begins_at": ""})
    assert visit["begins_at"] is None


def test_a_form_cannot_leave_out_what_a_new_record_needs(alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = form_values(browser.get("/records/ticket/new").select_one("form[action$='/new']"))
    browser.post("/records/ticket/new", {**form, "title": "x", "_shown": '{"title": "x"}'})
    assert browser.follow().select_one("h1").text.strip() == "x"
