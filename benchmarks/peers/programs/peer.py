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


def tell_end() -> None:
    """Say when the last mail was sent, by the clock that all processes of a machine share."""
    sys.stdout.write(json.dumps({"ended_at": time.monotonic(), "busy_s": time.process_time()}) + "\n")
    sys.stdout.flush()
