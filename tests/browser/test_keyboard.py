"""With the keyboard alone: find a ticket, open it, answer, change its status."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.deeds import create_ticket, tab_to


def test_agent_opens_answers_and_moves_a_ticket_without_a_mouse(open_as) -> None:
    number = create_ticket(open_as("emma", "/"), "Keys only, please")
    page = open_as("bob", "/records/ticket")
    tab_to(page, f"a[href='/records/{number}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/records/{number}")

    tab_to(page, "#thread textarea")
    page.keyboard.type("Typed without touching the mouse.")
    tab_to(page, "#thread form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#thread .comment")).to_contain_text("Typed without touching the mouse.")

    page.evaluate("document.activeElement.blur()")
    tab_to(page, "#status-panel form:has([value=in_progress]) button")
    page.keyboard.press("Enter")
    expect(page.locator("#status-panel [aria-current=step]")).to_have_text("In progress")


def test_first_press_of_tab_offers_to_skip_to_the_content(open_as) -> None:
    page = open_as("bob", "/records/ticket")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-to")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_settings_are_switched_without_a_mouse_and_the_keyboard_stays_where_it_was(open_as) -> None:
    page = open_as("carol", "/settings/event-actions")
    button = "form[action*='/ticket.postponed.requester/push'] button[role=switch]"
    tab_to(page, button)
    page.keyboard.press("Space")
    expect(page.locator(button)).to_have_attribute("aria-checked", "false")
    expect(page.locator(button)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(button)).to_have_attribute("aria-checked", "true")


def press_on_russian_layout(page, key: str, code: str) -> None:
    pressed = "new KeyboardEvent('keydown', {key, code, bubbles: true})"
    page.evaluate(f"([key, code]) => document.body.dispatchEvent({pressed})", [key, code])


def test_keys_work_on_a_russian_layout(open_as) -> None:
    page = open_as("bob", "/records/ticket")
    press_on_russian_layout(page, "п", "KeyG")
    press_on_russian_layout(page, "р", "KeyH")
    page.wait_for_url("**/")
    press_on_russian_layout(page, "т", "KeyN")
    page.wait_for_url("**/records/ticket/new")


def test_keys_can_be_switched_off_in_this_browser_and_on_again(open_as) -> None:
    page = open_as("bob", "/records/ticket")
    page.keyboard.press("?")
    switch = page.locator("#keys [data-keys-switch]")
    expect(switch).to_be_checked()
    switch.uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.click(".own-menu summary")
    page.click(".own-menu [data-dialog-open=keys]")
    switch.check()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
