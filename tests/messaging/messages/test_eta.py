"""When a queue will be empty: by the rate, by the limits, or not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.messaging.messages.eta import Eta, Limits, Why, estimate

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("waiting", "per_second", "limits", "at", "why"),
    [
        (0, None, Limits(), NOON, Why.EMPTY),
        (0, 5.0, Limits(is_stopped=True), NOON, Why.EMPTY),
        (240, 1.0, Limits(), NOON + 4 * MINUTE, Why.SPEED),
        (1, 0.5, Limits(), NOON + timedelta(seconds=2), Why.SPEED),
        # A minute's limit slows down what would be quicker, and nothing else.
        (25, 100.0, Limits(most_in_batch=10, batch_interval_s=20), NOON + timedelta(seconds=40), Why.BATCHES),
        (10, 10.0, Limits(most_in_batch=10, batch_interval_s=20), NOON + timedelta(seconds=1), Why.SPEED),
        (21, None, Limits(most_in_batch=10, batch_interval_s=20), NOON + timedelta(seconds=40), Why.BATCHES),
        (10, 10.0, Limits(most_in_batch=1), NOON + timedelta(seconds=1), Why.SPEED),
        (600, 100.0, Limits(most_per_minute=60), NOON + 10 * MINUTE, Why.MINUTE_LIMIT),
        (600, 100.0, Limits(most_per_minute=60, at_once=60), NOON + 9 * MINUTE, Why.MINUTE_LIMIT),
        (600, 0.5, Limits(most_per_minute=600), NOON + 20 * MINUTE, Why.SPEED),
        (60, 60.0, Limits(most_per_minute=60, at_once=60), NOON + timedelta(seconds=1), Why.SPEED),
        (120, None, Limits(most_per_minute=60), NOON + 2 * MINUTE, Why.MINUTE_LIMIT),
        # A day's limit: what is left today, then so many each day from midnight UTC.
        (500, 1.0, Limits(most_per_day=500), NOON + timedelta(seconds=500), Why.SPEED),
        (501, 1.0, Limits(most_per_day=500), MIDNIGHT + timedelta(seconds=1), Why.DAY_LIMIT),
        (1000, 1.0, Limits(most_per_day=500), MIDNIGHT + timedelta(seconds=500), Why.DAY_LIMIT),
        (1001, 1.0, Limits(most_per_day=500), MIDNIGHT + DAY + timedelta(seconds=1), Why.DAY_LIMIT),
        (10, 1.0, Limits(most_per_day=500, sent_today=500), MIDNIGHT + timedelta(seconds=10), Why.DAY_LIMIT),
        (10, 1.0, Limits(most_per_day=500, sent_today=900), MIDNIGHT + timedelta(seconds=10), Why.DAY_LIMIT),
        (
            620, 100.0, Limits(most_per_minute=60, most_per_day=500),
            MIDNIGHT + 2 * MINUTE, Why.DAY_LIMIT,
        ),
        # A server too slow for the day's limit decides itself.
        (100_000, 1.0, Limits(most_per_day=90_000), NOON + timedelta(seconds=100_000), Why.SPEED),
    ],
)  # fmt: skip
def test_the_end_of_a_queue_is_estimated(
    waiting: int, per_second: float | None, limits: Limits, at: datetime, why: Why
) -> None:
    assert estimate(waiting, per_second, limits, NOON) == Eta(at, why)


@pytest.mark.parametrize(
    ("per_second", "limits", "eta"),
    [
        (1.0, Limits(is_stopped=True), Eta(None, Why.STOPPED)),
        (1.0, Limits(paused_until=NOON + HOUR), Eta(None, Why.PAUSED, NOON + HOUR)),
        (1.0, Limits(paused_until=NOON + HOUR, is_stopped=True), Eta(None, Why.STOPPED)),
        (None, Limits(), Eta(None, Why.NOT_MEASURED)),
        (0.0, Limits(), Eta(None, Why.NOT_MEASURED)),
        (None, Limits(most_per_day=5), Eta(None, Why.NOT_MEASURED)),
        (1e-9, Limits(), Eta(None, Why.TOO_LONG)),
        (1.0, Limits(most_per_day=1), Eta(None, Why.TOO_LONG)),
    ],
)
def test_what_is_not_known_is_not_guessed(per_second: float | None, limits: Limits, eta: Eta) -> None:
    assert estimate(1000, per_second, limits, NOON) == eta


def test_a_pause_that_is_over_keeps_nothing_back() -> None:
    assert estimate(60, 1.0, Limits(paused_until=NOON), NOON).at == NOON + MINUTE


@pytest.mark.parametrize("waiting", [1, 10**9, 10**18])
@pytest.mark.parametrize("per_second", [None, 1e-300, 1e-3, 1e300])
@pytest.mark.parametrize("limits", [Limits(), Limits(1, 0, 1, 0), Limits(100_000, 9e9, 10_000_000, 10**9)])
def test_no_number_is_too_large(waiting: int, per_second: float | None, limits: Limits) -> None:
    eta = estimate(waiting, per_second, limits, NOON)
    assert eta.at is None or NOON <= eta.at <= NOON + timedelta(days=366)
