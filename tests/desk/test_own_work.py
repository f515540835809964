"""Work that a technologist invented: assigned, edited, talked about, followed and paged like a ticket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk.making import make_record
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import lists, services
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]

ERRAND = """
system_name = "errand"
names = { en = "Errands", ru = "Поручения" }
singular = { en = "Errand", ru = "Поручение" }
created_by = "everyone"

[[attributes]]
system_name = "what"
kind = "text"
column = "title"
names = { en = "What", ru = "Что" }
is_required = true
is_listed = true

[[attributes]]
system_name = "details"
kind = "long_text"
names = { en = "Details", ru = "Подробности" }

[[attributes]]
system_name = "runner"
kind = "account"
column = "assignee_id"
names = { en = "Runner", ru = "Исполнитель" }
options = { role = "assignee", among = "staff" }
is_listed = true
editable_by = "staff"

[[attributes]]
system_name = "giver"
kind = "account"
column = "author_id"
names = { en = "Giver", ru = "Поручил" }
editable_by = "nobody"
options = { role = "author" }

[[statuses]]
system_name = "given"
kind = "new"
names = { en = "Given", ru = "Дано" }

[[statuses]]
system_name = "done"
kind = "done"
names = { en = "Done", ru = "Сделано" }

[[moves]]
from = ["given"]
to = "done"
names = { en = "Finish", ru = "Закончить" }
roles = ["assignee"]
"""


@pytest.fixture
def errand(alice: Account, tmp_path: Path) -> Record:
    """What Alice asked for."""
    (tmp_path / "errand.toml").write_text(ERRAND, encoding="utf-8")
    services.sync_templates(tmp_path)
    return make_record("errand", alice, what="Buy paper")


def test_it_is_edited_with_a_history_of_what_changed(errand: Record, alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = form_values(browser.get(f"/records/{errand.id}/edit").select_one("form[action$='/edit']"))
    assert "runner" not in form
    browser.post(f"/records/{errand.id}/edit", {**form, "details": "A4, white"})
    assert "A4, white" in browser.follow().select_one("main").text
    assert "A4, white" in browser.get(f"/records/{errand.id}/history").select_one(".changes").text


def test_two_editors_of_it_are_told_of_each_other(errand: Record, bob, carol, sign_in: SignIn) -> None:
    mine, theirs = sign_in(bob), sign_in(carol)
    address = f"/records/{errand.id}/edit"
    form = form_values(mine.get(address).select_one("form[action$='/edit']"))
    theirs.submit(address, "form[action$='/edit']", {"what": "Buy pens"})
    page = mine.post(address, {**form, "what": "Buy ink"}, status=409)
    assert "Buy pens" in page.select_one(".conflict").text


def test_it_is_assigned_by_the_name_of_its_own_attribute_and_moves_follow(
    errand: Record, bob: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    page = browser.get(f"/records/{errand.id}")
    form = page.select_one("form[action$='/assignment']")
    assert [label.text for label in form.select("label")] == ["Runner"]
    assert not page.select("#status-panel form")
    page = browser.post(
        form["action"],
        {**form_values(form), "assignee": str(bob.id)},
        status=200,
        headers={"HX-Request": "true"},
    )
    assert "Finish" in page.select_one("#status-panel").text
    browser.post(f"/records/{errand.id}/status", {"status": "done"})
    assert "Done" in browser.follow().select_one("#status-panel").text


def test_it_is_talked_about_and_followed(errand: Record, alice, bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    browser.post(f"/records/{errand.id}/comments", {"body": "How much?", "audience": "public"})
    browser.post(f"/records/{errand.id}/subscription", {})
    card = sign_in(alice).get(f"/records/{errand.id}")
    assert "How much?" in card.select_one("#comments").text
    assert "Bob Miller" in card.select_one("#observers").text


def test_it_has_the_tab_of_notifications(errand: Record, alice, bob, mallory, sign_in: SignIn) -> None:
    for account in (alice, bob):
        page = sign_in(account).get(f"/records/{errand.id}")
        address = page.select_one(".tab-bar a[href$='/notifications']")["href"]
        sign_in(account).get(address)
    sign_in(mallory).get(f"/records/{errand.id}/notifications", status=404)


def test_its_list_has_pages(errand: Record, alice: Account, sign_in: SignIn) -> None:
    for number in range(lists.PAGE_SIZE):
        services.create_record(errand.template, {"what": f"Errand {number:02}"}, author=alice)
    db.session.commit()
    browser = sign_in(alice)
    first = browser.get("/records/errand?sort=what")
    second = browser.get(first.select_one("a[rel=next]")["href"])
    titles = [cell.text.strip() for page in (first, second) for cell in page.select("td.cell-main")]
    assert titles == ["Buy paper", *(f"Errand {number:02}" for number in range(lists.PAGE_SIZE))]


def test_it_stands_in_my_work_of_who_asked_and_who_answers(
    errand: Record, alice: Account, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    services.assign(errand, assignee=bob, team=None, actor=bob)
    db.session.commit()
    for account, part in ((alice, "requested"), (bob, "assigned")):
        browser = sign_in(account)
        box = browser.get("/").select_one(f"#box-{part}-errand")
        assert "Buy paper" in box.text
        listed = browser.get(box.select_one(".card-head a")["href"])
        assert "Buy paper" in listed.select_one("#record-list").text
        assert listed.select_one(f"select[name=part] option[value={part}][selected]")
    assert "Buy paper" not in sign_in(mallory).get("/").text
    services.change_status(errand, "done", actor=bob)
    db.session.commit()
    assert not sign_in(alice).get("/").select("#box-requested-errand")


def test_my_work_names_what_it_shows_when_there_is_more_than_one_kind(
    errand: Record, alice: Account, sign_in: SignIn
) -> None:
    make_record("ticket", alice, title="No paper")
    heads = [head.text.strip() for head in sign_in(alice).get("/").select("main h2")]
    assert heads == ["По моей просьбе: Заявки", "По моей просьбе: Поручения"]
