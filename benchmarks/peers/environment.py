"""The peers' own environment: made once, from locked requirements, in a folder that is not kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from benchmarks.measurement import NotMeasured
from benchmarks.postfix import TOOLS

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
VENV = TOOLS / "peers"
NODE = TOOLS / "node"
STAMP = "installed-from"


@cache
def python() -> str:
    """Return the Python in which the peers are installed. Raises NotMeasured."""
    binary, lock = VENV / "bin" / "python", HERE / "requirements.txt"
    if not _is_current(VENV, lock):
        shutil.rmtree(VENV, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(VENV)])
        _run([str(binary), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)])
        shutil.copy(lock, VENV / STAMP)
    return str(binary)


@cache
def node() -> str:
    """Return the node that finds Nodemailer in ``NODE``. Raises NotMeasured."""
    binary, lock = shutil.which("node"), HERE / "package-lock.json"
    if binary is None or shutil.which("npm") is None:
        raise NotMeasured("node and npm are not installed here")
    if not _is_current(NODE, lock):
        NODE.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", lock.name):
            shutil.copy(HERE / name, NODE / name)
        _run(["npm", "ci", "--ignore-scripts", "--silent", "--prefix", str(NODE)])
        shutil.copy(lock, NODE / STAMP)
    return binary


def _is_current(folder: Path, lock: Path) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_bytes() == lock.read_bytes()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")
