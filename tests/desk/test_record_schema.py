"""What a formula knows before it is evaluated: the attributes of real templates, of people and teams."""

from __future__ import annotations

import pytest

from webapp.desk.records.record_schema import RecordSchema
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import Formula, compile_formula
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import Type

pytestmark = pytest.mark.usefixtures("app")


def about_tickets(text: str) -> Formula:
    return compile_formula(text, RecordSchema(), "ticket")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$title", Hint(Type.TEXT)),
        ("$status", Hint(Type.TEXT)),
        ("$_creationDate", Hint(Type.MOMENT)),
        ("$assignee", Hint(Type.THING, leads_to="account")),
        ("$assignee->fullName", Hint(Type.TEXT)),
        ("$team->groupUsers->mbox", Hint(Type.TEXT, is_many=True)),
        ("$assets", Hint(Type.THING, is_many=True, leads_to="asset")),
        ("$id->title", Hint(Type.TEXT)),
        ("$->title", Hint(Type.TEXT)),
        ("$assignee<-ticket:assignee->title", Hint(Type.TEXT, is_many=True)),
        ("from one in db->asset select one->title", Hint(Type.TEXT, is_many=True)),
        ('$status == "new" && EMPTY($team)', Hint(Type.BOOLEAN)),
    ],
)
def test_what_is_known_of_a_value(text: str, hint: Hint) -> None:
    assert about_tickets(text).hint == hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$titel", "1:1: There is no attribute “titel”. Is “title” meant?"),
        ("1 +\n $assignee->fullNam", "2:11: There is no attribute “fullNam”. Is “fullName” meant?"),
        ("$team->groupUser", "1:6: There is no attribute “groupUser”. Is “groupUsers” meant?"),
        ("COUNT(db->tickets)", "1:9: There is no template “tickets”. Is “ticket” meant?"),
        ("$title->mbox", "1:7: Only a record has attributes, and this is a text."),
        ("$assets<-ticket:asset", "1:8: There is no attribute “asset”. Is “assets” meant?"),
    ],
)
def test_what_does_not_exist_is_said_with_its_place(text: str, words: str) -> None:
    with pytest.raises(FormulaError) as refused:
        about_tickets(text)

    assert str(refused.value) == words


def test_a_formula_names_what_it_reads() -> None:
    formula = about_tickets('$assignee->fullName + " " + $team->groupName')

    assert formula.uses == {
        ("ticket", "assignee"),
        ("ticket", "team"),
        ("account", "fullName"),
        ("team", "groupName"),
    }
