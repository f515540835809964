"""What differs between a page and the fragment that htmx asks for: redirects, toasts, the Vary header."""

from __future__ import annotations

from typing import Literal

from flask import Flask, Response, flash, g, render_template, request
from flask import redirect as redirect_page

ToastKind = Literal["success", "info", "warning", "danger"]


def is_htmx() -> bool:
    """Say whether a fragment is asked for; htmx asks for whole pages too (history, or to select from)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type") != "full"
        and "HX-History-Restore-Request" not in headers
    )


def redirect(url: str) -> Response:
    """Send the browser to another page of this site: 303, or for htmx the header that loads the page."""
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": url})
    response = redirect_page(url, code=303, Response=Response)
    assert isinstance(response, Response)  # noqa: S101 - werkzeug's type is wider than the class that it was given
    return response


def toast(message: str, kind: ToastKind = "success") -> None:
    """Tell the person in a small passing note, whichever way this request is answered."""
    if is_htmx():
        g.setdefault("toasts", []).append((kind, str(message)))
    else:
        flash(str(message), kind)


def init_app(app: Flask) -> None:
    """Add waiting toasts to fragments, name the header that answers depend on, give pages ``is_htmx()``."""
    app.jinja_env.globals["is_htmx"] = is_htmx
    app.after_request(_add_toasts)
    app.after_request(_add_vary)


def _add_vary(response: Response) -> Response:
    if request.endpoint != "static":
        response.vary.add("HX-Request")
    return response


def _add_toasts(response: Response) -> Response:
    toasts = g.pop("toasts", [])
    if not toasts:
        return response
    if _is_fragment(response):
        addition = render_template("components/_toasts.html", toasts=toasts)
        response.set_data(response.get_data() + addition.encode())
    else:
        # The answer has no room for a note (a redirect, an empty answer): the next whole page shows it.
        for kind, message in toasts:
            flash(message, kind)
    return response


def _is_fragment(response: Response) -> bool:
    return (
        response.mimetype == "text/html"
        and response.status_code not in {204, 304}
        and not response.is_streamed
        and not response.direct_passthrough
        and "HX-Redirect" not in response.headers
        and "HX-Location" not in response.headers
    )
