"""Files in a real browser: dropped anywhere on a card, chosen on the tab, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.deeds import create_ticket
from tests.support.chromium import Watched, grave_faults, sticks_out

OpenWindow = Callable[..., Watched]
#: Makes files in the page and drags them over it; the second step lets them fall onto one of the areas.
DRAG = """
(files) => {
  window.dragged = new DataTransfer();
  for (const [name, size] of files) window.dragged.items.add(new File([new Uint8Array(size).fill(97)], name));
  document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: window.dragged, bubbles: true }));
}
"""
DROP = """
(audience) => {
  const area = document.querySelector(`.drop-area[data-audience=${audience}]`);
  for (const kind of ["dragover", "drop"]) {
    const told = { dataTransfer: window.dragged, bubbles: true, cancelable: true };
    area.dispatchEvent(new DragEvent(kind, told));
  }
}
"""


def drop(page: Page, files: dict[str, int], audience: str = "public") -> None:
    """Drop files of these sizes onto the page."""
    page.evaluate(DRAG, list(files.items()))
    expect(page.locator(f".drop-area[data-audience={audience}]")).to_be_visible()
    page.evaluate(DROP, audience)
    expect(page.locator(".drop-areas")).to_be_hidden()


def test_files_are_dropped_anywhere_on_the_card(open_window: OpenWindow) -> None:
    window = open_window("emma")
    page = window.open("/")
    number = create_ticket(page, "Two files, one of them bad")
    page.goto(f"/records/{number}")
    drop(page, {"photo.png": 300_000, "run.exe": 1000, "notes.txt": 5})
    expect(page.locator(".upload[data-state=kept]")).to_have_count(2)
    expect(page.locator(".upload[data-state=refused]")).to_contain_text("run.exe")
    expect(page.locator(".upload[data-state=refused] .upload-words")).to_contain_text(".exe")
    expect(page.locator("#file-count")).to_have_text("2")
    page.click(".tab-link[href$='/files']")
    expect(page.locator("#file-list .found-item")).to_have_count(2)
    drop(page, {"third.txt": 10})
    expect(page.locator("#file-list .found-item")).to_have_count(3)
    with page.expect_download() as fetched:
        page.click("#file-list a:has-text('photo.png')")
    assert Path(fetched.value.path()).stat().st_size == 300_000
    assert fetched.value.suggested_filename == "photo.png"
    window.forgive("422 (UNPROCESSABLE ENTITY)")


def test_what_is_too_large_is_not_even_sent(open_window: OpenWindow) -> None:
    page = open_window("emma").open("/")
    number = create_ticket(page, "A film")
    page.goto(f"/records/{number}/files")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    drop(page, {"film.mp4": 26 * 1024 * 1024})
    expect(page.locator(".upload[data-state=refused]")).to_contain_text("25")
    assert sent == []


def test_progress_is_shown_while_files_are_sent(open_window: OpenWindow) -> None:
    window = open_window("emma")
    page = window.open("/")
    number = create_ticket(page, "A slow line")
    page.goto(f"/records/{number}/files")
    session = window.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    session.send("Network.emulateNetworkConditions", slow)
    drop(page, {"first.bin": 1_500_000, "second.bin": 1_500_000})
    page.wait_for_function(
        "() => [...document.querySelectorAll('progress')].some((one) => one.value > 0.2 && one.value < 1)"
    )
    expect(page.locator("#file-list .found-item")).to_have_count(2)


def test_staff_drop_internal_files_onto_an_area_of_their_own(open_window: OpenWindow) -> None:
    number = create_ticket(open_window("emma").open("/"), "Not for everybody")
    page = open_window("bob").open(f"/records/{number}/history")
    drop(page, {"internal.txt": 10}, "internal")
    expect(page.locator("#file-count")).to_have_text("1")
    page.goto(f"/records/{number}/files")
    expect(page.locator("#file-list .found-item")).to_contain_text("Staff only")
    page = open_window("emma").open(f"/records/{number}/files")
    expect(page.locator("#file-count")).to_have_text("0")


def test_a_file_is_removed_after_a_question(open_window: OpenWindow) -> None:
    page = open_window("emma").open("/")
    number = create_ticket(page, "Wrong file")
    page.goto(f"/records/{number}/files")
    drop(page, {"wrong.txt": 10})
    expect(page.locator("#file-list .found-item")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#file-list form button")
    expect(page.locator("#file-list .empty-state")).to_be_visible()
    expect(page.locator("#file-count")).to_have_text("0")


def test_a_comment_is_sent_with_its_file(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("What happened")
    page = open_window("emma").open("/")
    number = create_ticket(page, "See the log")
    page.goto(f"/records/{number}")
    page.fill("#comment-form textarea", "Here it is")
    page.set_input_files("#comment-form [type=file]", tmp_path / "log.txt")
    page.click("#comment-form button[type=submit]")
    expect(page.locator("#comments .comment-files")).to_contain_text("log.txt")
    expect(page.locator("#file-count")).to_have_text("1")


def test_files_are_added_without_scripts(open_window: OpenWindow, tmp_path: Path) -> None:
    for name in ("one.txt", "two.exe"):
        (tmp_path / name).write_text(name)
    number = create_ticket(open_window("emma").open("/"), "No scripts, two files")
    window = open_window("emma", java_script_enabled=False)
    page = window.open(f"/records/{number}/files")
    page.set_input_files("#file-form [type=file]", [tmp_path / "one.txt", tmp_path / "two.exe"])
    page.click("#file-form button[type=submit]")
    expect(page.locator("#file-results")).to_contain_text("two.exe")
    expect(page.locator("#file-list .found-item")).to_have_text(re.compile(r"one\.txt"))
    window.forgive("422 (UNPROCESSABLE ENTITY)")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tab_is_usable_in_every_width_and_theme(open_window: OpenWindow, width: int, scheme: str) -> None:
    page = open_window("emma").open("/")
    number = create_ticket(page, "Long names")
    page.goto(f"/records/{number}/files")
    drop(page, {f"{'очень длинное имя ' * 10}.txt": 10, "short.png": 2_000_000})
    expect(page.locator("#file-list .found-item")).to_have_count(2)
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_window("bob", **options).open(f"/records/{number}/files")
    assert grave_faults(page) == []
    assert sticks_out(page) == []
