"""`make screenshots`: the pictures of the README and of the manual, from a program with fresh demo data."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import deeds
from tests.browser.conftest import sign_in, wait_until
from tests.support import chromium
from tests.support.chromium import Watched, settle
from tests.support.processes import RunningProgram
from webapp.core.config import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs/images"
WHO = "carol"  # a technologist, who sees everything
#: A ticket of the demo in each language, by words of its subject, and the status to which it is moved.
TICKETS = {"en": ("Two-factor", "resolved"), "ru": ("сканер на первом", "in_progress")}
WIDTH, HEIGHT, SCALE = 1280, 800, 1.5
QUALITY = 82
MOST_BYTES = 150_000
LONGEST_MAIL_MS = 30_000


def tickets(page: Page, _language: str) -> None:
    """The list of tickets."""
    page.goto("/records/ticket")


def ticket(page: Page, language: str) -> None:
    """A ticket that was just moved: who was told of it, and how it reached them."""
    subject, status = TICKETS[language]
    page.goto(f"/records/ticket?q={subject}")
    address = str(page.locator("#record-list td.cell-main a").first.get_attribute("href"))
    deeds.move(page, int(address.rpartition("/")[2]), status)
    page.goto(f"{address}/notifications")
    wait_until(lambda: _is_told(page), "the mail of the ticket", LONGEST_MAIL_MS / 1000)


def event_actions(page: Page, _language: str) -> None:
    """The switches, with one row opened."""
    page.goto("/settings/event-actions")
    page.locator(".switch-row-link").first.click()
    expect(page.locator(".specimens")).to_be_visible()
    page.mouse.move(WIDTH, 0)


def outgoing_mail(page: Page, _language: str) -> None:
    """The card of a connection that was just checked."""
    page.goto("/settings/mail/outgoing")
    page.click("td.cell-main a")
    page.fill("#check input[name=address]", "alice@example.com")
    with page.expect_response("**/check"):  # until then the steps of the check before are shown
        page.click("#check form button")
    expect(page.locator("#check-steps .check-step-current")).to_have_count(0, timeout=LONGEST_MAIL_MS)
    expect(page.locator("#check-steps .check-step-done")).to_have_count(6, timeout=LONGEST_MAIL_MS)
    page.evaluate("scrollTo(0, 0)")
    page.set_viewport_size({"width": WIDTH, "height": page.evaluate("document.body.scrollHeight")})


PICTURES: tuple[Callable[[Page, str], None], ...] = (tickets, ticket, event_actions, outgoing_mail)


def main() -> None:
    """Write every picture in every language, and refuse those that are too large for the repository."""
    with (
        RunningProgram(RING_AGAIN_SECONDS="2") as program,
        sync_playwright() as playwright,
        chromium.running(playwright) as browser,
    ):
        for language in TICKETS:
            window = Watched(browser, program.address, device_scale_factor=SCALE, reduced_motion="reduce")
            page = window.context.new_page()
            sign_in(page, WHO)
            _speak(page, language)
            for picture in PICTURES:
                page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                picture(page, language)
                _save(page, FOLDER / language / f"{picture.__name__.replace('_', '-')}.webp")
            window.close()
            if window.complaints:
                raise SystemExit("\n".join(window.complaints))


def _speak(page: Page, language: str) -> None:
    page.click("form[action='/language'] >> xpath=preceding-sibling::summary")
    page.click(f"form[action='/language'] button[value={language}]")
    expect(page.locator(f"html[lang={language}]")).to_be_visible()


def _is_told(page: Page) -> bool:
    page.reload()
    newest = page.locator(".timeline-entry").first
    return newest.locator(".state-success").count() > 0


def _save(page: Page, path: Path) -> None:
    settle(page)
    # Playwright itself writes no WebP, which is a third of a PNG.
    options = {"format": "webp", "quality": QUALITY}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    content = base64.b64decode(taken["data"])
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{path.name} has {len(content)} bytes, more than {MOST_BYTES}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    print(f"{path.relative_to(PROJECT_ROOT)}: {len(content) // 1024} KiB")  # noqa: T201 - what the command says


if __name__ == "__main__":
    main()
