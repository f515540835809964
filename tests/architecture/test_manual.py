"""The manual says the same in both languages, and says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from tests.architecture.sources import ROOT
from webapp.desk.record_templates import moves_page
from webapp.languages.formulas import functions_page
from webapp.languages.n3 import predicates_page
from webapp.manual import MadePart
from webapp.messaging.messages import states
from webapp.rules.escalations import rows_page as rules_page
from webapp.rules.event_actions import rows_page

MANUAL = ROOT / "docs" / "manual"
PAGES = sorted(path.name for path in (MANUAL / "ru").glob("*.md"))
BOTH = pytest.mark.parametrize("language", ["ru", "en"])
MADE = [*rows_page.PARTS, *rules_page.PARTS, *functions_page.PARTS, *predicates_page.PARTS, *moves_page.PARTS]
LINK = re.compile(r"\]\(([^)]+)\)")


def shape_of(page: Path) -> list[str]:
    """What the page is made of: headings by their level, rows of tables, steps and points of lists."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [mark.group() for line in lines if (mark := re.match(r"#+|\||-|\d+\.", line))]


def slug(heading: str) -> str:
    """How a heading is called in a link to it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.pure
def test_each_page_is_there_in_both_languages() -> None:
    assert sorted(path.name for path in (MANUAL / "en").glob("*.md")) == PAGES


@pytest.mark.pure
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_parts_in_both_languages(name: str) -> None:
    assert shape_of(MANUAL / "ru" / name) == shape_of(MANUAL / "en" / name)


@BOTH
@pytest.mark.pure
@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_the_manual_leads_somewhere(language: str, name: str) -> None:
    page = MANUAL / language / name
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _sign, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        if part:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in {slug(heading) for heading in headings}, link


@pytest.mark.pure
@pytest.mark.parametrize(
    "part", MADE, ids=lambda part: f"{part.page.parent.name}/{part.page.name}:{part.mark}"
)
def test_what_is_made_of_data_says_what_the_data_say(part: MadePart) -> None:
    assert part.is_fresh, "run make golden"


@BOTH
def test_the_manual_explains_every_state_of_a_delivery(app: Flask, language: str) -> None:
    text = (MANUAL / language / "outgoing-mail.md").read_text(encoding="utf-8")
    with app.test_request_context(), force_locale(language):
        missing = [str(look.word) for look in states._LOOKS.values() if f"| {look.word} |" not in text]
    assert not missing
