"""Moments as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.shell import make_shell
from webapp.core import clock, moments

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("distance", "english", "russian"),
    [
        (timedelta(seconds=-5), "just now", None),
        (timedelta(seconds=20), "in a moment", None),
        (timedelta(minutes=-4), "4 minutes ago", "4 минуты назад"),
        (timedelta(hours=2), "in 2 hours", "через 2 часа"),
        (timedelta(days=-3), "3 days ago", "3 дня назад"),
    ],
)
def test_distance_is_told_in_the_language_of_the_reader(
    distance: timedelta, english: str, russian: str | None
) -> None:
    for language, expected in (("en", english), ("ru", russian)):
        with make_shell(language).test_request_context():
            if expected:
                # Half a second more than asked, since the clock goes on.
                slack = timedelta(seconds=0.5 if distance > timedelta() else -0.5)
                assert moments.relative(clock.now() + distance + slack) == expected


def test_exact_moment_is_in_the_zone_of_the_reader() -> None:
    with make_shell("en").test_request_context():
        assert moments.exact(datetime(2026, 11, 21, 9, 0, tzinfo=UTC)).startswith(
            "21 November 2026, 12:00:00"
        )
    with make_shell("ru").test_request_context():
        assert moments.exact(datetime(2026, 11, 21, 9, 0, tzinfo=UTC)).startswith("21 ноября 2026, 12:00:00")


def test_machines_get_the_moment_with_its_offset() -> None:
    assert moments.machine(datetime(2026, 11, 21, 9, 0, 1, 5, tzinfo=UTC)) == "2026-11-21T09:00:01+00:00"
