"""The headers that tell browsers what our pages may do, on every answer, errors included."""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Flask, Response

from webapp.core.static_files import foreign_origins

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_STYLES = re.compile(r'<style>(.*?)</style>|\sstyle="([^"]*)"', re.DOTALL)


def content_security_policy(origins: tuple[str, ...] = (), **changes: str) -> str:
    """Return the policy of our pages; ``changes`` names directives to set, as ``frame_src="'self'"``.

    ``origins`` are those that scripts and style sheets may come from besides our own.
    """
    code = " ".join(["'self'", *origins])
    directives = {
        "default-src": "'none'",
        "script-src": code,
        "style-src": code,
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    directives |= {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def hashes_of_styles(html: str) -> str:
    """Return what a policy says to let exactly the styles of this HTML work, in a frame that inherits it."""
    styles = dict.fromkeys(one or other for one, other in _STYLES.findall(html))
    digests = (hashlib.sha256(style.encode()).digest() for style in styles)
    return " ".join(["'unsafe-hashes'", *(f"'sha256-{base64.b64encode(each).decode()}'" for each in digests)])


def init_app(app: Flask) -> None:
    """Set the headers on every answer; one that a view has set itself stays, as that of a mail's frame."""
    policy = content_security_policy(foreign_origins(app))

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy)
        if app.config.get("SESSION_COOKIE_SECURE"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
