"""The server behind the doorbell: who can reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_config
from webapp.app import create_app
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


@pytest.mark.parametrize(
    ("url", "is_told"),
    [("redis://redis.internal:6379/0", True), ("redis://:secret@redis.internal:6379/0", False)],
)
def test_who_starts_the_program_is_told_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str, *, is_told: bool
) -> None:
    create_app(make_config(tmp_path, f"sqlite:///{tmp_path / 'v.db'}", url))
    assert ("REDIS_URL leads to another machine and has no password" in caplog.text) is is_told
    assert "secret" not in caplog.text
