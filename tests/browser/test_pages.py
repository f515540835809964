"""Every page, light and dark, wide and narrow: nothing breaks, nothing sticks out, everybody can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.site_map import SomePage, address_of, list_pages
from tests.support.chromium import Watched, grave_faults, settle, sticks_out

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
#: All of axe's rules once for each layout; what changes with the theme are the colours alone.
LOOKS = (
    ("light", WIDE, ()),
    ("dark", WIDE, ("color-contrast",)),
    ("dark", PHONE, ()),
    ("light", PHONE, ("color-contrast",)),
)


@pytest.fixture(scope="module")
def windows() -> Iterator[dict[str | None, tuple[Watched, Page]]]:
    """One window for each reader: opening one for each page would take longer than the looking."""
    windows: dict[str | None, tuple[Watched, Page]] = {}
    yield windows
    for window, _page in windows.values():
        window.close()


@pytest.fixture
def read(windows, make_window: Callable[..., Watched]) -> Iterator[Callable[[str | None, str], Page]]:
    """Open an address as somebody; afterwards the page may not have complained."""
    used = []

    def open_address(who: str | None, path: str) -> Page:
        if who not in windows:
            window = make_window(who)
            windows[who] = window, window.context.new_page()
        window, page = windows[who]
        window.complaints.clear()
        used.append(window)
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(path)
        return page

    yield open_address
    for window in used:
        window.forgive("410 (GONE)")  # a link that is no link of ours says so with its status too
        assert window.complaints == []


@pytest.mark.parametrize("some_page", list_pages(), ids=str)
def test_page_is_whole_for_everybody(some_page: SomePage, read, program) -> None:
    page = read(some_page.reader, address_of(some_page, program.instance))
    assert page.locator("h1").count() == 1
    faults = {}
    for theme, size, rules in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        settle(page)
        faults[theme, size["width"]] = [*sticks_out(page), *grave_faults(page, *rules)]
    assert {where: found for where, found in faults.items() if found} == {}
