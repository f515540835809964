"""Which trouble with a real database passes by itself."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from webapp.core.db import db
from webapp.core.passing_trouble import is_passing


def test_a_locked_database_is_passing_trouble(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'one.db'}", connect_args={"timeout": 0})
    with engine.connect() as first, engine.connect() as second:
        first.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError) as caught:
            second.exec_driver_sql("BEGIN IMMEDIATE")
    engine.dispose()
    assert is_passing(caught.value)


def test_a_database_that_cannot_be_opened_is_passing_trouble(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'missing' / 'one.db'}")
    with pytest.raises(DBAPIError) as caught:
        engine.connect()
    assert is_passing(caught.value)


def test_a_postgresql_that_is_not_there_is_passing_trouble():
    with pytest.raises(DBAPIError) as caught:
        create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none").connect()
    assert is_passing(caught.value)


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELECT FROM WHERE"])
def test_a_mistake_of_the_program_is_not(app: Flask, statement: str) -> None:
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(text(statement))
    assert not is_passing(caught.value)


def test_an_error_that_is_not_the_databases_is_not():
    assert not is_passing(ValueError("too long"))
