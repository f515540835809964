"""The same macros in a real browser: axe, the strict policy, a narrow phone, keys, toasts and htmx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.core.test_components import SampleForm
from tests.support import chromium as real_browser
from tests.support.shell import empty_page, make_shell
from webapp.core import clock, htmx, menu, slots
from webapp.core.paging import KeysetPage

SOURCE = (Path(__file__).parent / "sample_page.html").read_text()
PEOPLE = [SimpleNamespace(id=number, name="Alice Smirnova") for number in range(12)]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(real_browser.missing() is not None, reason=real_browser.missing() or ""),
]


def make_site() -> Flask:
    app = make_shell()

    def sample() -> str:
        form = SampleForm(meta={"csrf": False})
        form.name.errors = ["Write the name."]
        page = KeysetPage(rows=[], next="abc", previous=None)
        return render_template_string(SOURCE, form=form, people=PEOPLE, moment=clock.now(), page=page)

    def answer() -> tuple[str, int]:
        htmx.toast("Saved")
        return "<b>an answer</b>", 422

    app.add_url_rule("/tickets", "tickets", sample)
    app.add_url_rule("/hx", "hx", answer, methods=["POST"])
    for path, name in (("/", "home"), ("/search", "search"), ("/new", "new")):
        app.add_url_rule(path, name, empty_page)
    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a running site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(menu, "_entries", [])
        patch.setattr(menu, "_providers", [])
        patch.setattr(slots, "_registry", {})
        menu.add("search", "Search", "search", icon="search")
        menu.add("create", "New ticket", "new", icon="plus")
        menu.add("work", "Tickets", "tickets", icon="ticket")
        server = make_server("127.0.0.1", 0, make_site(), threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page in which nothing may be refused or break."""
    context = chromium.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_sticks_out(page: Any, address: str, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{address}/tickets")
    real_browser.settle(page)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")  # the page had gone to its first error
    page.evaluate(real_browser.AXE.read_text() + ";0")
    found = page.evaluate("axe.run(document, {rules: {'target-size': {enabled: true}}})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_fragment_and_its_toast_arrive_with_the_token_of_the_page(page: Any, address: str) -> None:
    page.goto(f"{address}/tickets")
    page.evaluate("document.querySelectorAll('#form [name=csrf_token]').forEach((field) => field.remove())")
    page.click("#form .submit-bar button")
    page.wait_for_selector("#answer b")
    expect(page.locator("#toasts > .toast-success")).to_have_count(1)


def test_keys_find_search_create_and_help(page: Any, address: str) -> None:
    page.goto(f"{address}/tickets")
    page.locator("body").press("?")
    assert page.locator("#keys[open]").count() == 1
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("n")
    assert page.url.endswith("/tickets")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_url("**/new")


def test_dialog_opens_and_closes(page: Any, address: str) -> None:
    page.goto(f"{address}/tickets")
    page.click("[data-dialog-open=sure]")
    assert page.locator("#sure[open]").count() == 1
    page.click("#sure [data-dialog-close]")
    assert page.locator("#sure[open]").count() == 0


def test_menus_open_without_javascript(chromium: Any, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(f"{address}/tickets")
    page.click(".bar-menu summary")
    assert page.locator(".bar-menu .side-link:visible").all_inner_texts() == ["Tickets"]
    assert page.locator(".js-only:visible").count() == 0
    context.close()
