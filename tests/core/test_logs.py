"""Logs: nobody's text can forge an entry, and no stored secret gets into them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from webapp.core import logs
from webapp.core.db import db

FORGED = "x\r\nERROR admin: all is lost\x1b[2J\u2028ERROR more"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What was logged, in the form of every process of ours."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine("%(levelname)s %(message)s"))
    logger = logging.getLogger("forged")
    logger.propagate = False
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.pure
def test_a_log_line_cannot_be_forged(written: io.StringIO) -> None:
    logging.getLogger("forged").warning("from %s", FORGED)
    assert written.getvalue().count("\n") == 1
    assert "\x1b" not in written.getvalue()


@pytest.mark.pure
def test_nor_can_the_text_of_an_exception_forge_one(written: io.StringIO) -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("forged").exception("it failed")
    entries = [line for line in written.getvalue().splitlines() if not line.startswith("    ")]
    assert entries == ["ERROR it failed"]
    assert "ValueError: x" in written.getvalue()
    assert "\x1b" not in written.getvalue()


def test_an_error_of_the_database_does_not_show_what_was_stored(app: Flask) -> None:
    with pytest.raises(DatabaseError) as caught:
        db.session.execute(text("SELECT :hash FROM nowhere"), {"hash": "canary"})
    assert "nowhere" in str(caught.value)
    assert "canary" not in str(caught.value)
    db.session.rollback()
