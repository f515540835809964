"""A ticket of Alice, and an installation with limits of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.desk.making import make_ticket
from webapp.core.config import Config
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account


@pytest.fixture
def ticket(alice: Account) -> Record:
    return make_ticket(alice)


@pytest.fixture
def limits(app: Flask) -> Iterator[Callable[..., None]]:
    """Let the installation have other limits."""
    usual: Config = app.config["VESTNIK"]

    def change(**limits: Any) -> None:
        app.config["VESTNIK"] = replace(usual, **limits)

    yield change
    app.config["VESTNIK"] = usual
