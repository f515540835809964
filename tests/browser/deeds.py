"""What people do in the program, done in a browser."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 150


def create_ticket(page: Page, title: str, description: str = "") -> int:
    """Register a ticket by its form and return its number."""
    page.goto("/records/ticket/new")
    page.fill("[name=title]", title)
    if description:
        page.fill("[name=description]", description)
    page.click(".submit-bar button")
    page.wait_for_url(lambda url: url.rsplit("/", 1)[-1].isdigit())
    return int(page.url.rsplit("/", 1)[-1])


def comment(page: Page, number: int, body: str) -> None:
    """Write a comment that everybody who sees the ticket can read."""
    page.goto(f"/records/{number}")
    page.fill("#thread textarea[name=body]", body)
    page.click("#thread form button[type=submit]")
    expect(page.locator("#thread .comment", has_text=body)).to_be_visible()


def move(page: Page, number: int, status: str) -> None:
    """Press the button that moves the ticket to the status."""
    page.goto(f"/records/{number}")
    before = page.locator("#status-panel [aria-current=step]").inner_text()
    page.click(f"#status-panel form:has([name=status][value={status}]) button")
    expect(page.locator("#status-panel [aria-current=step]")).not_to_have_text(before)


def switch(page: Page, code: str, channel: str) -> Locator:
    """Return the switch of an event action and a channel."""
    return page.locator(f"form[action*='/{code}/{channel}'] button[role=switch]")


def flip(page: Page, code: str, channel: str) -> None:
    """Flip a switch and wait until it says so."""
    found = switch(page, code, channel)
    was_on = found.get_attribute("aria-checked") == "true"
    found.click()
    expect(found).to_have_attribute("aria-checked", str(not was_on).lower())


def unread(page: Page) -> Locator:
    """Return the bell's number."""
    return page.locator("#bell-count [data-unread]")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the keyboard stands on what the selector names, and see that this can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            assert page.evaluate(_HAS_RING), f"nobody sees that the keyboard stands on {selector}"
            return
    raise AssertionError(f"{MOST_TABS} presses of Tab do not lead to {selector}")


_HAS_RING = """
() => {
  const look = getComputedStyle(document.activeElement);
  return (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none";
}
"""


def mails_to(instance: Path, address: str) -> list[EmailMessage]:
    """Return what stands in the demo mailbox for an address, oldest first."""
    folder = instance / "mailbox" / "mail"
    found = []
    for envelope in sorted(folder.glob("*.json")):
        mail = envelope.with_suffix(".eml")
        if mail.exists() and json.loads(envelope.read_text())["recipients"] == [address]:
            message = message_from_bytes(mail.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            found.append(message)
    return found
