"""Two tabs and two people at once: nobody hears what is over, and nobody loses what they typed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in, wait_until
from tests.browser.deeds import create_ticket


def is_listening(page: Page) -> bool:
    return bool(page.evaluate("!!document.getElementById('push-stream')?._htmx?.sse?.reader"))


def test_signing_out_in_one_tab_ends_the_stream_of_the_other(open_window) -> None:
    window = open_window()
    first = window.open("/sign-in")
    sign_in(first, "grace")
    second = window.open("/notes")
    wait_until(lambda: is_listening(second), "the stream")
    first.click(".own-menu summary")
    first.click(".own-menu form[action='/sign-out'] button")
    expect(first.locator("[name=password]")).to_be_visible()
    wait_until(lambda: not is_listening(second), "the end of the stream", patience_s=10)
    second.goto("/notes")
    expect(second.locator("[name=password]")).to_be_visible()


def test_second_editor_sees_both_versions_and_loses_nothing_typed(open_window, open_as) -> None:
    number = create_ticket(open_as("emma", "/"), "Two people mend one ticket", "As it was told.")
    bob = open_as("bob", f"/records/{number}/edit")
    window = open_window("farida")
    farida = window.open(f"/records/{number}/edit")

    bob.fill("[name=title]", "The title that Bob wrote")
    bob.select_option("[name=priority]", "1")
    bob.click(".submit-bar button")
    bob.wait_for_url(f"**/records/{number}")

    farida.fill("[name=title]", "The title that Farida wrote")
    farida.fill("[name=description]", "A long description that Farida would not like to type again.")
    farida.click(".submit-bar button")
    expect(farida.locator(".conflict")).to_contain_text("The title that Bob wrote")
    expect(farida.locator("[name=title]")).to_have_value("The title that Farida wrote")
    expect(farida.locator("[name=description]")).to_have_value(
        "A long description that Farida would not like to type again."
    )
    expect(farida.locator("[name=priority]")).to_have_value("1")
    farida.click(".submit-bar button")
    farida.wait_for_url(f"**/records/{number}")
    expect(farida.locator("h1")).to_contain_text("The title that Farida wrote")
    expect(farida.locator("main")).to_contain_text("A long description that Farida would not like")
    window.forgive("409 (CONFLICT)")


def test_impatient_double_click_makes_one_ticket(open_as) -> None:
    page = open_as("emma", "/records/ticket/new")
    page.fill("[name=title]", "Registered with a double click")
    page.dblclick(".submit-bar button")
    page.wait_for_url(lambda url: url.rsplit("/", 1)[-1].isdigit())
    page.goto("/records/ticket?q=Registered+double+click&status=all")
    expect(page.locator("#record-list tbody tr")).to_have_count(1)


def test_typed_text_is_not_left_behind_without_a_question(open_as) -> None:
    page = open_as("emma", "/records/ticket/new")
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    page.locator("[name=title]").press_sequentially("Half a thought")
    page.locator(".side .side-link").first.click(no_wait_after=True)
    wait_until(lambda: questions, "the question")
    assert questions == ["beforeunload"]
    expect(page.locator("[name=title]")).to_have_value("Half a thought")
    page.evaluate("document.querySelector('form[data-warn-unsaved]').remove()")


def test_comment_survives_a_session_that_ended_meanwhile(open_window, open_as) -> None:
    number = create_ticket(open_as("emma", "/"), "A talk that takes a while", "As it was told.")
    window = open_window()
    page = window.open("/sign-in")
    sign_in(page, "emma")
    page.goto(f"/records/{number}")
    page.fill("form.comment-form textarea", "Short but mine")
    window.context.clear_cookies(name="vestnik_session")
    page.click("form.comment-form button[type=submit]")
    toast = page.locator("#toasts a")
    with window.context.expect_page() as opened:
        toast.click()
    sign_in(opened.value, "emma")
    expect(page.locator("form.comment-form textarea")).to_have_value("Short but mine")
    page.click("form.comment-form button[type=submit]")
    expect(page.locator("#toasts")).to_contain_text("Send it again")
    page.click("form.comment-form button[type=submit]")
    expect(page.locator("#comments, main").first).to_contain_text("Short but mine")
    expect(page.locator("form.comment-form textarea")).to_have_value("")
    window.forgive("401 (UNAUTHORIZED)")
    window.forgive("400 (BAD REQUEST)")
