"""Imports point downward only."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, shown, tree
from webapp.job_names import QUEUES, JobName

pytestmark = pytest.mark.pure

ONLY_VIEWS_FORMS_AND_CORE = ("views", "forms")
# rights.py is a part of every view: the marks, and the judge of requests that reads them.
FLASK_IS_AT_HOME = (
    "webapp/core/",
    "webapp/app.py",
    "webapp/cli",
    "jobs/",
    "webapp/people/accounts/rights.py",
)


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-6000:]


@pytest.mark.parametrize("job", JobName)
def test_every_job_name_leads_to_a_function(job: JobName) -> None:
    module, function = job.value.rsplit(".", 1)
    assert callable(getattr(import_module(module), function))
    assert job in QUEUES


def test_only_views_forms_and_core_know_flask() -> None:
    guilty = []
    for path in python_files():
        name = shown(path)
        if name.startswith(FLASK_IS_AT_HOME) or any(
            part in ONLY_VIEWS_FORMS_AND_CORE for part in (path.stem, path.parent.name)
        ):
            continue
        guilty += [
            f"{name}: {module}"
            for module in _imported(path)
            if module in {"flask", "flask_wtf", "flask_login"}
        ]
    assert not guilty, "\n".join(guilty)


def _imported(path: Path) -> list[str]:
    import ast

    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module.split(".")[0])
    return found
