"""Pages and fragments: redirects, toasts and the Vary header."""

from __future__ import annotations

import pytest
from flask import Flask, Response, get_flashed_messages

from tests.support.shell import make_shell
from webapp.core import htmx

pytestmark = pytest.mark.pure

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def shell() -> Flask:
    app = make_shell()

    def say(answer: object) -> object:
        htmx.toast("Saved <b>", "success")
        return answer

    app.add_url_rule("/asks", "asks", lambda: str(htmx.is_htmx()))
    app.add_url_rule("/moves", "moves", lambda: say(htmx.redirect("/next")))
    app.add_url_rule("/part", "part", lambda: say("<p>part</p>"))
    app.add_url_rule("/wrong", "wrong", lambda: say(("<p>wrong</p>", 422)))
    app.add_url_rule("/data", "data", lambda: say({"a": 1}))
    app.add_url_rule("/stream", "stream", lambda: say(Response(iter(["a"]), mimetype="text/html")))
    app.add_url_rule("/next", "next", lambda: "|".join(get_flashed_messages()))
    return app


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "False"),
        (FRAGMENT, "True"),
        ({"HX-Request": "true"}, "True"),
        ({**FRAGMENT, "HX-Request-Type": "full"}, "False"),
        ({**FRAGMENT, "HX-History-Restore-Request": "true"}, "False"),
    ],
)
def test_only_a_request_for_a_part_is_answered_with_a_fragment(
    shell: Flask, headers: dict[str, str], expected: str
) -> None:
    assert shell.test_client().get("/asks", headers=headers).text == expected


def test_redirect_is_303_for_a_browser_and_a_header_for_htmx(shell: Flask) -> None:
    page = shell.test_client().get("/moves")
    assert (page.status_code, page.location) == (303, "/next")
    fragment = shell.test_client().get("/moves", headers=FRAGMENT)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/next")


def test_toast_comes_with_the_fragment_out_of_band(shell: Flask) -> None:
    text = shell.test_client().get("/part", headers=FRAGMENT).text
    assert text.startswith("<p>part</p>")
    assert '<div id="toasts" hx-swap-oob="beforeend">' in text
    assert "Saved &lt;b&gt;" in text


def test_toast_comes_with_a_refused_form_too(shell: Flask) -> None:
    answer = shell.test_client().get("/wrong", headers=FRAGMENT)
    assert answer.status_code == 422
    assert "hx-swap-oob" in answer.text


def test_length_counts_the_toast(shell: Flask) -> None:
    answer = shell.test_client().get("/part", headers=FRAGMENT)
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_fragment_without_toasts_stays_as_it_is(shell: Flask) -> None:
    assert shell.test_client().get("/asks", headers=FRAGMENT).text == "True"


@pytest.mark.parametrize("path", ["/moves", "/data", "/stream"])
def test_toast_waits_for_the_next_page_when_the_answer_has_no_room(shell: Flask, path: str) -> None:
    browser = shell.test_client()
    assert "hx-swap-oob" not in browser.get(path, headers=FRAGMENT).text
    assert browser.get("/next").text == "Saved <b>"


def test_toast_of_a_plain_request_is_shown_by_the_next_page(shell: Flask) -> None:
    browser = shell.test_client()
    browser.get("/moves")
    assert browser.get("/next").text == "Saved <b>"


def test_answers_vary_once_by_the_header_of_htmx(shell: Flask) -> None:
    answer = shell.test_client().get("/part", headers=FRAGMENT)
    assert sum("HX-Request" in value for value in answer.headers.getlist("Vary")) == 1
    assert "HX-Request" not in shell.test_client().get("/static/css/app.css", buffered=True).headers.get(
        "Vary", ""
    )
