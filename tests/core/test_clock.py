"""The database's own clock, as SQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.core.clock import now, sql_now
from webapp.core.db import db


@pytest.mark.parametrize("after_s", [0.0, 0.25, 60.0, 90.0, -1.0, -3600.0])
def test_it_counts_seconds_from_now_on_and_back(app: Flask, after_s: float) -> None:
    before = now()
    told = db.session.scalar(select(sql_now(after_s)))
    assert told is not None
    slack = timedelta(milliseconds=2)  # SQLite's clock shows no more digits
    assert before - slack <= told - timedelta(seconds=after_s) <= now() + slack
