"""One whole program in demo mode and one Chromium, for all tests in a real browser."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support import chromium as real_browser
from tests.support.chromium import Watched
from tests.support.processes import RunningProgram
from webapp.demo.people import PASSWORD

HERE = Path(__file__).parent
OpenAs = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests, and skip all of them where no browser is."""
    reason = real_browser.missing()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.process)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def program() -> Iterator[RunningProgram]:
    """The whole program with demo data, whose first mails have arrived."""
    with RunningProgram(RING_AGAIN_SECONDS="2") as running:
        wait_until(lambda: any((running.instance / "mailbox" / "mail").glob("*.json")), "first mail")
        wait_until_handled(running)
        yield running


@pytest.fixture(scope="session")
def signed_in_states(chromium: Browser, program: RunningProgram) -> dict[str, Any]:
    """The cookies of those who have signed in already, by name."""
    return {}


@pytest.fixture(scope="session")
def make_window(
    chromium: Browser, program: RunningProgram, signed_in_states: dict[str, Any]
) -> Callable[..., Watched]:
    """Make a window in which somebody is signed in; the caller closes it."""

    def make(who: str | None = None, **options: Any) -> Watched:
        if who and who not in signed_in_states:
            signed_in_states[who] = _sign_in_once(chromium, program, who)
        usual = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
        state = signed_in_states[who] if who else None
        return Watched(chromium, program.address, **(usual | {"storage_state": state} | options))

    return make


@pytest.fixture
def open_window(make_window: Callable[..., Watched]) -> Iterator[Callable[..., Watched]]:
    """Open a window of somebody's own; at the end none of its pages may have complained."""
    windows: list[Watched] = []

    def open_one(who: str | None = None, **options: Any) -> Watched:
        windows.append(make_window(who, **options))
        return windows[-1]

    yield open_one
    for window in windows:
        window.close()
    assert [line for window in windows for line in window.complaints] == []


@pytest.fixture
def open_as(open_window: Callable[..., Watched]) -> OpenAs:
    """Open a page as somebody, in a window of their own."""
    return lambda who, path, **options: open_window(who, **options).open(path)


def sign_in(page: Page, who: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/")


def _sign_in_once(browser: Browser, program: RunningProgram, who: str) -> Any:
    window = Watched(browser, program.address)
    sign_in(window.open("/sign-in"), who)
    state = window.context.storage_state()
    window.close()
    assert window.complaints == []
    return state


def wait_until_handled(program: RunningProgram) -> None:
    """Wait until everybody was told of all that happened: from then on no bell moves by itself."""
    wait_until(
        lambda: not ask(program.instance, "SELECT 1 FROM event WHERE NOT is_done"), "the end of all work"
    )


def ask(instance: Path, query: str) -> tuple[Any, ...] | None:
    """Return the first row that the program's database has for the query."""
    with closing(sqlite3.connect(f"file:{instance / 'vestnik.db'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchone()


def wait_until(condition: Callable[[], object], what: str, patience_s: float = 20.0) -> None:
    """Wait until the condition holds."""
    ends_at = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends_at, f"{what} did not come within {patience_s:.0f} s"
        time.sleep(0.05)
