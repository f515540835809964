"""The headers that every answer carries."""

from __future__ import annotations

import pytest
from flask import Flask, Response, abort

from tests.support.shell import make_shell
from webapp.core import security_headers
from webapp.core.assets import CDN_ORIGIN
from webapp.core.security_headers import content_security_policy

pytestmark = pytest.mark.pure


@pytest.fixture
def shell() -> Flask:
    app = make_shell()
    app.testing = False

    def refuse() -> str:
        abort(403)

    def break_down() -> str:
        raise LookupError

    app.add_url_rule("/page", "page", lambda: "page")
    app.add_url_rule("/form", "form", lambda: "page", methods=["POST"])
    app.add_url_rule("/refused", "refused", refuse)
    app.add_url_rule("/broken", "broken", break_down)
    app.add_url_rule("/frame", "frame", lambda: Response("", headers={"Content-Security-Policy": "sandbox"}))
    return app


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/page", 200),
        ("GET", "/refused", 403),
        ("GET", "/missing", 404),
        ("GET", "/broken", 500),
        ("POST", "/form", 400),
        ("GET", "/static/css/app.css", 200),
    ],
)
def test_every_answer_carries_the_policy(shell: Flask, method: str, path: str, status: int) -> None:
    answer = shell.test_client().open(path, method=method, buffered=True)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for name, value in security_headers.HEADERS.items():
        assert answer.headers[name] == value


def test_view_may_set_a_policy_of_its_own(shell: Flask) -> None:
    assert shell.test_client().get("/frame").headers.getlist("Content-Security-Policy") == ["sandbox"]


def test_foreign_code_is_allowed_only_from_the_named_origin() -> None:
    policy = content_security_policy((CDN_ORIGIN,))
    assert f"script-src 'self' {CDN_ORIGIN};" in policy
    assert f"style-src 'self' {CDN_ORIGIN};" in policy
    assert f"connect-src 'self' {CDN_ORIGIN}" not in policy
    assert CDN_ORIGIN not in content_security_policy()


def test_one_directive_can_be_changed_for_one_view() -> None:
    assert "frame-src 'self';" in content_security_policy(frame_src="'self'")


def test_browser_is_kept_on_https_only_where_cookies_are() -> None:
    for is_secure in (True, False):
        app = make_shell(SESSION_COOKIE_SECURE=is_secure)
        assert ("Strict-Transport-Security" in app.test_client().get("/missing").headers) is is_secure
