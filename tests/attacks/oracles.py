"""What every answer must keep, whatever was sent: no 5xx, soon, no secret, and no foreign element."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

from werkzeug.test import TestResponse

from tests.attacks.world import CANARY

#: The promise is one second; machines that do other things too need this much until a test may speak.
SLOWEST_S = 5.0
MOST_GROWTH = 100 * 1024 * 1024
#: Attributes that hold addresses, and how ours may begin.
ADDRESSES = frozenset({"href", "action", "src", "hx-get", "hx-post", "formaction"})
OWN_BEGINNINGS = ("/", "#", "?", "http://", "https://", "mailto:")

Shape = tuple[str, tuple[str, ...]]


def judged(send: Callable[[], TestResponse], what: object) -> TestResponse:
    """Send one request and hold its answer against what every answer keeps."""
    started = time.monotonic()
    answer = send()
    took = time.monotonic() - started
    assert answer.status_code < 500, (answer.status_code, what)
    assert took < SLOWEST_S, (took, what)
    assert CANARY not in answer.text, what
    assert CANARY not in str(answer.headers), what
    return answer


@contextmanager
def flat_memory() -> Iterator[None]:
    """Let what happens inside keep no more than the promised memory."""
    gc.collect()
    before = _resident()
    yield
    gc.collect()
    assert _resident() - before < MOST_GROWTH


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Shapes(HTMLParser):
    """The kinds of elements in a page: name and attributes' names, addresses that lead
    out of it, and the fields beside which the page says that something is wrong.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[Shape] = set()
        self.strange: list[str] = []
        self.refused: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.found.add((tag, tuple(sorted(name for name, _value in attrs))))
        given = dict(attrs)
        if given.get("aria-invalid") == "true":
            self.refused.add(str(given.get("name")))
        for name, value in attrs:
            if name in ADDRESSES and not _is_ours(value or ""):
                self.strange.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        """No page of ours has comments."""
        self.strange.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        """Nor processing instructions."""
        self.strange.append(f"<?{data}")


def _is_ours(address: str) -> bool:
    return not address or (address.startswith(OWN_BEGINNINGS) and not address.startswith(("//", "/\\")))
