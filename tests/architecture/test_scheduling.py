"""Tests that share a program run in one process, and what the table of groups names is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scheduling import GROUPS
from webapp.core.config import PROJECT_ROOT

pytestmark = pytest.mark.pure

MANY_TESTS = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(20))
def test_something(number):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_a_group_runs_in_one_process(tmp_path: Path):
    folder = tmp_path / "tests" / "browser"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"test_{name}.py").write_text(MANY_TESTS)
    (tmp_path / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "tests.support.scheduling"]
    environment = {"PYTHONPATH": str(PROJECT_ROOT)}
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert said.returncode == 0, said.stdout
    assert len(list(tmp_path.glob("gw*"))) == 1


@pytest.mark.parametrize("beginning", GROUPS)
def test_what_the_table_of_groups_names_is_there(beginning: str):
    assert list(PROJECT_ROOT.glob(f"{beginning}*"))
