"""A very small browser: follows redirects, keeps cookies, fills forms, listens to a stream."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any

PATIENCE_S = 15.0


class PageRefused(Exception):
    """The program answered with an error, or the form that was looked for is not on the page."""


@dataclass
class Form:
    """One form of a page: where it goes and what stands in its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One page: its final address, its text and its forms."""

    address: str
    html: str
    forms: list[Form]

    def form(self, ending: str) -> Form:
        """Return the form whose action ends so. Raises PageRefused."""
        for form in self.forms:
            if urllib.parse.urlsplit(form.action).path.endswith(ending):
                return form
        raise PageRefused(f"{self.address} has no form that goes to …{ending}")


class Browser:
    """One person's browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Page:
        """Open a page. Raises PageRefused."""
        return self._open(urllib.parse.urljoin(self.address, path), None)

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form with these fields filled in. Raises PageRefused."""
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        return self._open(urllib.parse.urljoin(page.address, form.action), data)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in. Raises PageRefused."""
        page = self.get("/sign-in")
        page = self.submit(page, page.form("/sign-in"), email=email, password=password)
        if urllib.parse.urlsplit(page.address).path == "/sign-in":
            raise PageRefused(f"{email} could not sign in")

    def listen(self, path: str, on_event: Callable[[str], None]) -> threading.Thread:
        """Open a stream and call ``on_event`` with each event until it ends. Raises PageRefused."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            urllib.parse.urljoin(self.address, path), headers={"Accept": "text/event-stream"}
        )
        try:
            response = self._opener.open(request, timeout=60)
        except OSError as error:
            raise PageRefused(f"{path}: {error}") from None
        thread = threading.Thread(target=_read_events, args=(response, on_event), daemon=True)
        thread.start()
        return thread

    def _open(self, address: str, data: bytes | None) -> Page:
        try:
            with self._opener.open(address, data, timeout=PATIENCE_S) as response:
                html = response.read().decode()
                final = response.geturl()
        except urllib.error.HTTPError as error:
            raise PageRefused(f"{urllib.parse.urlsplit(address).path} answered {error.code}") from None
        except OSError as error:
            raise PageRefused(f"{urllib.parse.urlsplit(address).path}: {error}") from None
        reader = _FormReader()
        reader.feed(html)
        return Page(final, html, reader.forms)


def _read_events(response: Any, on_event: Callable[[str], None]) -> None:  # noqa: ANN401 - untyped in urllib
    lines: list[str] = []
    try:
        for raw in response:
            line = raw.decode(errors="replace").rstrip("\r\n")
            if line:
                lines.append(line)
                continue
            if lines:
                on_event("\n".join(lines))
            lines = []
    except (OSError, ValueError):
        return  # the program ended, and the stream with it


class _FormReader(HTMLParser):
    """Collects the forms of a page with what a browser would send from them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action", ""))
            self.forms.append(self._form)
        if self._form is None:
            return
        name = values.get("name", "")
        if tag == "input" and name:
            self._read_input(self._form, name, values)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._read_option(self._form, self._select, values)
        elif tag == "textarea" and name:
            self._textarea = name
            self._form.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.fields[self._textarea] += data

    @staticmethod
    def _read_input(form: Form, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if kind in {"checkbox", "radio"}:
            form.choices.setdefault(name, []).append(values.get("value", "on"))
            if "checked" not in values:
                return
        if kind not in {"submit", "button", "file", "image", "reset"}:
            form.fields[name] = values.get("value", "")

    @staticmethod
    def _read_option(form: Form, name: str, values: dict[str, str]) -> None:
        value = values.get("value", "")
        form.choices.setdefault(name, []).append(value)
        if "selected" in values or name not in form.fields:
            form.fields[name] = value


def wait_until(condition: Callable[[], object], what: str, patience_s: float) -> None:
    """Wait until the condition holds. Raises PageRefused with what did not happen."""
    ends_at = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > ends_at:
            raise PageRefused(f"{what} did not come within {patience_s:.0f} s")
        time.sleep(0.02)
