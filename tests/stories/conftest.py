"""What every story begins with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.stories.cast import Cast


@pytest.fixture
def cast(app: Flask, drain: Callable[[], None]) -> Cast:
    """Everybody is there, with one ticket that was told of already."""
    people = Cast(drain)
    people.gather()
    return people
