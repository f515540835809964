"""A template that is nothing but a TOML file has list, card, form, history and events."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record, RecordLink, RecordPerson
from webapp.events.models import Event
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]

EVERY_KIND = """
system_name = "audit"
names = { en = "Audits", ru = "Проверки" }
singular = { en = "Audit", ru = "Проверка" }
icon = "shield"
created_by = "everyone"
position = 50

[[attributes]]
system_name = "name"
kind = "text"
column = "title"
names = { en = "Name", ru = "Название" }
is_required = true
is_listed = true

[[attributes]]
system_name = "code"
kind = "text"
names = { en = "Code", ru = "Код" }
is_unique = true
is_listed = true

[[attributes]]
system_name = "notes"
kind = "long_text"
names = { en = "Notes", ru = "Заметки" }

[[attributes]]
system_name = "score"
kind = "number"
names = { en = "Score", ru = "Оценка" }
is_listed = true

[[attributes]]
system_name = "is_open"
kind = "boolean"
names = { en = "Open", ru = "Открыта" }
is_listed = true

[[attributes]]
system_name = "planned_on"
kind = "date"
names = { en = "Planned on", ru = "Дата" }
is_listed = true

[[attributes]]
system_name = "begins_at"
kind = "datetime"
names = { en = "Begins", ru = "Начало" }
is_listed = true

[[attributes]]
system_name = "risks"
kind = "choice"
is_many = true
names = { en = "Risks", ru = "Риски" }
is_listed = true

[[attributes.options.choices]]
name = "fire"
names = { en = "Fire", ru = "Пожар" }

[[attributes.options.choices]]
name = "flood"
names = { en = "Flood", ru = "Потоп" }

[[attributes]]
system_name = "auditor"
kind = "account"
names = { en = "Auditor", ru = "Аудитор" }
is_listed = true
options = { role = "auditor" }

[[attributes]]
system_name = "unit"
kind = "team"
names = { en = "Team", ru = "Команда" }
is_listed = true

[[attributes]]
system_name = "tickets"
kind = "record"
is_many = true
names = { en = "Tickets", ru = "Заявки" }
is_listed = true
options = { template = "ticket" }

[[attributes]]
system_name = "author"
kind = "account"
column = "author_id"
names = { en = "Author", ru = "Автор" }
editable_by = "nobody"
options = { role = "author" }

[[statuses]]
system_name = "draft"
kind = "new"
names = { en = "Draft", ru = "Черновик" }

[[statuses]]
system_name = "done"
kind = "done"
names = { en = "Done", ru = "Готово" }

