"""Leases: one holder at a time, by the database's clock."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.support.background import StoppedClock
from webapp.core import leases
from webapp.core.db import db
from webapp.core.leases import Held, LeaseLost


def taken(name: str, seconds: float = 60) -> Held | None:
    held = leases.take(name, seconds)
    db.session.commit()
    return held


def test_only_one_holds_a_lease(app: Flask) -> None:
    assert taken("dispatch:1") is not None
    assert taken("dispatch:1") is None
    assert taken("dispatch:2") is not None


def test_a_lease_that_was_given_back_is_free(app: Flask) -> None:
    first = taken("clock")
    assert first is not None
    leases.release(first)
    db.session.commit()
    second = taken("clock")
    assert second is not None
    assert second.fence > first.fence
    assert not second.is_takeover


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_is_refused(
    app: Flask, clock: StoppedClock
) -> None:
    first = taken("clock", 60)
    assert first is not None
    clock.move(seconds=61)
    second = taken("clock", 60)
    assert second is not None
    assert second.is_takeover
    assert not leases.renew(first, 60)
    with pytest.raises(LeaseLost):
        leases.require(first)
    leases.release(first)
    db.session.commit()
    leases.require(second)


def test_renewing_keeps_it(app: Flask, clock: StoppedClock) -> None:
    held = taken("clock", 60)
    assert held is not None
    clock.move(seconds=50)
    assert leases.renew(held, 60)
    db.session.commit()
    clock.move(seconds=50)
    leases.require(held)
    assert taken("clock") is None


def test_its_time_is_over_by_the_real_clock_of_the_database_too(app: Flask) -> None:
    held = taken("clock", 0.2)
    assert held is not None
    assert taken("clock") is None
    threading.Event().wait(0.35)
    assert taken("clock") is not None


def test_of_many_that_try_at_once_one_gets_it(app: Flask) -> None:
    won: list[Held] = []
    start = threading.Barrier(6)

    def try_it() -> None:
        with app.app_context():
            start.wait()
            held = taken("race")
            if held:
                won.append(held)
            db.session.remove()

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
