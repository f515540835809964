"""Commits stand in views, jobs and the command line only; the drain gets its commit from its job.

The commit between two mails, past the session, is a transaction of its own (``messages/dots.py``).
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import calls, python_files, shown

pytestmark = pytest.mark.pure

ALLOWED = ("jobs/", "webapp/cli", "webapp/launcher/", "webapp/core/")
# The send protocol is its commit points, so the drain is given the commit by its job.
DRAIN = "webapp/messaging/messages/delivery.py"


def test_commits_stand_only_where_they_may() -> None:
    guilty = []
    for path in python_files():
        name = shown(path)
        is_view = path.stem == "views" or path.parent.name == "views"
        if is_view or name.startswith(ALLOWED):
            continue
        guilty += [f"{name}:{call.lineno}" for call in calls(path) if _commits(name, call.func)]
    assert not guilty, "\n".join(guilty)


def _commits(name: str, function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr != "commit":
        return False
    return not _is_given(name, function)


def _is_given(name: str, function: ast.Attribute) -> bool:
    return name == DRAIN and isinstance(function.value, ast.Name) and function.value.id == "self"
