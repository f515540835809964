"""How much text a form may bring: the same whether a browser sends it with files or without."""

from __future__ import annotations

from flask import Flask, Request

PLAIN_FORM = "application/x-www-form-urlencoded"


class LimitedRequest(Request):
    """A request whose form is all text when it has no files; Werkzeug would read it up to a file's size."""

    def _load_form_data(self) -> None:
        if self.mimetype == PLAIN_FORM:
            limits = (self.max_content_length, self.max_form_memory_size)
            self.max_content_length = min((each for each in limits if each is not None), default=None)
        super()._load_form_data()


def init_app(app: Flask) -> None:
    """Let the application's requests be such."""
    app.request_class = LimitedRequest
