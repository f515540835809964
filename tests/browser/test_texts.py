"""The editor of texts and the page of reasons in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import deeds

OpenAs = Callable[..., Page]
CODE = "ticket.in_progress.requester"
ROW = f"/settings/event-actions/{CODE}"
#: Longer than the wait after the last key.
SOON_MS = 5000


def test_a_text_is_written_mended_seen_and_marked(open_as: OpenAs) -> None:
    page = open_as("carol", f"{ROW}/texts/en")
    frame = page.frame_locator("iframe.text-frame")
    expect(frame.locator(".lead")).to_contain_text("has started")

    page.fill("[name=lead]", "Somebody looks at “{subjct}” now.")
    mend = page.locator("#text-preview button[name=mend]")
    expect(mend).to_have_text("Заменить {subjct} на {subject}", timeout=SOON_MS)
    mend.click()
    expect(page.locator("[name=lead]")).to_have_value("Somebody looks at “{subject}” now.")
    expect(page.frame_locator("iframe.text-frame").locator(".lead")).to_contain_text("Somebody looks at")

    page.locator("[name=lead]").press("End")
    page.click("[data-insert='{number}']")
    expect(page.locator("[name=lead]")).to_have_value("Somebody looks at “{subject}” now.{number}")
    expect(page.locator("[name=lead]")).to_be_focused()
    page.check("[name=view][value=plain]")
    expect(page.locator(".text-plain")).to_be_visible()
    expect(page.locator("iframe.text-frame")).to_be_hidden()

    page.click("#text-form .submit-bar button.btn-primary")
    page.wait_for_url(f"**{ROW}")
    expect(page.locator("main")).to_contain_text("Somebody looks at")
    page.goto("/settings/event-actions")
    expect(page.locator("#row-ticket-in-progress-requester")).to_contain_text("Свой текст")


def test_the_mail_in_the_frame_wears_its_own_styles(open_as: OpenAs) -> None:
    page = open_as("carol", f"{ROW}/texts/en")
    button = page.frame_locator("iframe.text-frame").locator(".action a")
    expect(button).to_have_css("display", "inline-block")
    expect(button).to_have_css("padding-left", "22px")
    expect(page.frame_locator("iframe.text-frame").locator(".lead")).to_have_css("font-weight", "600")


def test_a_row_is_tried_and_the_page_shows_the_end_by_itself(open_as: OpenAs) -> None:
    page = open_as("carol", f"{ROW}/rehearsal")
    page.click(".page-head button")
    expect(page.locator("#rehearsal")).to_contain_text("Было бы написано", timeout=30_000)


def test_staff_ask_why_a_person_got_nothing(open_as: OpenAs) -> None:
    page = open_as("bob", "/")
    number = deeds.create_ticket(page, "The door does not open")
    page.goto(f"/records/{number}/notifications")
    page.click("a[href$='/why']")
    page.fill("[name=search]", "carol")
    page.press("[name=search]", "Enter")
    page.click("a.chip")
    expect(page.locator(".timeline-entry").first).to_contain_text("registered the record")
