"""Formulas and programs over real records: their values, the reader's rights, and few questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from tests.desk.making import make_record, make_ticket
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records.models import Record
from webapp.desk.records.record_store import RecordStore
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.languages.n3.program import compile_program
from webapp.languages.n3.samples import samples
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref
from webapp.people.accounts.models import Account, Team

Shown = Callable[..., str]


def scope_of(record: Record, reader: Account | None) -> Scope:
    user = None if reader is None else Ref("account", reader.id)
    zone = ZoneInfo("Europe/Moscow")
    return Scope(RecordStore(reader), Ref("record", record.id), Reader(user, "ru", zone), now())


@pytest.fixture
def ticket(alice: Account, bob: Account, first_line: Team) -> Record:
    assets = [make_record("asset", alice, title=title) for title in ("Ноутбук", "Монитор")]
    return make_ticket(
        alice,
        "Нет сети",
        priority="2",
        assignee=bob.id,
        team=first_line.id,
        assets=[one.id for one in assets],
    )


@pytest.fixture
def shown(ticket: Record) -> Shown:
    return lambda text, reader=None: show(compile_formula(text).evaluate(scope_of(ticket, reader)), "ru")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$title", "Нет сети"),
        ("$status", "new"),
        ('$status == "new" && $priority == "2"', "True"),
        ("$assignee->fullName", "Bob Miller"),
        ("$requester->mbox", "alice@example.com"),
        ("$team->groupName", "First line"),
        ("$team->groupUsers->fullName", "Bob Miller"),
        ("$assets->title", "Ноутбук, Монитор"),
        ("COUNT($assets<-ticket:assets)", "1"),
        ("$assignee<-ticket:assignee->title", "Нет сети"),
        ("from a in db->asset orderby a->title select a->title", "Монитор, Ноутбук"),
        ('OBJECT("", "asset", "title", "Монитор")->title', "Монитор"),
        ("ISTODAY($_creationDate)", "True"),
        ("$_creator == $author", "True"),
        ("$customer", ""),
        ("$->id == $id", "True"),
        ("COUNT(db->account) > 1", "True"),
    ],
)
def test_a_formula_over_a_ticket(shown: Shown, text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$titel", "Is “title” meant?"),
        ("$assignee->password_hash", "There is no attribute"),
        ("$team->nosuch", "There is no attribute"),
        ("COUNT(db->tickets)", "Is “ticket” meant?"),
        ('OBJECT("", "tickets", "title", "x")', "There is no template “tickets”. Is “ticket” meant?"),
        ("$assets<-ticket:asset", "Is “assets” meant?"),
    ],
)
def test_what_is_not_there_is_named(shown: Shown, text: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words.replace("?", r"\?")):
        shown(text)


def test_no_database_is_asked_for_a_name_that_it_cannot_keep(ticket: Record) -> None:
    for name in ("ti\0cket", "ti\ud800cket"):
        scope = Scope(RecordStore(None, {"name": name}), None, Reader(), now())
        with pytest.raises(FormulaError, match="There is no"):
            compile_formula('OBJECT("", $$name, "title", "x")').evaluate(scope)


def test_a_reader_sees_by_formulas_what_lists_show_and_no_more(
    shown: Shown, alice: Account, bob: Account, mallory: Account
) -> None:
    assert shown("$title", bob) == "Нет сети"
    assert shown("$title", alice) == "Нет сети"
    assert shown("$title", mallory) == ""
    assert shown("COUNT(db->ticket)", mallory) == "0"
    assert shown("COUNT($assignee<-ticket:assignee)", alice) == "1"


def test_only_staff_and_the_person_know_an_address(shown: Shown, alice: Account, bob: Account) -> None:
    assert shown("$assignee->mbox", alice) == ""
    assert shown("$requester->mbox", alice) == "alice@example.com"
    assert shown("$requester->mbox", bob) == "alice@example.com"
    assert shown("$assignee->fullName", alice) == "Bob Miller"


def test_a_program_knows_templates_and_teams(ticket: Record) -> None:
    program = compile_program("""
        @prefix object: <http://comindware.com/ontology/object#>.
        @prefix account: <http://comindware.com/ontology/account#>.
        @prefix cmw: <http://comindware.com/logics#>.
        {
            ?item cmw:container ?template.
            ?template object:alias "ticket".
            ?team a account:Group.
            ?team account:groupUsers ?member.
            ?member account:fullName ?value.
        }
    """)
    assert program.run(scope_of(ticket, None)).value == "Bob Miller"


def test_a_program_over_a_ticket(ticket: Record) -> None:
    program = compile_program("""
        @prefix object: <http://comindware.com/ontology/object#>.
        @prefix account: <http://comindware.com/ontology/account#>
        {
            ("ticket" "assignee") object:findProperty ?assignee.
            ?item ?assignee ?agent.
            ?agent account:fullName ?value
        }
    """)
    assert program.run(scope_of(ticket, None)).value == "Bob Miller"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("requester_address", "alice@example.com"),
        ("asset_titles", "Ноутбук; Монитор"),
        ("same_assets", None),
        ("waiting_tickets", 1),
        ("age", 0),
    ],
)
def test_a_sample_program_over_a_ticket(ticket: Record, bob: Account, name: str, expected: object) -> None:
    (text,) = (each.text for each in samples() if each.name == name)
    assert compile_program(text).run(scope_of(ticket, bob)).value == expected


@pytest.fixture
def questions() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_a_link_over_many_records_is_a_handful_of_questions(alice: Account, questions: list[str]) -> None:
    assets = [make_record("asset", alice, title=f"a{number}").id for number in range(60)]
    ticket = make_ticket(alice, "Many", assets=assets)
    db.session.expire_all()
    scope = scope_of(ticket, None)
    questions.clear()
    assert compile_formula("COUNT($assets->title)").evaluate(scope) == 60
    assert len(questions) <= 12


@pytest.mark.parametrize(
    "text",
    [
        "COUNT(from a in db->asset where COUNT(db->asset) > 3 select a)",
        "COUNT(from a in db->asset where OBJECT('', 'asset', 'title', 'a1') != a select a) + 1",
        "COUNT(from a in db->asset where OBJECT('', 'asset', 'title', a->title) == a select a)",
    ],
)
def test_what_is_asked_for_each_row_is_a_handful_of_questions(
    alice: Account, questions: list[str], text: str
) -> None:
    ticket = make_ticket(alice, "Many")
    for number in range(30):
        make_record("asset", alice, title=f"a{number}")
    db.session.expire_all()
    scope = scope_of(ticket, None)
    questions.clear()
    assert compile_formula(text).evaluate(scope) == 30
    assert len(questions) <= 12


def test_a_program_asks_for_the_records_of_a_template_once(alice: Account, questions: list[str]) -> None:
    assets = [make_record("asset", alice, title=f"a{number}") for number in range(30)]
    program = compile_program("""
        @prefix object: <http://comindware.com/ontology/object#>.
        {
            ?asset a [object:alias "asset"].
            ?other a [object:alias "asset"].
            ?asset == ?other.
            ?other -> ?value.
        }
    """)
    scope = scope_of(assets[0], None)
    questions.clear()
    assert len(program.run(scope).values) == 30
    assert len(questions) <= 6
