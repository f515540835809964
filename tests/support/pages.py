"""A browser without a screen: fetches pages and checks on each what every page must keep."""

from __future__ import annotations

import contextvars
import re
from collections import Counter
from html import unescape
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from webapp.core.db import db

TOKEN = re.compile('<meta name="csrf-token" content="([^"]+)"')
#: What may fetch something without being a link.
WITHOUT_HREF = {"form", "select", "input", "div", "tbody", "section"}


class SeparateClient(FlaskClient):
    """Answers each request in a context of its own, as a server does: a test's own would lend it ``g``."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        """Send the request."""
        return contextvars.Context().run(super().open, *arguments, **options)


class PageClient:
    """One person's browser."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app = app
        self.client = client
        self.response: TestResponse | None = None
        self._parsed: tuple[TestResponse, BeautifulSoup] | None = None
        self._token: tuple[str, str] | None = None

    @property
    def page(self) -> BeautifulSoup:
        """The last page, parsed once: that takes as long as its answer did."""
        assert self.response is not None
        if self._parsed is None or self._parsed[0] is not self.response:
            self._parsed = self.response, _parse(self.response)
        return self._parsed[1]

    @property
    def text(self) -> str:
        """The words of the last page with single spaces."""
        return " ".join(self.page.get_text(" ").split())

    def get(self, url: str, *, status: int = 200, check: bool = True, **options: Any) -> BeautifulSoup:
        """Fetch a page (redirects are followed) and check it."""
        db.session.commit()  # an open transaction of the test would keep SQLite's only writer lock
        self.response = self.client.get(url, follow_redirects=True, **options)
        self._require_status(status, url)
        self._take_token(self.response)
        if check and status == 200 and self.response.mimetype == "text/html":
            check_page(self.app, self.page, whole="HX-Request" not in options.get("headers", {}))
        return self.page

    def post(
        self, url: str, data: dict[str, Any] | None = None, *, status: int = 302, **options: Any
    ) -> BeautifulSoup:
        """Send a form with its CSRF token; redirects are not followed."""
        db.session.commit()
        fields = {"csrf_token": self.csrf_token(), **(data or {})}
        self.response = self.client.post(url, data=fields, **options)
        allowed = {302, 303} if status in {302, 303} else {status}
        assert self.response.status_code in allowed, self._explain(url)
        return self.page

    def submit(
        self, url: str, form_selector: str, data: dict[str, Any], *, status: int = 302
    ) -> BeautifulSoup:
        """Fetch a page, fill its form as a person does (all other fields as shown), and send it."""
        form = self.get(url).select_one(form_selector)
        assert form is not None, f"no form {form_selector} on {url}"
        fields = {**form_values(form), **data}
        return self.post(form.get("action") or url, fields, status=status)

    def follow(self) -> BeautifulSoup:
        """Follow the redirect of the last answer."""
        assert self.response is not None
        return self.get(self.response.headers["Location"])

    def csrf_token(self) -> str:
        """A token of this browser's session, as any page carries it; one that is missing is made soonest."""
        if self._token is None or self._token[0] != self._session():
            page = self.client.get("/nowhere")
            token = _token_of(page)
            assert token, "the page carries no CSRF token"
            self._token = self._session(), token
        return self._token[1]

    def _take_token(self, answer: TestResponse) -> None:
        if token := _token_of(answer):
            self._token = self._session(), token

    def _session(self) -> str:
        cookie = self.client.get_cookie("session")
        return cookie.value if cookie else ""

    def _require_status(self, status: int, url: str) -> None:
        assert self.response is not None
        assert self.response.status_code == status, self._explain(url)

    def _explain(self, url: str) -> str:
        assert self.response is not None
        return f"{url}: {self.response.status_code}: {self.text[:600]}"


def _token_of(answer: TestResponse) -> str | None:
    found = TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
    return unescape(found[1]) if found else None


def _parse(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def form_values(form: Any) -> dict[str, Any]:
    """Return what a browser would send for the form as it is shown."""
    values: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        kind = field.get("type", field.name)
        if kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                values[field["name"]] = field.get("value", "on")
        elif field.name == "select":
            chosen = [option.get("value", option.text) for option in field.select("option[selected]")]
            if field.has_attr("multiple"):
                values[field["name"]] = chosen
            else:
                first = field.select_one("option")
                values[field["name"]] = chosen[0] if chosen else (first.get("value", "") if first else "")
        elif kind not in {"submit", "button", "file"}:
            values[field["name"]] = (
                field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            )
    return values


def check_page(app: Flask, page: BeautifulSoup, *, whole: bool = True) -> None:
    """Check what every page keeps: one h1, a title, unique ids, whole forms, links without scripts."""
    if whole:
        assert len(page.select("h1")) == 1, "a page has one h1"
        assert page.title, "a page has a title"
        assert page.title.text.strip(), "a page has a title with words"
    tags = page.find_all(True)
    ids = Counter(tag["id"] for tag in tags if tag.has_attr("id"))
    repeated = [name for name, times in ids.items() if times > 1]
    assert not repeated, f"ids stand twice: {repeated}"
    for tag in tags:
        if tag.name == "form":
            _check_form(app, tag)
        if tag.name == "a" and str(tag.get("href")).startswith("/"):
            assert resolves(app, tag["href"], "GET"), f"leads nowhere: {tag['href']}"
        if tag.has_attr("hx-get"):
            assert tag.has_attr("href") or tag.name in WITHOUT_HREF, f"no href: {tag}"


def _check_form(app: Flask, form: Tag) -> None:
    assert form.has_attr("action"), f"a form without action: {form}"
    address, method = str(form["action"]), "GET"
    if str(form.get("method")).lower() == "post":
        method = "POST"
        assert form.select_one('input[name="csrf_token"]'), f"a form without CSRF token: {form}"
    assert not address.startswith("/") or resolves(app, address, method), f"leads nowhere: {method} {address}"


def resolves(app: Flask, address: str, method: str) -> bool:
    """Whether some view answers at the address."""
    path = address.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    try:
        app.url_map.bind("localhost").match(path, method=method)
    except RequestRedirect:
        return True
    except (MethodNotAllowed, HTTPException):
        return False
    return True
