"""Error pages, also when the database or the session is what broke."""

from __future__ import annotations

import pytest
from flask import Flask, abort, make_response, redirect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from tests.core.test_htmx import FRAGMENT
from tests.support.shell import make_shell
from webapp.core import errors

pytestmark = pytest.mark.pure

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
    answer = shell.test_client().get(f"/error/{status}")
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
    answer = shell.test_client().get("/error/404")
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
