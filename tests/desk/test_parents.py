"""A record that stands under another one: its parent lies in a column, and the parent's card shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.desk.making import make_record, make_ticket
from tests.desk.test_record_store import scope_of
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records import link_options, services
from webapp.desk.records.children import MOST_SHOWN
from webapp.desk.records.models import Record, RecordLink
from webapp.desk.records.record_schema import RecordSchema
from webapp.events.models import Event
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
BOX = "#children-errand"

ERRAND = """
system_name = "errand"
names = { en = "Errands", ru = "Поручения" }
singular = { en = "Errand", ru = "Поручение" }
created_by = "staff"
list_columns = ["ticket", "runner"]

[[attributes]]
system_name = "title"
kind = "text"
column = "title"
names = { en = "Title", ru = "Название" }
is_required = true
is_listed = true
editable_by = "staff"

[[attributes]]
system_name = "ticket"
kind = "record"
column = "parent_id"
names = { en = "Ticket", ru = "Заявка" }
is_listed = true
editable_by = "staff"
options = { template = "ticket" }

[[attributes]]
system_name = "runner"
kind = "account"
column = "assignee_id"
names = { en = "Runner", ru = "Кто идёт" }
is_listed = true
editable_by = "staff"
options = { role = "assignee" }

[[statuses]]
system_name = "open"
kind = "open"
names = { en = "Open", ru = "Открыто" }

[[statuses]]
system_name = "done"
kind = "done"
names = { en = "Done", ru = "Сделано" }

