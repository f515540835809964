"""The server behind the doorbell: who can reach it."""

from __future__ import annotations

import pytest

from webapp.core import redis

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("unix:///tmp/redis.sock", False),
        ("redis://localhost:6379/0", False),
        ("redis://127.0.0.1:6379/0", False),
        ("redis://:secret@redis.internal:6379/0", False),
        ("rediss://desk:secret@redis.internal:6379/0", False),
        ("redis://redis.internal:6379/0", True),
        ("redis://10.0.0.7", True),
    ],
)
def test_a_server_that_everybody_can_use_is_known_as_such(url, is_open):
    assert redis.is_open_to_others(url) is is_open
