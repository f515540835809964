"""What belongs to our own site: its paths, the numbers in them, and requests that came from its own pages."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from webapp.core.db import SAFE_METHODS

# Browsers drop tabs and line ends and read a backslash as a slash, so "/\t/evil.test" would leave the site.
_OWN_PATH = re.compile(r"/(?:[^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?")


LARGEST_NUMBER = 2**63 - 1


class RowNumber(IntegerConverter):
    """A number in an address: one that no table can hold leads nowhere instead of breaking the driver."""

    def __init__(self, url_map: Map, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - werkzeug's own
        super().__init__(url_map, *arguments, **{"max": LARGEST_NUMBER, **options})


def own_path(text: str | None, default: str = "/") -> str:
    """Return the text when it is a path within our site, otherwise ``default``."""
    return text if text and len(text) <= 2000 and _OWN_PATH.fullmatch(text) else default


def is_from_elsewhere() -> bool:
    """Tell whether another site made the browser send this request; without any sign the answer is no."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    # "null" comes from our own pages that say "no-referrer", so it tells nothing; the CSRF token decides.
    return origin not in {None, "null"} and urlsplit(origin).netloc != request.host


def is_surely_ours() -> bool:
    """Tell whether the browser says that one of our own pages sent this request."""
    has_sign = "Sec-Fetch-Site" in request.headers or request.headers.get("Origin") not in {None, "null"}
    return has_sign and not is_from_elsewhere()


def init_app(app: Flask) -> None:
    """Refuse what another site makes a browser change here, CSRF token or not; bound what addresses hold."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_refuse_broken_addresses)
    app.before_request(_refuse_foreign_changes)


def _refuse_broken_addresses() -> None:
    if "\0" in request.path:
        abort(404)  # nothing of ours is called so, and PostgreSQL would break while it looks


def _refuse_foreign_changes() -> None:
    if request.method not in SAFE_METHODS and is_from_elsewhere():
        abort(403)