[[moves]]
from = ["open"]
to = "done"
names = { en = "Finish", ru = "Закончить" }
roles = ["staff"]
"""


@pytest.fixture
def errand(app, tmp_path: Path) -> None:
    (tmp_path / "errand.toml").write_text(ERRAND, encoding="utf-8")
    services.sync_templates(tmp_path)
    db.session.commit()


@pytest.fixture
def ticket(errand: None, alice: Account) -> Record:
    return make_ticket(alice, "The tap drips")


def test_the_parent_lies_in_its_column_and_changes_like_any_value(ticket: Record, bob: Account) -> None:
    other = make_ticket(bob, "The roof leaks")
    record = make_record("errand", bob, title="Buy a washer", ticket=ticket.id)
    assert (record["ticket"], record.parent_id) == (ticket.id, ticket.id)
    assert db.session.scalars(select(RecordLink).where(RecordLink.record_id == record.id)).all() == []
    services.change_attributes(record, {"ticket": other.id}, actor=bob, shown={"ticket": ticket.id})
    db.session.commit()
    assert record.parent_id == other.id
    changes = db.session.scalars(
        select(Event.changes).where(Event.subject_id == record.id).order_by(Event.id)
    ).all()
    assert changes[0]["ticket"] == {"before": None, "after": ticket.id}
    assert changes[1]["ticket"] == {"before": ticket.id, "after": other.id}


@pytest.mark.parametrize("few", [100, -1])
def test_the_parent_is_chosen_in_the_form_and_stands_on_card_list_and_history(
    ticket: Record, bob: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(link_options, "FEW", few)
    browser = sign_in(bob)
    chosen = str(ticket.id) if few > 0 else f"#{ticket.id} The tap drips"
    browser.submit("/records/errand/new", "form[action$='/new']", {"title": "Buy it", "ticket": chosen})
    card = browser.follow()
    record = db.session.scalar(select(Record).where(Record.title == "Buy it"))
    assert record is not None
    assert record.parent_id == ticket.id
    assert card.select_one(f"#facts a[href='/records/{ticket.id}']").text == "The tap drips"
    assert "The tap drips" in browser.get("/records/errand").select_one("#record-list").text
    assert "Buy it" in browser.get(f"/records/errand?ticket={ticket.id}").select_one("#record-list").text
    assert "Buy it" not in browser.get("/records/errand?ticket=none").select_one("#record-list").text
    assert "The tap drips" in browser.get(f"/records/{record.id}/history").select_one(".timeline").text
    browser.submit(f"/records/{record.id}/edit", "form[action$='/edit']", {"ticket": ""})
    db.session.expire_all()
    assert record.parent_id is None


def test_a_parent_of_another_template_or_none_at_all_is_refused(
    ticket: Record, bob: Account, sign_in: SignIn
) -> None:
    service = make_record("service", bob, title="Water")
    browser = sign_in(bob)
    for chosen in (str(service.id), "99999", "x", str(2**70)):
        page = browser.post("/records/errand/new", {"title": "Buy it", "ticket": chosen}, status=422)
        assert page.select_one("#field-ticket-error"), chosen
        assert page.select_one("#field-title")["value"] == "Buy it"


def test_formulas_go_to_the_parent_and_back(ticket: Record, bob: Account) -> None:
    record = make_record("errand", bob, title="Buy a washer", ticket=ticket.id)
    make_record("errand", bob, title="Alone")
    to_parent, back = "$ticket->title", "$id<-errand:ticket->title"
    assert compile_formula(to_parent, RecordSchema(), "errand")
    assert show(compile_formula(to_parent).evaluate(scope_of(record, None)), "en") == "The tap drips"
    assert compile_formula(back, RecordSchema(), "ticket")
    assert show(compile_formula(back).evaluate(scope_of(ticket, None)), "en") == "Buy a washer"


def test_the_card_of_the_parent_shows_what_stands_under_it_the_open_ones_first(
    ticket: Record, bob: Account, carol: Account, sign_in: SignIn
) -> None:
    done = make_record("errand", bob, title="Look at it", ticket=ticket.id)
    services.change_status(done, "done", actor=bob)
    make_record("errand", bob, title="Buy a washer", ticket=ticket.id, runner=carol.id)
    make_record("errand", bob, title="Elsewhere", ticket=make_ticket(bob).id)
    box = sign_in(bob).get(f"/records/{ticket.id}").select_one(BOX)
    rows = [" ".join(row.get_text(" ").split()) for row in box.select("tbody tr")]
    assert len(rows) == 2
    assert "Buy a washer" in rows[0]
    assert "Open" in rows[0]
    assert "Carol Volkova" in rows[0]
    assert "Look at it" in rows[1]
    assert "Done" in rows[1]


def test_the_button_opens_the_form_with_the_parent_in_it(
    ticket: Record, bob: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(bob)
    box = browser.get(f"/records/{ticket.id}").select_one(BOX)
    assert not box.select("tr")
    address = box.select_one("a.btn")["href"]
    assert browser.get(address).select_one("#field-ticket option[selected]")["value"] == str(ticket.id)
    monkeypatch.setattr(link_options, "FEW", -1)
    assert browser.get(address).select_one("#field-ticket")["value"] == f"#{ticket.id} The tap drips"
    browser.submit(address, "form[action$='/new']", {"title": "Buy it"})
    assert "Buy it" in browser.get(f"/records/{ticket.id}").select_one(BOX).text


@pytest.mark.parametrize("named", ["99999", "x", "-1", "%00", str(10**30), ""])
def test_a_parent_that_is_none_leaves_the_form_empty(
    ticket: Record, bob: Account, sign_in: SignIn, named: str
) -> None:
    page = sign_in(bob).get(f"/records/errand/new?ticket={named}")
    assert [each["value"] for each in page.select("#field-ticket option[selected]")] == [""]


def test_many_children_end_with_a_link_to_their_list(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    for number in range(MOST_SHOWN + 1):
        make_record("errand", bob, title=f"Errand {number}", ticket=ticket.id)
    browser = sign_in(bob)
    box = browser.get(f"/records/{ticket.id}").select_one(BOX)
    assert len(box.select("tbody tr")) == MOST_SHOWN
    listed = browser.get(box.select_one("a.btn-quiet")["href"]).select("#record-list tbody tr")
    assert len(listed) == MOST_SHOWN + 1


def test_people_see_only_the_children_in_which_they_have_a_part(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    make_record("errand", bob, title="Ask the neighbours", ticket=ticket.id)
    browser = sign_in(alice)
    assert browser.get(f"/records/{ticket.id}").select_one(BOX) is None
    make_record("errand", bob, title="Let the plumber in", ticket=ticket.id, runner=alice.id)
    box = browser.get(f"/records/{ticket.id}").select_one(BOX)
    assert "Let the plumber in" in box.text
    assert "Ask the neighbours" not in box.text
    assert not box.select("a.btn")
    browser.get("/records/errand/new", status=403)


def test_who_may_not_see_the_parent_reads_its_number_only(
    ticket: Record, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    record = make_record("errand", bob, title="Bring a bucket", ticket=ticket.id, runner=mallory.id)
    browser = sign_in(mallory)
    for page in (f"/records/{record.id}", f"/records/{record.id}/history", "/records/errand"):
        text = browser.get(page).select_one("main").text
        assert "The tap drips" not in text
        assert f"#{ticket.id}" in text
    browser.get(f"/records/{ticket.id}", status=404)
