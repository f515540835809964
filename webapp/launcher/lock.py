"""Keeps two launchers out of one instance folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.launcher.environment import CannotStart


@contextmanager
def only_one(instance: Path) -> Iterator[None]:
    """Hold the instance's lock file; the kernel gives it back even when we are killed.

    Raises CannotStart when another launcher holds it.
    """
    file = os.open(instance / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise CannotStart(
                f"Vestnik already runs in {instance} (process {holder}). Stop it first, "
                "or set VESTNIK_INSTANCE to another folder and PORT to another port."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)
