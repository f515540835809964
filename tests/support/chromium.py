"""A real browser without a screen, whose pages may not complain about anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect

from webapp.core.config import PROJECT_ROOT

CHROMIUM = Path("/usr/bin/chromium")
AXE = PROJECT_ROOT / "node_modules/axe-core/axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
GRAVE = ("serious", "critical")


def missing() -> str | None:
    """Return why no browser test can run on this machine; None when they can."""
    if not CHROMIUM.exists():
        return f"there is no Chromium at {CHROMIUM}: apt-get install chromium"
    if not AXE.exists():
        return "axe-core is not there: run npm ci"
    return None


@contextmanager
def running(playwright: Playwright) -> Iterator[Browser]:
    """A browser for the length of the block."""
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


class Watched:
    """One person's browser window: its context, its pages, and whatever they complained about."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("page", self._watch)

    def open(self, path: str) -> Page:
        """Open a page in a new tab."""
        page = self.context.new_page()
        page.goto(path)
        return page

    def forgive(self, words: str) -> None:
        """Forget complaints with these words, which the test brought about on purpose."""
        self.complaints = [line for line in self.complaints if words not in line]

    def close(self) -> None:
        """Close it; the complaints stay."""
        self.context.close()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._hear(page, line))
        page.on("response", lambda answer: self._look(answer.status, answer.url))

    def _hear(self, page: Page, line: ConsoleMessage) -> None:
        if line.type == "error" or "Security Policy" in line.text:
            self.complaints.append(f"{page.url}: {line.text}")

    def _look(self, status: int, url: str) -> None:
        if status >= 500:
            self.complaints.append(f"{url} answered {status}")


def grave_faults(page: Page, *rules: str) -> list[str]:
    """Return what axe finds that is serious or critical; ``rules`` narrows it to some of its rules."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text() + ";0")
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = page.evaluate("(options) => axe.run(document, {resultTypes: ['violations'], ...options})", only)
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:300]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


def settle(page: Page) -> None:
    """Wait until what was changed about the window is drawn and nothing moves or scrolls any more."""
    page.evaluate(_STANDS_STILL)
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))")


def sticks_out(page: Page) -> list[str]:
    """Return the elements because of which the page can be scrolled sideways."""
    return page.evaluate(_STICKS_OUT)


_STANDS_STILL = """
() => new Promise((done) => {
  let place = null, quiet = 0;
  const look = () => {
    quiet = scrollY === place ? quiet + 1 : 0;
    place = scrollY;
    if (quiet >= 4) done(); else requestAnimationFrame(look);
  };
  look();
})
"""

_STICKS_OUT = """
() => {
  const page = document.documentElement, width = page.clientWidth;
  if (page.scrollWidth <= width) return [];
  const isOut = (one) => one.getBoundingClientRect().right > width + 1;
  const out = [...document.body.querySelectorAll("*")].filter(isOut).slice(-3);
  return [`the page is ${page.scrollWidth} wide`, ...out.map((one) => one.outerHTML.slice(0, 200))];
}
"""
