"""Log lines: one line an entry, control characters made visible, to standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, 0x85, 0x2028, 0x2029) if code != 0x09}


class OneLine(logging.Formatter):
    """Keeps an entry on one line, so that a person's text cannot forge another entry.

    The lines of a traceback follow, each set in: what an exception says may be a person's text as well.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """Format with every control character escaped."""
        return super().formatMessage(record).translate(_VISIBLE)

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - the standard library's name and type
        """Format a traceback so that none of its lines can be taken for an entry."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(f"    {line.translate(_VISIBLE)}" for line in lines)


def set_up(level: int = logging.INFO) -> None:
    """Send the logs of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These would print what they were given: addresses, bodies and job arguments.
    for name in ("rq", "mail.log", "exchangelib", "urllib3", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
