"""Error pages, also when the database or the session is what broke."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask, abort, make_response, redirect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from tests.core.test_htmx import FRAGMENT
from tests.support.shell import make_shell
from webapp.core import errors

pytestmark = pytest.mark.pure

ENGLISH = {"Accept-Language": "en"}
STATUSES = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


@pytest.fixture
def shell() -> Flask:
    app = make_shell(PROPAGATE_EXCEPTIONS=False, MAX_CONTENT_LENGTH=3 * 1024 * 1024)
    errors.init_app(app)

    def refuse(status: int) -> str:
        abort(status)

    def without_database() -> str:
        raise OperationalError("SELECT 1", {}, ConnectionError("refused at 10.0.0.7"))

    def without_luck() -> str:
        raise LookupError("secret detail")

    def too_often() -> str:
        raise TooManyRequests(retry_after=30)

    app.add_url_rule("/error/<int:status>", "error", refuse)
    app.add_url_rule("/no-database", "no_database", without_database)
    app.add_url_rule("/broken", "broken", without_luck)
    app.add_url_rule("/often", "often", too_often)
    app.add_url_rule("/elsewhere", "elsewhere", lambda: abort(make_response(redirect("/"))))
    return app


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_has_a_page_with_words_and_a_way_on(shell: Flask, status: int) -> None:
    answer = shell.test_client().get(f"/error/{status}", headers=ENGLISH)
    assert answer.status_code == status
    assert f"Error {status}" in answer.text
    assert answer.text.count("<h1") == 1
    assert 'class="btn btn-primary" href="' in answer.text


@pytest.mark.parametrize("status", STATUSES)
def test_htmx_gets_every_error_as_a_toast_so_that_typed_text_stays(shell: Flask, status: int) -> None:
    answer = shell.test_client().get(f"/error/{status}", headers=FRAGMENT)
    assert answer.status_code == status
    assert answer.text.lstrip().startswith('<div id="toasts" hx-swap-oob="beforeend">')


@pytest.mark.parametrize(("path", "status"), [("/no-database", 503), ("/broken", 500), ("/error/500", 500)])
@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_page_about_a_breakdown_asks_neither_for_the_session_nor_for_the_person(
    shell: Flask, path: str, status: int, headers: dict[str, str]
) -> None:
    asked = []
    shell.context_processor(lambda: asked.append("the context of pages") or {})
    answer = shell.test_client().get(path, headers=headers)
    assert answer.status_code == status
    assert asked == []
    assert "Set-Cookie" not in answer.headers
    assert "10.0.0.7" not in answer.text
    assert "secret detail" not in answer.text


def test_missing_database_says_when_to_come_again(shell: Flask) -> None:
    assert shell.test_client().get("/no-database").headers["Retry-After"] == "10"


def test_page_of_an_error_is_plain_when_the_frame_cannot_be_made(shell: Flask) -> None:
    def broken() -> dict[str, object]:
        raise OperationalError("SELECT 1", {}, ConnectionError())

    shell.context_processor(broken)
    answer = shell.test_client().get("/error/404", headers=ENGLISH)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_page_says_how_much_can_be_sent(shell: Flask) -> None:
    assert "At most 3 MiB" in shell.test_client().get("/error/413").text


def test_page_says_how_long_to_wait(shell: Flask) -> None:
    answer = shell.test_client().get("/often")
    assert "Wait 30 seconds" in answer.text
    assert answer.headers["Retry-After"] == "30"


def test_method_that_is_not_allowed_names_those_that_are(shell: Flask) -> None:
    answer = shell.test_client().get("/sign_out")
    assert (answer.status_code, "POST" in answer.headers["Allow"]) == (405, True)


def test_finished_answer_inside_an_error_goes_out_as_it_is(shell: Flask) -> None:
    assert shell.test_client().get("/elsewhere").location == "/"


@pytest.mark.parametrize(
    ("language", "expected"), [("ru", 'lang="ru"'), ("en", 'lang="en"'), ("xx", 'lang="ru"')]
)
def test_breakdown_is_told_in_the_language_of_the_browser(shell: Flask, language: str, expected: str) -> None:
    answer = shell.test_client().get("/broken", headers={"Accept-Language": language})
    assert expected in answer.text


OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    "words", ["database is locked", "unable to open database file", "connection refused"]
)
def test_a_busy_database_keeps_what_was_typed(shell: Flask, words: str) -> None:
    def save() -> str:
        raise OperationalError("UPDATE record", {}, ConnectionError(words))

    shell.config["WTF_CSRF_ENABLED"] = False
    shell.add_url_rule("/save", "save", save, methods=["POST"])
    fields = {
        "csrf_token": "kept",
        "title": "A <i>title</i>",
        "description": "one\ntwo",
        "password": "swordfish",
    }
    answer = shell.test_client().post("/save?x=1", data=fields)
    assert answer.status_code == 503
    assert 'action="/save?x=1"' in answer.text
    assert 'name="csrf_token" value="kept"' in answer.text
    assert "A &lt;i&gt;title&lt;/i&gt;" in answer.text
    assert "one\ntwo" in answer.text.replace("\r", "")
    assert "swordfish" not in answer.text
    assert words not in answer.text


def test_a_wrong_query_is_our_mistake_and_not_the_databases_absence(shell: Flask) -> None:
    def read() -> str:
        raise OperationalError("SELECT 1 FROM x", {}, ConnectionError("no such table: x"))

    shell.add_url_rule("/read", "read", read)
    assert shell.test_client().get("/read").status_code == 500


def test_a_form_without_a_token_is_told_in_plain_words(shell: Flask) -> None:
    shell.add_url_rule("/save", "save", lambda: "saved", methods=["POST"])
    answer = shell.test_client().post("/save", data={"title": "typed"})
    assert answer.status_code == 400
    assert "Nothing has been saved" in answer.text
    assert "typed-text" not in answer.text


def test_a_form_of_ours_with_an_old_token_can_be_sent_again(shell: Flask) -> None:
    shell.add_url_rule("/save", "save", lambda: "saved", methods=["POST"])
    browser = shell.test_client()
    page = BeautifulSoup(browser.post("/save", data={"title": "typed"}, headers=OWN).text, "html.parser")
    fields = {tag["name"]: tag["value"] for tag in page.select("form.typed-text input")}
    assert browser.post(page.select_one("form.typed-text")["action"], data=fields).text == "saved"


def test_text_that_is_too_long_is_told_with_the_limit_of_text(shell: Flask) -> None:
    shell.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    shell.add_url_rule("/save", "save", lambda: "saved", methods=["POST"])
    head = b'--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
    body = head + b"x" * 2 * 1024 * 1024 + b"\r\n--edge--\r\n"
    answer = shell.test_client().post("/save", data=body, content_type="multipart/form-data; boundary=edge")
    assert answer.status_code == 413
    assert "At most 1 MiB" in answer.text


def test_a_file_that_is_too_large_is_told_with_the_limit_of_files(shell: Flask) -> None:
    shell.add_url_rule("/save", "save", lambda: "saved", methods=["POST"])
    body = b"title=" + b"x" * 4 * 1024 * 1024
    answer = shell.test_client().post("/save", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "At most 3 MiB" in answer.text
