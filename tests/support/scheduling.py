"""Which tests share a process of pytest-xdist, so that what is slow to start is started once."""

from __future__ import annotations

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

#: How the names of tests begin that share a program, a browser, the lanes of the matrix or the list of forms.
#: There are few groups, for two of them keep a machine with two cores busy. All other tests go one by one to
#: whoever is free. Marks cannot say this: with pytest 9.2 the xdist of today passes them over, and every
#: process would start a program of its own.
GROUPS: Final = {
    "tests/attacks/test_bad_input.py": "forms",
    "tests/attacks/test_literals.py": "forms",
    "tests/browser/": "pages",
    "tests/core/test_components_in_browser.py": "pages",
    "tests/messaging/push/test_live": "pages",
    "tests/faults/": "programs",
    "tests/setup/test_commands.py": "programs",
    "tests/setup/test_end.py": "programs",
    "tests/setup/test_run.py": "programs",
}


def group_of(nodeid: str) -> str:
    """Return the name of the test's group; one that is in none is a group of its own."""
    return next((group for beginning, group in GROUPS.items() if nodeid.startswith(beginning)), nodeid)


class GroupScheduling(LoadScopeScheduling):
    """Gives each group to one process; large groups begin first, so that none of them is the last."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Take the place of whatever ``--dist`` says."""
    return GroupScheduling(config, log)
