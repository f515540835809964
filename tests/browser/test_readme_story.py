"""The story of the README, told by three people in three browsers."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import sign_in, wait_until, wait_until_handled
from tests.browser.deeds import comment, create_ticket, flip, mails_to, move, switch, unread

COMMENT_ROW = "comment.public.requester"


def test_status_change_reaches_the_requester_by_mail_and_bell_and_a_switch_stops_its_own_row_only(
    open_window, open_as, program
) -> None:
    carol = open_window().open("/sign-in")
    sign_in(carol, "carol")
    carol.goto("/settings/mail/outgoing")
    carol.click("main a[href^='/settings/mail/outgoing/']:not([href$='/new'])")
    carol.click("#sending a[aria-label]")
    carol.fill("[name=support_address]", "answers@example.com")
    carol.fill("[name=system_address]", "robot@example.com")
    carol.fill("[name=sender_name]", "Desk of the story")
    carol.click(".submit-bar button")
    expect(carol.locator("#sending")).to_contain_text("robot@example.com")

    carol.goto("/settings/event-actions?topic=comment")
    flip(carol, COMMENT_ROW, "email")
    carol.reload()
    expect(switch(carol, COMMENT_ROW, "email")).to_have_attribute("aria-checked", "false")

    emma = open_as("emma", "/")
    number = create_ticket(emma, "The coffee machine counts backwards")
    wait_until(lambda: titles(program, number), "the acknowledgement")
    wait_until_handled(program)
    emma.goto("/notes")
    before = int(unread(emma).get_attribute("data-unread") or 0)

    bob = open_as("bob", "/")
    comment(bob, number, "Have you tried to count along with it?")
    move(bob, number, "cancelled")

    expect(unread(emma)).to_have_attribute("data-unread", str(before + 2))
    expect(emma.locator("#toasts .toast-push", has_text="Cancelled")).to_be_visible()
    wait_until(lambda: len(titles(program, number)) == 2, "the mail about the status")
    assert "Cancelled" in titles(program, number)[1]
    status_mail = mails_to(program.instance, "emma@example.com")[-1]
    assert status_mail["From"] == "Desk of the story <robot@example.com>"
    assert status_mail["Reply-To"].addresses[0].addr_spec == "answers@example.com"

    emma.goto("/demo/mailbox")
    expect(emma.locator("main")).to_contain_text(titles(program, number)[1])
    flip(carol, COMMENT_ROW, "email")


def titles(program, number: int) -> list[str]:
    """The subjects of Emma's mails about the ticket."""
    return [
        str(mail["Subject"])
        for mail in mails_to(program.instance, "emma@example.com")
        if f"#{number}" in str(mail["Subject"]) or f"№ {number}" in str(mail["Subject"])
    ]
