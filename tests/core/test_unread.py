"""The rest of a refused request is read, so that the refusal can be, and not for ever."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask

from webapp.core import unread

pytestmark = pytest.mark.pure


def read_rest_of(body: BytesIO, **environment: object) -> int:
    """Return how much of the body was read."""
    with Flask(__name__).test_request_context("/", method="POST", input_stream=body, **environment):
        unread.read_rest()
    return body.tell()


def test_the_whole_body_is_read() -> None:
    body = BytesIO(b"x" * 3_000_000)
    assert read_rest_of(body, environ_overrides={"wsgi.input_terminated": True}) == 3_000_000


def test_a_body_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "LARGEST_REST", 2_000_000)
    body = BytesIO(b"x" * 3_000_000)
    assert read_rest_of(body, environ_overrides={"wsgi.input_terminated": True}) == 2_000_000


def test_a_body_that_does_not_end_in_time_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "LONGEST_REST_S", 0.0)
    assert read_rest_of(BytesIO(b"x" * 10), environ_overrides={"wsgi.input_terminated": True}) == 0


def test_a_server_that_does_not_say_where_the_body_ends_is_not_waited_for() -> None:
    assert read_rest_of(BytesIO(b"x" * 10)) == 0