[[moves]]
from = ["draft"]
to = "done"
names = { en = "Finish", ru = "Закончить" }
roles = ["author"]
"""


@pytest.fixture
def audit(app, tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text(EVERY_KIND, encoding="utf-8")
    services.sync_templates(tmp_path)
    db.session.commit()


SHOWN = (
    "Ёмкости", "A-1", "7,5", "Да", "1 декабря 2026", "10:00", "Пожар, Потоп", "Bob Miller", "First line",
)  # fmt: skip


def _filled(auditor: Account, unit: Team, ticket: Record) -> dict[str, str | list[str]]:
    """A form with a value for each kind of attribute."""
    return {
        "name": "Ёмкости",
        "code": "A-1",
        "notes": "Look at\nhttps://example.org/a",
        "score": "7,5",
        "is_open": "yes",
        "planned_on": "2026-12-01",
        "begins_at": "2026-12-01T10:00",
        "risks": ["fire", "flood"],
        "auditor": str(auditor.id),
        "unit": str(unit.id),
        "tickets": [str(ticket.id)],
    }


def test_a_file_alone_gives_list_card_form_history_and_events(
    audit: None, alice: Account, bob: Account, mallory: Account, first_line: Team, sign_in: SignIn
) -> None:
    ticket = _register_a_ticket(alice)
    browser = sign_in(alice)
    browser.submit("/records/audit/new", "form[action$='/new']", _filled(bob, first_line, ticket))
    card = browser.follow().select_one("main").get_text(" ")
    assert [words for words in SHOWN if words not in card] == []
    record = db.session.scalar(select(Record).where(Record.title == "Ёмкости"))
    assert record is not None
    assert "Ёмкости" in browser.get(f"/records/audit?risks=flood&unit={first_line.id}&sort=-score").get_text(
        " "
    )
    assert "Ёмкости" not in browser.get("/records/audit?is_open=no").select_one("main").get_text(" ")
    assert "Ёмкости" in browser.get(f"/records/audit?tickets={ticket.id}").get_text(" ")
    browser.post(f"/records/{record.id}/status", {"status": "done"})
    history = browser.get(f"/records/{record.id}/history").get_text(" ")
    assert "Готово" in history
    assert "Оценка" in history
    assert "Ёмкости" in browser.get("/search?q=емк").get_text(" ")
    kinds = db.session.scalars(
        select(Event.kind).where(Event.subject_id == record.id).order_by(Event.id)
    ).all()
    assert kinds == ["record.created", "record.changed"]
    sign_in(mallory).get(f"/records/{record.id}", status=404)
    sign_in(bob).get(f"/records/{record.id}")


def test_links_and_people_are_kept_in_their_own_tables(audit: None, alice: Account, bob: Account) -> None:
    ticket = _register_a_ticket(alice)
    record = make_record("audit", alice, name="A", auditor=bob.id, tickets=[ticket.id])
    targets = db.session.scalars(
        select(RecordLink.target_record_id).where(RecordLink.record_id == record.id)
    ).all()
    assert set(targets) == {ticket.id, None}
    roles = db.session.execute(
        select(RecordPerson.account_id, RecordPerson.role).where(RecordPerson.record_id == record.id)
    ).all()
    assert {tuple(row) for row in roles} == {(alice.id, "author"), (bob.id, "auditor")}
    assert (record["auditor"], record["tickets"]) == (bob.id, [ticket.id])


def test_a_value_that_must_stand_once_is_refused_the_second_time(
    audit: None, alice: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    browser.post("/records/audit/new", {"name": "One", "code": "A-1"})
    page = browser.post("/records/audit/new", {"name": "Two", "code": "a-1 "}, status=422)
    assert page.select_one("#field-code-error")
    assert page.select_one("#field-name")["value"] == "Two"
    browser.post("/records/audit/new", {"name": "Two", "code": ""})
    browser.post("/records/audit/new", {"name": "Three", "code": ""})


def test_listing_an_attribute_later_builds_its_index(
    audit: None, alice: Account, sign_in: SignIn, tmp_path
) -> None:
    browser = sign_in(alice)
    browser.post("/records/audit/new", {"name": "One", "notes": "x", "score": "3"})
    text = EVERY_KIND.replace(
        'names = { en = "Flood", ru = "Потоп" }',
        'names = { en = "Flood", ru = "Потоп" }\n\n[[attributes.options.choices]]\nname = "theft"\n'
        'names = { en = "Theft", ru = "Кража" }',
    )
    (tmp_path / "audit.toml").write_text(text, encoding="utf-8")
    report = services.sync_templates(tmp_path)
    db.session.commit()
    assert [attribute.system_name for attribute in report.stale] == ["risks"]
    assert "One" in browser.get("/records/audit?sort=score&risks=none").get_text(" ")


def test_an_attribute_that_comes_back_is_in_step_with_what_happened_without_it(
    audit: None, alice: Account, bob: Account, mallory: Account, sign_in: SignIn, tmp_path: Path
) -> None:
    first = make_record("audit", alice, name="One", notes="An umbrella", score=Decimal(3), auditor=mallory.id)
    _write(tmp_path, _without("score", "notes", "auditor"))
    edited = {"name": "One more", "unit": None}
    services.change_attributes(first, edited, actor=bob, version=1, shown={})
    make_record("audit", bob, name="Two")
    _write(tmp_path, EVERY_KIND)
    browser = sign_in(bob)
    listed = browser.get("/records/audit?status=all&sort=score").select("td.cell-main")
    assert [each.text.strip() for each in listed] == ["Two", "One more"]
    assert "One more" in browser.get("/search?q=umbrella").get_text()
    sign_in(mallory).get(f"/records/{first.id}")


def _write(folder: Path, text: str) -> None:
    (folder / "audit.toml").write_text(text, encoding="utf-8")
    services.sync_templates(folder)
    db.session.commit()


def _without(*names: str) -> str:
    """Return the template without these attributes."""
    parts = re.split(r"(?m)^(?=\[\[(?:attributes|statuses|moves)\]\]$)", EVERY_KIND)
    gone = tuple(f'[[attributes]]\nsystem_name = "{name}"' for name in names)
    return "".join(part for part in parts if not part.startswith(gone))


def _register_a_ticket(author: Account) -> Record:
    return make_ticket(author, "The tap drips")
