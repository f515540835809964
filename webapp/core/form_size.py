"""How much a form may bring: text the same with files or without, and files only where a view takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, current_app
from flask_login import current_user

from webapp.core import config

PLAIN_FORM = "application/x-www-form-urlencoded"

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Let forms for the view bring as much as files need; those for other views are refused at less."""
    view.takes_files = True  # type: ignore[attr-defined] # a function may carry what it likes
    return view


class LimitedRequest(Request):
    """A request whose form is all text when it has no files; Werkzeug would read it up to a file's size."""

    def _load_form_data(self) -> None:
        if self.mimetype == PLAIN_FORM:
            limits = (self.max_content_length, self.max_form_memory_size)
            self.max_content_length = min((each for each in limits if each is not None), default=None)
        elif self._may_bring_files():
            self.max_content_length = config.current().largest_upload
        super()._load_form_data()

    def _may_bring_files(self) -> bool:
        """Whether files are taken, and not from just anybody: they are read before anything else is asked."""
        view = current_app.view_functions.get(self.endpoint or "")
        return getattr(view, "takes_files", False) and bool(current_user.is_authenticated)


def init_app(app: Flask) -> None:
    """Let the application's requests be such."""
    app.request_class = LimitedRequest
