"""The console: the value at once, errors with their place, nothing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import func, select

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.people.accounts.models import Account, Team
from webapp.rules.console import samples
from webapp.rules.console.trials import Language

SignIn = Callable[[Account], PageClient]
Answer = Callable[..., Tag]
PAGE = "/settings/console"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ticket(alice: Account, bob: Account, first_line: Team) -> Record:
    made = make_ticket(alice, "Нет сети", assignee=bob.id, team=first_line.id, priority="2")
    db.session.commit()
    return made


@pytest.fixture
def answer(carol: Account, ticket: Record, sign_in: SignIn) -> Answer:
    """Evaluate as htmx does, on the ticket unless told otherwise."""
    carol.language = "en"
    db.session.commit()
    browser, number = sign_in(carol), ticket.id

    def ask(text: str, record: object = number, language: str = "formula") -> Tag:
        fields = {"text": text, "record": str(record)}
        return one(browser.post(f"{PAGE}?language={language}", fields, status=200, headers=HTMX), "#answer")

    return ask


def one(page: BeautifulSoup | Tag, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None
    return found


@pytest.mark.usefixtures("ticket")
def test_the_page_opens_with_a_sample_on_the_newest_record(carol: Account, sign_in: SignIn) -> None:
    page = sign_in(carol).get(PAGE)

    assert "Bob Miller" in one(page, "#answer").text
    assert str(one(page, "input[name=record]")["value"]).endswith("Нет сети")


def test_the_page_works_without_any_record(carol: Account, sign_in: SignIn) -> None:
    page = sign_in(carol).get(f"{PAGE}?text=1%2B2")

    assert one(page, ".console-value").text == "3"


def test_a_value_comes_with_its_type_and_what_it_reads(answer: Answer) -> None:
    found = answer("$assignee->fullName")

    assert one(found, ".console-value").text == "Bob Miller"
    assert [each.text for each in found.select(".console-uses code")] == [
        "account:fullName",
        "ticket:assignee",
    ]
    assert "Typetext" in one(found, ".definitions").text.replace("\n", "")


def test_things_are_named_and_lists_counted(answer: Answer, alice: Account) -> None:
    for number in range(150):
        make_record("asset", alice, title=f"Ноутбук {number}")
    db.session.commit()

    found = answer("from one in db->asset select one")

    assert len(found.select(".console-values li")) == 100
    assert "Ноутбук 0" in one(found, ".console-values li").text
    assert "and 50 more" in found.text


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("1 +\n $assignee->fullNam", ("2", "11"), "Is “fullName” meant?"),
        ("1 / ", ("1", "4"), "ends too early"),
        ('IF($title, 1, 2) + "', ("1", "20"), "never closed"),
        ("SUM($title)", ("1", "1"), "this is a text"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    answer: Answer, text: str, place: tuple[str, str], words: str
) -> None:
    found = answer(text)

    assert (found["data-error-line"], found["data-error-column"]) == place
    assert words in found.text


def test_errors_speak_the_readers_language(answer: Answer, carol: Account) -> None:
    carol.language = "ru"
    db.session.commit()

    assert "а здесь текст" in answer("SUM($title)").text


def test_a_program_gets_the_record_as_its_item(answer: Answer) -> None:
    text = """@prefix object: <http://comindware.com/ontology/object#>.
        { ("ticket" "title") object:findProperty ?title. ?item ?title ?value }"""

    assert one(answer(text, language="n3"), ".console-value").text == "Нет сети"


@pytest.mark.parametrize("record", ["999999", "нет такой", "9" * 30])
def test_a_record_that_is_not_there_is_said(answer: Answer, record: str) -> None:
    assert "There is no such record" in answer("1", record).text


def test_nothing_is_changed(answer: Answer) -> None:
    before = db.session.scalar(select(func.count()).select_from(Event))

    answer("$assignee->fullName")

    assert db.session.scalar(select(func.count()).select_from(Event)) == before


def test_without_scripts_the_page_comes_back_with_text_and_value(
    carol: Account, ticket: Record, sign_in: SignIn
) -> None:
    page = sign_in(carol).post(PAGE, {"text": "$title", "record": f"№ {ticket.id}"}, status=200)

    assert one(page, "textarea[name=text]").text.strip() == "$title"
    assert one(page, ".console-value").text == "Нет сети"


def test_a_language_that_is_none_is_not_found(carol: Account, sign_in: SignIn) -> None:
    sign_in(carol).get(f"{PAGE}?language=perl", status=404)


def test_the_editor_learns_attributes_functions_and_predicates(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    browser.get(f"{PAGE}/names")
    names = browser.response.get_json()

    assignee = next(each for each in names["attributes"]["ticket"] if each["name"] == "assignee")
    assert assignee["leads_to"] == "account"
    assert {"mbox", "fullName"} <= {each["name"] for each in names["attributes"]["account"]}
    assert len(names["functions"]) == 180
    assert "object:findProperty" in {each["name"] for each in names["predicates"]}


@pytest.mark.parametrize("language", list(Language))
def test_every_sample_has_a_value(answer: Answer, language: Language) -> None:
    for sample in samples.all_of(language):
        assert answer(sample.text, language=language.value).select_one(".alert-danger") is None, sample.text


def test_a_value_that_is_too_long_to_be_shown_says_so(answer: Answer) -> None:
    long = " ".join(["?long"] * 100)
    said = answer(
        "@prefix list: <http://comindware.com/logics/list#>.\n"
        "@prefix string: <http://comindware.com/logics/string#>.\n"
        f'{{ "{"a" * 9_000}" -> ?a. (?a ?a ?a ?a ?a) string:concatenation ?long. (({long}) 1) -> ?value. }}',
        language="n3",
    ).text
    assert "(cannot be shown)" in said
    assert "1" in said
