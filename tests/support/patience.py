"""How long something may take: what was promised, and more where other tests keep the machine busy."""

from __future__ import annotations

import os
from typing import Final

BUSY: Final = 4


def at_most(promised_s: float) -> float:
    """Return the seconds after which a test may say that a promise was broken."""
    is_busy = "PYTEST_XDIST_WORKER" in os.environ or os.getloadavg()[0] > (os.cpu_count() or 1)
    return promised_s * (BUSY if is_busy else 1)
