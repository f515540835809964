"""What every peer's program does: reads what to send, says that it is ready, waits, says when it ended."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

HOST = "127.0.0.1"
PORT = int(os.environ["PEER_PORT"])
COUNT = int(os.environ["PEER_COUNT"])
MAIL: dict[str, str] = json.loads(Path(os.environ["PEER_MAIL"]).read_text(encoding="utf-8"))


def wait_for_start() -> None:
    """Say that everything is prepared and wait until the measurement begins."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def tell_end(ended_at: float | None = None) -> None:
    """Say when the last mail was sent (now, if it is not given), by the clock that all processes share.

    Whoever hears it ends this program at once.
    """
    answer = {"ended_at": ended_at or time.monotonic(), "busy_s": time.process_time()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
