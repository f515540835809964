"""On what it was measured."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import postfix
from benchmarks.stage import Stage


def describe(stage: Stage) -> dict[str, str]:
    """Return the date and what a reader has to know of the machine, as names and words."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "reference": "R is smtp-source" if postfix.is_there() else "R is a plain sender of our own",
        "system": f"{platform.system()} {platform.release()}",
        "versions": f"Python {platform.python_version()} by {platform.python_compiler()}, "
        f"SQLite {sqlite3.sqlite_version}, PostgreSQL {stage.postgresql.version}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
