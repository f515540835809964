"""An approval in a real browser: asked for in two stages, voted on, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.deeds import tab_to

NEW = "/records/approval/new"
PANEL = "#approval-panel"
STATES = f"{PANEL} .vote-stage > .row-line .state"
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def ask(page: Page, title: str, *approvers: str) -> int:
    """Ask for an approval by its form, a stage for each approver, and return its number."""
    page.goto(NEW)
    page.fill("[name=title]", title)
    for number, name in enumerate(approvers, 1):
        if number > 1:
            page.click("button[name=add]")
        page.fill(f"[name=stages-{number}-approvers]", f"{name}@example.com")
    page.click(".submit-bar button")
    page.wait_for_url(lambda url: url.rsplit("/", 1)[-1].isdigit())
    return int(page.url.rsplit("/", 1)[-1])


@BOTH
def test_two_stages_are_asked_one_after_the_other(scripts: bool, open_window) -> None:  # noqa: FBT001 - of the test
    bob = open_window("bob", java_script_enabled=scripts).open("/")
    number = ask(bob, "Buy a ladder", "emma", "grace")
    expect(bob.locator(STATES)).to_have_text(["Votes are awaited", "Waits for the stage before"])

    emma = open_window("emma", java_script_enabled=scripts).open("/")
    emma.click("#box-awaited-approval a.found-link >> text=Buy a ladder")
    emma.click(f"{PANEL} button[value=approve]")
    expect(emma.locator(STATES)).to_have_text(["Approved", "Votes are awaited"])
    expect(emma.locator(".vote-form")).to_have_count(0)

    window = open_window("grace", java_script_enabled=scripts)
    grace = window.open(f"/records/{number}")
    grace.click(f"{PANEL} button[value=reject]")
    expect(grace.locator(f"{PANEL} .vote-form .field-error")).to_be_visible()
    grace.fill(f"{PANEL} textarea[name=comment]", "There is one in the cellar")
    grace.click(f"{PANEL} button[value=reject]")
    expect(grace.locator(STATES)).to_have_text(["Approved", "Rejected"])
    expect(grace.locator("#status-panel [aria-current=step]")).to_have_text("Rejected")
    expect(grace.locator("#comments")).to_contain_text("There is one in the cellar")
    window.forgive("422 (UNPROCESSABLE ENTITY)")


def test_a_stage_is_added_in_place_and_what_was_typed_stays(open_as) -> None:
    page = open_as("bob", NEW)
    page.fill("[name=title]", "Half a thought")
    page.fill("[name=stages-1-approvers]", "emma@example.com")
    page.click("button[name=add]")
    expect(page.locator(".stage-row")).to_have_count(2)
    assert page.input_value("[name=stages-1-approvers]") == "emma@example.com"
    assert page.input_value("[name=title]") == "Half a thought"
    page.click("button[name=remove][value='1']")
    expect(page.locator(".stage-row")).to_have_count(1)
    assert page.input_value("[name=stages-1-approvers]") == ""
    assert page.url.endswith(NEW)


def test_people_are_offered_while_somebody_types(open_as) -> None:
    page = open_as("bob", NEW)
    page.locator("[name=stages-1-approvers]").press_sequentially("emma@example.com; Gra")
    offer = page.locator("#stages-1-approvers-options option")
    expect(offer).to_have_attribute("value", "emma@example.com; Grace Hall <grace@example.com>")


def test_enter_sends_the_form_and_takes_no_stage_away(open_window) -> None:
    window = open_window("bob")
    page = window.open(NEW)
    page.fill("[name=stages-1-approvers]", "emma@example.com")
    page.click("button[name=add]")
    page.fill("[name=stages-2-approvers]", "grace@example.com")
    page.fill("[name=title]", "By the keyboard alone")
    page.press("[name=title]", "Enter")
    page.wait_for_url(lambda url: url.rsplit("/", 1)[-1].isdigit())
    expect(page.locator(STATES)).to_have_count(2)


def test_the_vote_is_reached_by_keys(open_as) -> None:
    number = ask(open_as("bob", "/"), "Keys only", "emma")
    page = open_as("emma", f"/records/{number}")
    tab_to(page, f"{PANEL} button[value=approve]")
    page.keyboard.press("Enter")
    expect(page.locator(STATES)).to_have_text(["Approved"])
    expect(page.locator(PANEL)).to_be_focused()
