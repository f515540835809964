"""Commits stand in views, jobs and the command line only; the drain gets its commit from its job."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import calls, python_files, shown

pytestmark = pytest.mark.pure

ALLOWED = ("jobs/", "webapp/cli", "webapp/core/")


def test_commits_stand_only_where_they_may() -> None:
    guilty = []
    for path in python_files():
        name = shown(path)
        is_view = path.stem == "views" or path.parent.name == "views"
        if is_view or name.startswith(ALLOWED):
            continue
        for call in calls(path):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
                guilty.append(f"{name}:{call.lineno}")
    assert not guilty, "\n".join(guilty)
