"""No point of the program at which it can be killed is left out of the tests that kill it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from webapp.core.config import PROJECT_ROOT

pytestmark = pytest.mark.pure

POINT = re.compile(r'(?:failpoint|_passing)\("([a-z_.]+)"\)')


def points_of_the_program() -> set[str]:
    files = [file for folder in ("webapp", "jobs") for file in (PROJECT_ROOT / folder).rglob("*.py")]
    return {name for file in files for name in POINT.findall(file.read_text(encoding="utf-8"))}


def test_every_failpoint_is_named_by_a_test_that_kills_there():
    tests = [file for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__)]
    words = "\n".join(file.read_text(encoding="utf-8") for file in tests)
    points = points_of_the_program()
    assert {"before_dot", "tls", "dispatch.written", "before_ring"} <= points, "the search finds points"
    assert [name for name in sorted(points) if not re.search(rf'"{re.escape(name)}[":]', words)] == []
