"""A person's browser that also reads the pages of errors and knows how long each answer took."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html import unescape

from webapp.launcher.browser import PATIENCE_S, Browser, Form, Page, _FormReader


@dataclass(frozen=True)
class Answer(Page):
    """A page with its status and the seconds that it took, redirects and all."""

    status: int = 200
    seconds: float = 0.0

    @property
    def words(self) -> str:
        """The page as text: good enough to find a sentence in."""
        return " ".join(unescape(self.html).split())


class Visitor(Browser):
    """One person of the demo; an error is an answer like any other, and none may be a broken connection."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.answers: list[Answer] = []

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._open(urllib.parse.urljoin(self.address, path), None)

    def submit(self, page: Page, form: Form, **values: str) -> Answer:
        """Send a form with these fields filled in."""
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        return self._open(urllib.parse.urljoin(page.address, form.action), data)

    def open(self, request: urllib.request.Request) -> Answer:
        """Send a request that no form of a page makes."""
        return self._open(request, None)

    def slowest(self) -> float:
        """The seconds of the slowest answer since the last time somebody asked."""
        seconds = max(answer.seconds for answer in self.answers)
        self.answers.clear()
        return seconds

    def _open(self, address: str | urllib.request.Request, data: bytes | None) -> Answer:
        started = time.monotonic()
        try:
            response = self._opener.open(address, data, timeout=PATIENCE_S)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            html = response.read().decode()
        reader = _FormReader()
        reader.feed(html)
        took = time.monotonic() - started
        self.answers.append(Answer(response.geturl(), html, reader.forms, response.status, took))
        return self.answers[-1]
