"""Takes in what a refused request still brings: if the server hung up, no browser would show the refusal."""

from __future__ import annotations

import time

from flask import request

from webapp.core.config import MEBIBYTE

LARGEST_REST = 512 * MEBIBYTE
LONGEST_REST_S = 20.0
_PIECE = MEBIBYTE


def read_rest() -> None:
    """Read what is left of the request's body and forget it, up to a size and a time beyond which it is cut.

    Does nothing under a server that does not say where the body ends.
    """
    if not request.environ.get("wsgi.input_terminated"):
        return
    body = request.environ["wsgi.input"]
    ends_at = time.monotonic() + LONGEST_REST_S
    left = LARGEST_REST
    while left > 0 and time.monotonic() < ends_at:
        size = len(body.read(min(_PIECE, left)))
        if not size:
            return
        left -= size
