"""The bell in real browsers: it moves by itself, tells in a toast, and can be used by everybody."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in, wait_until, wait_until_handled
from tests.conftest import make_config
from tests.support.chromium import grave_faults
from tests.support.patience import at_most
from webapp.app import create_app
from webapp.core import embedded_redis
from webapp.core.db import db
from webapp.messaging.push import bus
from webapp.messaging.push.models import PushNote
from webapp.people.accounts import queries, services

PHONE = {"width": 390, "height": 844}
TOAST_LIVES_MS = 6_000

Tell = Callable[..., str]


@pytest.fixture(scope="module")
def app_beside(program) -> Flask:
    """An application over the database and the Redis of the program."""
    socket = embedded_redis.socket_path(program.instance)
    return create_app(
        make_config(program.instance, f"sqlite:///{program.instance / 'vestnik.db'}", f"unix://{socket}")
    )


@pytest.fixture
def tell(app_beside) -> Iterator[Tell]:
    """Tell somebody something, as the program does: a row, then a word on the bus; return its toast's id."""
    with app_beside.app_context():

        def tell_one(
            who: str, title: str, *, subject: int = 1, body: str = "The printer prints only stripes"
        ) -> str:
            account = queries.get_account_by_email(f"{who}@example.com")
            note = PushNote(
                account_id=account.id, subject_type="record", subject_id=subject, title=title, body=body
            )
            db.session.add(note)
            db.session.flush()
            account_id, toast = account.id, f"#toast-{note.id}"
            # Nothing is read afterwards: it would keep SQLite's only writer lock from the program.
            db.session.commit()
            bus.publish_notes([account_id])
            return toast

        yield tell_one
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def bell_of(program, open_window, tell) -> Callable[..., Page]:
    """Open a page whose stream is connected and whose bell is quiet."""

    def open_page(who: str, path: str = "/notes", **options: object) -> Page:
        wait_until_handled(program)
        page = open_window(who, **options).open(path)
        wait_until(lambda: is_connected(page), "the stream")
        return page

    return open_page


def is_connected(page: Page) -> bool:
    # Not wait_for_function: it makes code from text, which the pages' own policy forbids.
    return bool(page.evaluate("!!document.getElementById('push-stream')?._htmx?.sse?.reader"))


def unread(page: Page) -> int:
    return int(page.locator("#bell-count [data-unread]").get_attribute("data-unread") or 0)


def test_bell_title_and_toast_move_in_every_browser_of_one_person(bell_of, tell):
    office, home, other = bell_of("bob"), bell_of("bob"), bell_of("alice")
    before = unread(office)
    toast = tell("bob", "Ticket #1: Resolved")
    for page in (office, home):
        expect(page.locator(toast)).to_be_visible()
        expect(page.locator("#bell-count [data-unread]")).to_have_attribute("data-unread", str(before + 1))
        expect(page).to_have_title(re.compile(rf"^\({before + 1}\) "))
        expect(page.locator("#notes .note").first).to_contain_text("Ticket #1: Resolved")
    assert other.locator(toast).count() == 0


def test_all_is_read_everywhere_when_one_browser_says_so(bell_of, tell):
    office, home = bell_of("bob"), bell_of("bob")
    expect(office.locator(tell("bob", "Ticket #1: Resolved"))).to_be_visible()
    office.click("#bell > summary")
    office.click("#bell-panel form[action='/notes/read'] button")
    for page in (office, home):
        expect(page.locator("#bell-count [data-unread]")).to_have_attribute("data-unread", "0")
        expect(page).not_to_have_title(re.compile(r"^\("))
        expect(page.locator("#notes .note.unread")).to_have_count(0)


def test_opening_a_note_leads_to_its_record_and_marks_it(bell_of, tell):
    page = bell_of("bob")
    before = unread(page)
    expect(page.locator(tell("bob", "Ticket #1: In progress"))).to_be_visible()
    page.click("#bell > summary")
    page.locator("#bell-panel .note-open", has_text="Ticket #1: In progress").first.click()
    page.wait_for_url("**/records/1*")
    assert unread(page) == before


def test_keyboard_stays_at_the_bell_after_a_note_is_marked(bell_of, tell):
    page = bell_of("bob")
    toast = tell("bob", "Ticket #1: Postponed")
    expect(page.locator(toast)).to_be_visible()
    page.focus("#bell > summary")
    page.keyboard.press("Enter")
    button = page.locator("#bell-panel .note.unread form[action$='/read'] button").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#bell > summary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#bell")).not_to_have_attribute("open", "")


def test_toast_goes_by_itself_unless_the_pointer_is_on_it(bell_of, tell):
    page = bell_of("bob")
    page.clock.install()
    held, other = tell("bob", "Ticket #1: held"), tell("bob", "Ticket #2: goes", subject=2)
    expect(page.locator(other)).to_be_visible()
    page.hover(held)
    page.clock.fast_forward(TOAST_LIVES_MS)
    expect(page.locator(other)).to_have_count(0)
    expect(page.locator(held)).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(TOAST_LIVES_MS)
    expect(page.locator(held)).to_have_count(0)


def test_never_more_than_three_toasts(bell_of, tell):
    page = bell_of("bob")
    for number in range(1, 6):
        last = tell("bob", f"Ticket #{number}: Resolved", subject=number)
    expect(page.locator(last)).to_be_visible()
    assert page.locator("#toasts [data-toast]").count() <= 3


def test_nothing_is_lost_while_the_page_was_in_the_background(bell_of, tell):
    page = bell_of("bob")
    front = page.context.new_page()
    front.goto("/notes")
    front.bring_to_front()
    tell("bob", "Told behind its back")
    page.bring_to_front()
    expect(page.locator("#bell-panel .note-title", has_text="Told behind its back")).to_have_count(1)


def test_words_of_a_note_do_nothing_in_the_page(bell_of, tell):
    page = bell_of("bob")
    expect(
        page.locator(tell("bob", "<img src=x onerror=alert(1)>", body="</form><script>alert(1)</script>"))
    ).to_be_visible()
    assert page.locator("#bell-panel img, #bell-panel script, #toasts img, #toasts script").count() == 0


def test_sign_out_ends_the_stream_of_the_other_tab(open_window, tell):
    window = open_window()
    page = window.open("/sign-in")
    sign_in(page, "grace")
    page.goto("/notes")
    wait_until(lambda: is_connected(page), "the stream")
    account = queries.get_account_by_email("grace@example.com")
    services.sessions.end_all_sessions(account)
    db.session.commit()
    wait_until(lambda: not is_connected(page), "the end of the stream", patience_s=at_most(2))
    time.sleep(2)
    assert not is_connected(page), "it must not come back"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_open_panel_and_toast_are_for_everybody(bell_of, tell, theme, size):
    page = bell_of("bob", color_scheme=theme, viewport=size)
    expect(page.locator(tell("bob", "Ticket #1: Resolved"))).to_be_visible()
    assert grave_faults(page) == []
    page.click("#bell > summary")
    expect(page.locator("#bell-panel")).to_be_visible()
    assert grave_faults(page) == []
