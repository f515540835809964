"""The card in a real browser: what is typed in one form outlives the others, and the keyboard stays near."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.deeds import create_ticket, tab_to

MOVE = "#status-panel form:has([name=status][value=in_progress]) button"
SUBSCRIBE = "#observers form button"
ASSIGN = "#people-panel form[action$='/assignment']"


def open_ticket(open_as, title: str) -> Page:
    number = create_ticket(open_as("emma", "/"), title)
    return open_as("bob", f"/records/{number}")


def test_what_is_typed_and_chosen_outlives_the_other_buttons(open_as) -> None:
    page = open_ticket(open_as, "Half a thought")
    page.fill("#comment-form textarea", "A long answer")
    page.check("#comment-form [name=audience][value=internal]")
    page.click("#people-panel summary")
    page.select_option(f"{ASSIGN} [name=assignee]", index=1)
    chosen = page.input_value(f"{ASSIGN} [name=assignee]")
    page.click(MOVE)
    expect(page.locator("#status-panel [aria-current=step]")).to_have_text("In progress")
    page.click(SUBSCRIBE)
    expect(page.locator("#observers .people-list li")).to_have_count(1)
    assert page.input_value(f"{ASSIGN} [name=assignee]") == chosen
    page.click(f"{ASSIGN} button")
    expect(page.locator(ASSIGN)).to_be_hidden()
    assert page.input_value("#comment-form textarea") == "A long answer"
    assert page.is_checked("#comment-form [name=audience][value=internal]")
    page.click("#comment-form button[type=submit]")
    expect(page.locator("#comments .comment")).to_contain_text("A long answer")
    expect(page.locator("#comment-form textarea")).to_have_value("")


@pytest.mark.parametrize(("button", "piece"), [(MOVE, "status-panel"), (SUBSCRIBE, "observers")])
def test_keyboard_stays_where_a_button_was_pressed(button: str, piece: str, open_as) -> None:
    page = open_ticket(open_as, "Keys only, please")
    before = page.locator(f"#{piece}").inner_text()
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.locator(f"#{piece}")).not_to_have_text(before, use_inner_text=True)
    expect(page.locator(f"#{piece}")).to_be_focused()


def test_keyboard_stays_at_the_form_of_a_comment(open_as) -> None:
    page = open_ticket(open_as, "One word more")
    page.fill("#comment-form textarea", "Done")
    tab_to(page, "#comment-form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#comments .comment")).to_contain_text("Done")
    expect(page.locator("#comment-form")).to_be_focused()


def test_a_refused_comment_is_guarded_like_any_typed_text(open_window, open_as) -> None:
    number = create_ticket(open_as("emma", "/"), "Nothing to say")
    window = open_window("bob")
    page = window.open(f"/records/{number}")
    page.evaluate(
        "() => { window.settled ="
        " new Promise((done) => document.addEventListener('htmx:after:settle', done)) }"
    )
    page.click("#comment-form button[type=submit]")
    page.evaluate("() => window.settled.then(() => null)")
    expect(page.locator("#comment-form .field-error")).to_be_visible()
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.goto("/records/ticket")
    assert questions == ["beforeunload"]
    window.forgive("422 (UNPROCESSABLE ENTITY)")
