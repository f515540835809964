"""The editor of formulas in a real browser: names while one writes, the mark, the live value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenAs = Callable[..., Page]


@pytest.fixture
def console(open_as: OpenAs) -> Page:
    page = open_as("carol", "/settings/console")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+A")
    return page


def test_the_value_follows_what_is_written(console: Page) -> None:
    console.keyboard.type("20 + 22")

    expect(console.locator(".console-value")).to_have_text("42")


def test_attributes_are_offered_along_a_path(console: Page) -> None:
    console.keyboard.type("$assignee->")
    offered = console.locator(".CodeMirror-hint")
    expect(offered.filter(has_text="fullName")).to_be_visible()

    console.keyboard.type("full")
    expect(offered).to_have_count(1)
    console.keyboard.press("Enter")

    expect(console.locator(".CodeMirror-line")).to_have_text("$assignee->fullName")


def test_functions_are_offered_with_their_arguments(console: Page) -> None:
    console.keyboard.type("SUBSTR")
    expect(console.locator(".CodeMirror-hint")).to_have_count(1)
    console.keyboard.press("Enter")

    expect(console.locator(".CodeMirror-line")).to_have_text("SUBSTRING(")


def test_nothing_is_offered_inside_a_text(console: Page) -> None:
    console.keyboard.type('"su')

    expect(console.locator(".console-answer .alert")).to_be_visible()
    expect(console.locator(".CodeMirror-hints")).to_have_count(0)


def test_what_is_wrong_is_underlined_and_the_mark_goes_when_it_is_mended(console: Page) -> None:
    console.keyboard.type("$assignee->fullNam")
    console.keyboard.press("Escape")
    expect(console.locator(".CodeMirror .wrong")).to_have_text("->fullNam")

    console.keyboard.type("e")
    console.keyboard.press("Escape")
    expect(console.locator(".console-value")).to_be_visible()
    expect(console.locator(".CodeMirror .wrong")).to_have_count(0)


def test_tab_leaves_the_editor(console: Page) -> None:
    console.keyboard.press("Escape")
    console.keyboard.press("Tab")

    expect(console.locator(".console-buttons button")).to_be_focused()


def test_a_condition_is_written_and_saved(open_as: OpenAs) -> None:
    page = open_as("carol", "/settings/event-actions/ticket.observer.added/condition")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.type('$priority == "1"')
    page.keyboard.press("Escape")
    page.locator(".submit-bar .btn-primary").click()

    expect(page.locator(".condition-text")).to_have_text('$priority == "1"')


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("USER()->full", ["fullName"]),
        ("db->tick", ["ticket"]),
        ("$requester<-tick", ["ticket"]),
        ("$requester<-ticket:requester_a", ["requester_address"]),
        ("from one in db->asset select one->tit", ["title"]),
        ("from i", []),
        ("($assignee)->i", []),
    ],
)
def test_only_names_that_fit_are_offered(console: Page, typed: str, offered: list[str]) -> None:
    console.keyboard.type(typed)
    console.keyboard.press("Escape")
    console.keyboard.press("Control+Space")

    hints = console.locator(".CodeMirror-hint")
    expect(hints).to_have_count(len(offered))
    assert [text for text in hints.all_inner_texts() if text.split()[0] not in offered] == []


def test_a_mark_stands_under_its_word_after_wide_characters(console: Page) -> None:
    console.keyboard.insert_text('"😀😀" + $titel')

    expect(console.locator(".CodeMirror .wrong")).to_have_text("$titel")
