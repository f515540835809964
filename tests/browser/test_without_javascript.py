"""Everything but the live bell works where a browser runs no scripts."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import sign_in, wait_until
from tests.browser.deeds import comment, create_ticket, move, switch


def test_requester_and_agent_work_without_javascript(open_window) -> None:
    emma = open_window(java_script_enabled=False).open("/sign-in")
    sign_in(emma, "emma")
    number = create_ticket(emma, "No scripts here", "A browser from a library.")
    comment(emma, number, "It happens on Mondays.")

    bob = open_window("bob", java_script_enabled=False).open("/")
    comment(bob, number, "Looking into it.")
    move(bob, number, "in_progress")
    bob.goto(f"/records/{number}/notifications")
    expect(bob.locator("main")).to_contain_text("Emma Clarke")

    note = emma.locator("#notes .note", has_text="No scripts here")
    wait_until(lambda: emma.goto("/notes") and note.count() >= 2, "the notes about comment and status")
    note.locator(".note-open").first.click()
    expect(emma.locator("h1")).to_contain_text("No scripts here")


def test_switch_is_flipped_without_javascript(open_as) -> None:
    carol = open_as("carol", "/settings/event-actions", java_script_enabled=False)
    for is_on in ("false", "true"):
        switch(carol, "ticket.closed.requester", "push").click()
        expect(switch(carol, "ticket.closed.requester", "push")).to_have_attribute("aria-checked", is_on)


def test_menus_language_and_theme_work_without_javascript(open_as) -> None:
    page = open_as(None, "/sign-in", java_script_enabled=False)
    page.click("summary:has(.language-code)")
    page.click("button[name=language][value=ru]")
    assert page.locator("html").get_attribute("lang") == "ru"
    page.click("details:has([name=theme]) summary")
    page.click("button[name=theme][value=dark]")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
