"""What every answer must keep, whatever was sent: no 5xx, soon, no secret, and no foreign element."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from werkzeug.test import TestResponse

from tests.attacks.world import CANARY

#: The promise is one second; machines that do other things too need this much until a test may speak.
SLOWEST_S = 5.0
MOST_GROWTH = 100 * 1024 * 1024
#: Attributes that hold addresses, and how ours may begin.
ADDRESSES = frozenset({"href", "action", "src", "hx-get", "hx-post", "formaction"})
OWN_BEGINNINGS = ("/", "#", "?", "http://", "https://", "mailto:", "data:image/png;base64,")

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


class Tag(HTMLParser):
    """One tag as a browser reads it: its shape, the field if it is marked as wrong, what is strange."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.shape: Shape = ("", ())
        self.refused: str | None = None
        self.strange: list[str] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.shape = (tag, tuple(sorted(name for name, _value in attrs)))
        given = dict(attrs)
        if given.get("aria-invalid") == "true":
            self.refused = given.get("name")
        strange = [(name, value) for name, value in attrs if name in ADDRESSES and not _is_ours(value or "")]
        self.strange += [f"{tag} {name}={value}" for name, value in strange]

    def handle_comment(self, data: str) -> None:
        """No page of ours has comments."""
        self.strange.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        """Nor processing instructions."""
        self.strange.append(f"<?{data}")


_read_tag = lru_cache(maxsize=20_000)(Tag)
#: In pages of ours < stands only where a tag begins: whatever else it begins is read as a tag and is strange.
_TAG = re.compile(r"<[A-Za-z!?][^>]*>?")


class Shapes:
    """The kinds of elements in a page, addresses that lead out of it, the fields that it says are wrong."""

    def __init__(self, page: str) -> None:
        tags = [_read_tag(written) for written in set(_TAG.findall(page)) if written != DOCTYPE]
        self.found = {tag.shape for tag in tags}
        self.strange = [each for tag in tags for each in tag.strange]
        self.refused = {tag.refused for tag in tags if tag.refused}


DOCTYPE = "<!doctype html>"


def _is_ours(address: str) -> bool:
    return not address or (address.startswith(OWN_BEGINNINGS) and not address.startswith(("//", "/\\")))
