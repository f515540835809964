"""Mentioning somebody with the keyboard alone, with the mouse, and who will be told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.deeds import create_ticket

OpenAs = Callable[..., Page]
BOX = "#comment-form textarea"


@pytest.fixture
def number(open_as: OpenAs) -> int:
    return create_ticket(open_as("emma", "/"), "Nobody knows the key of the cupboard")


def test_somebody_is_mentioned_with_the_keyboard(open_as: OpenAs, number: int) -> None:
    page = open_as("bob", f"/records/{number}")
    page.focus(BOX)
    page.keyboard.type("Please ask @far")
    option = page.locator(".mention-option")
    expect(option).to_have_count(1)
    expect(page.locator(BOX)).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_value("Please ask @Фарида Каримова ")
    expect(page.locator(".mention-list")).to_be_hidden()
    expect(page.locator("#audience-public")).to_contain_text("Фарида Каримова")
    page.keyboard.type("for the key.")
    page.click("#comment-form button[type=submit]")
    expect(page.locator(".comment .mention")).to_have_text("@Фарида Каримова")


def test_arrows_choose_escape_closes_and_the_text_stays(open_as: OpenAs, number: int) -> None:
    page = open_as("bob", f"/records/{number}")
    page.focus(BOX)
    page.keyboard.type("@")
    options = page.locator(".mention-option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".mention-list")).to_be_hidden()
    expect(page.locator(BOX)).to_have_value("@")
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_value("@\n")


def test_who_cannot_see_the_ticket_is_subscribed_from_the_hint(open_as: OpenAs, number: int) -> None:
    page = open_as("bob", f"/records/{number}")
    page.fill(BOX, "@grace@example.com has it")
    note = page.locator(".mention-note")
    expect(note).to_contain_text("Grace Hall cannot see this record")
    note.locator("button").click()
    expect(page.locator("#observers")).to_contain_text("Grace Hall")
    expect(note).to_have_count(0)
    expect(page.locator(BOX)).to_have_value("@grace@example.com has it")


def test_an_offer_is_taken_with_the_mouse(open_as: OpenAs, number: int) -> None:
    page = open_as("bob", f"/records/{number}")
    page.focus(BOX)
    page.keyboard.type("(@emma")
    page.click(".mention-option")
    expect(page.locator(BOX)).to_have_value("(@Emma Clarke ")
    expect(page.locator(BOX)).to_be_focused()
