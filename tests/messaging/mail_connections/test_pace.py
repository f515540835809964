"""Limits of a connection: what may leave now, and from when on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.messaging.mail_connections import pace
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.mail_connections.pace import Limit, Room

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def connection(a_minute: int | None = None, a_day: int | None = None) -> MailConnection:
    made = MailConnection(host="mail.test", most_per_minute=a_minute, most_per_day=a_day)
    made.state = ConnectionState(sent_today=0)
    return made


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_without_limits_as_many_leave_as_want_to():
    assert pace.room(connection(), NOON, 200) == Room(200)


def test_a_tenth_of_a_minute_may_leave_at_once():
    assert pace.room(connection(a_minute=300), NOON, 200) == Room(30)


@pytest.mark.parametrize("a_minute", [1, 7, 10, 30, 300, 6000])
def test_in_no_minute_more_leave_than_allowed(a_minute):
    limited = connection(a_minute=a_minute)
    left: list[float] = []
    for tenth in range(2400):  # four minutes, with somebody asking ten times a second
        may = pace.room(limited, after(tenth / 10), 1000).messages
        pace.take(limited, may, after(tenth / 10))
        left += [tenth / 10] * may

    busiest = max(sum(start <= moment < start + 60 for moment in left) for start in set(left))
    assert busiest <= a_minute
    assert len(left) >= 3 * a_minute  # and the limit is used


def test_it_says_from_when_on_the_next_may_leave():
    limited = connection(a_minute=6)
    pace.take(limited, 1, NOON)

    assert pace.room(limited, NOON) == Room(0, Limit.MINUTE, after(10))
    assert pace.room(limited, after(9.9)).messages == 0
    assert pace.room(limited, after(10.01)).messages == 1


def test_what_is_given_back_may_leave_again_but_no_more_than_that():
    limited = connection(a_minute=100, a_day=50)
    pace.take(limited, 10, NOON)
    pace.take(limited, -4, NOON)
    assert pace.room(limited, NOON, 99) == Room(4)
    pace.take(limited, -4, NOON)
    pace.take(limited, -40, NOON)
    assert pace.room(limited, NOON, 99) == Room(10)
    assert pace.sent_today(limited.state, NOON) == 0


def test_the_day_ends_at_midnight_in_utc():
    limited = connection(a_day=3)
    pace.take(limited, 3, NOON)

    assert pace.room(limited, NOON) == Room(0, Limit.DAY, datetime(2026, 11, 22, tzinfo=UTC))
    assert pace.room(limited, datetime(2026, 11, 22, tzinfo=UTC), 9) == Room(3)
    assert limited.state.sent_on == date(2026, 11, 21)


def test_a_clock_that_goes_back_holds_nothing_up_and_opens_no_more_than_at_the_beginning():
    limited = connection(a_minute=10)
    pace.take(limited, 1, NOON)

    assert pace.room(limited, after(-30)).messages == 0
    assert pace.room(limited, after(-3600), 9).messages == 1
    pace.take(limited, 1, after(-3600))
    assert pace.room(limited, after(-3600)).messages == 0


def in_batches() -> MailConnection:
    limited = connection()
    limited.most_in_batch, limited.batch_interval_s = 10, 20
    return limited


def test_the_next_batch_begins_after_the_interval_and_the_present_one_goes_on():
    limited = in_batches()
    pace.take(limited, 4, NOON)

    assert pace.room(limited, after(19)) == Room(0, Limit.BATCH, after(20))
    assert pace.room(limited, after(19), 6, is_in_batch=True) == Room(6)
    pace.end_batch(limited, after(15))
    assert pace.room(limited, after(34)) == Room(0, Limit.BATCH, after(35))
    assert pace.room(limited, after(35), 10) == Room(10)


def test_what_is_given_back_begins_no_batch():
    limited = in_batches()
    pace.take(limited, -3, NOON)
    assert pace.room(limited, NOON, 5) == Room(5)


def test_a_clock_that_goes_back_does_not_hold_up_the_next_batch():
    limited = in_batches()
    pace.take(limited, 1, NOON)
    assert pace.room(limited, after(-3600), 5) == Room(5)


def test_without_an_interval_nothing_is_remembered_of_batches():
    limited = connection()
    limited.most_in_batch = 10
    pace.take(limited, 10, NOON)
    assert limited.state.next_batch_at is None
    assert not pace.is_limited(limited)
