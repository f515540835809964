"""The journal of deliveries: what is listed, how it is narrowed, and who may look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.messaging.messages.rows import write
from tests.support import mail, people
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims
from webapp.messaging.messages.models import Delivery

PAGE = "/deliveries"
PARTIAL = {"HX-Request": "true"}


def titles(page: Any) -> list[str]:
    return [link.get_text() for link in page.select("#delivery-list .cell-main a.event-title")]


def test_an_empty_journal_says_what_to_do(bob, carol, sign_in):
    assert sign_in(bob).get(PAGE).select_one(".empty-state")
    assert sign_in(carol).get(PAGE).select_one(".empty-state a[href='/settings/mail/outgoing/new']")


def test_a_row_says_to_whom_about_what_in_which_state_and_why(alice, bob, connection, sign_in):
    write(
        connection.id, account=alice, name=alice.name, state="refused", cause="recipient_refused", record=31
    )
    page = sign_in(bob).get(PAGE)
    row = page.select_one("#delivery-list tbody tr")
    text = " ".join(row.get_text(" ").split())
    for words in ("Status: In progress", "Alice Smirnova", alice.email, "#31", "Refused", "does not accept"):
        assert words in text
    assert row.select_one("a[href='/go/record/31']")
    assert row.select_one("a[href='/messages/1']")


def test_what_waits_says_its_derived_reason_and_the_next_moment(alice, bob, connection, sign_in):
    write(connection.id, account=alice)
    browser = sign_in(bob)
    connection.state.paused_until, connection.state.pause_problem = now() + timedelta(hours=1), "timed_out"
    text = browser.get(PAGE).select_one("#delivery-list tbody").get_text(" ")
    assert "did not answer in time" in text
    assert "next try" in text
    connection.state.paused_until, connection.is_enabled = None, False
    assert "switched off" in browser.get(PAGE).select_one("#delivery-list tbody").get_text(" ")
    connection.is_enabled, connection.sender_name = True, ""
    assert "incomplete" in browser.get(PAGE).select_one("#delivery-list tbody").get_text(" ")


@pytest.fixture
def mixed(alice, carol, connection) -> dict[str, int]:
    """One delivery of each kind, named by its title."""
    second = mail.make_connection(host="second.example.com").id
    first = connection.id
    write(first, account=alice, title="old", state="sent", age_h=24 * 40)
    write(first, account=alice, title="sent", state="sent", record=7)
    write(second, account=carol, title="sent by the second", state="sent")
    write(first, account=alice, title="refused", state="refused", cause="recipient_refused")
    write(second, account=alice, title="refused by the second", state="refused", cause="too_large")
    write(second, title="bounced", state="bounced", address="Strange@elsewhere.example")
    write(first, account=carol, title="waiting", state="waiting")
    write(second, account=carol, title="waiting again", state="waiting", cause="server_busy", record=7)
    write(first, account=alice, title="sending", state="sending", cause="server_busy")
    write(first, account=alice, title="cancelled", state="cancelled")
    return {"first": first, "second": second}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=refused", ["refused by the second", "refused"]),
        ("state=waiting", ["waiting again", "waiting"]),
        ("state=sent", ["sent by the second", "sent", "old"]),
        ("state=held", []),
        ("connection=2", ["waiting again", "bounced", "refused by the second", "sent by the second"]),
        ("connection=1", ["cancelled", "sending", "waiting", "refused", "sent", "old"]),
        ("connection=2&state=refused", ["refused by the second"]),
        ("connection=2&state=waiting", ["waiting again"]),
        ("connection=1&state=sent", ["sent", "old"]),
        ("connection=1&state=sending", ["sending"]),
        ("connection=99", []),
        ("cause=recipient_refused", ["refused"]),
        ("cause=server_busy", ["sending", "waiting again"]),
        ("cause=server_busy&state=waiting", ["waiting again"]),
        ("cause=server_busy&connection=1", ["sending"]),
        ("cause=too_large&connection=1", []),
        ("record=7", ["waiting again", "sent"]),
        ("record=%237", ["waiting again", "sent"]),
        ("record=7&state=sent", ["sent"]),
        ("person=smirnova", ["cancelled", "sending", "refused by the second", "refused", "sent", "old"]),
        ("person=Alice&state=refused&connection=1", ["refused"]),
        ("person=carol@example.com", ["waiting again", "waiting", "sent by the second"]),
        ("person=carol@example.com&state=waiting&record=7", ["waiting again"]),
        ("person=Strange@elsewhere.example", ["bounced"]),
        ("person=nobody@elsewhere.example", []),
        ("person=Nobody", []),
        ("last_day={yesterday}", ["old"]),
        ("state=sent&first_day={yesterday}", ["sent by the second", "sent"]),
        ("person=smirnova&last_day={yesterday}", ["old"]),
        ("first_day={tomorrow}", []),
    ],
)
def test_each_filter_lets_through_what_it_names(mixed, bob, sign_in, query, found):
    days = {"yesterday": now() - timedelta(days=1), "tomorrow": now() + timedelta(days=1)}
    query = query.format(**{name: day.date().isoformat() for name, day in days.items()})
    page = sign_in(bob).get(f"{PAGE}?{query}")
    assert titles(page) == found
    if found:
        words = "1 delivery" if len(found) == 1 else f"{len(found)} deliveries"
        assert words in page.select_one(".pager-note").get_text()
    else:
        assert page.select_one("#delivery-list .empty-state")


def test_a_reason_that_is_never_stored_finds_what_waits_for_it(mixed, bob, sign_in):
    db.session.execute(
        update(MailConnection).where(MailConnection.id == mixed["second"]).values(is_enabled=False)
    )
    db.session.commit()
    page = sign_in(bob).get(f"{PAGE}?cause=switched_off")
    assert titles(page) == ["waiting again"]
    assert page.select_one("select[name=cause] option[selected]")["value"] == "switched_off"


def test_of_several_people_one_is_chosen(mixed, bob, sign_in):
    people.make_account("Alina Smirnova")
    browser = sign_in(bob)
    page = browser.get(f"{PAGE}?person=smirnova&state=refused")
    chosen = page.select_one(".journal-people a[href*='alice']")["href"]
    assert titles(page) == []
    assert titles(browser.get(chosen)) == ["refused by the second", "refused"]


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense", "connection=x", "connection=99999999999999999999", "cause='--", "record=-1",
        "record=999999999999999999999", "first_day=2026-02-31", "last_day=9999-12-31",
        "first_day=0001-01-01", "cursor=nonsense", "state=refused&cursor=WzAsMV0", "person=%00@",
        "person=%F0%9F%92%A9", "person=a@b@c",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(mixed, bob, sign_in, query):
    sign_in(bob).get(f"{PAGE}?{query}")


def test_htmx_gets_the_list_alone(mixed, bob, sign_in):
    page = sign_in(bob).get(f"{PAGE}?state=refused", headers=PARTIAL)
    assert len(titles(page)) == 2
    assert not page.select("html, h1, form.filters")


def test_one_delivery_is_sent_again_and_another_cancelled_from_the_list(mixed, bob, sign_in):
    browser = sign_in(bob)
    row = browser.get(f"{PAGE}?state=refused").select_one("#delivery-list tbody tr")
    browser.post(row.select_one("form[action*='/send-again']")["action"])
    assert browser.response.headers["Location"].endswith(f"{PAGE}?state=refused")
    assert titles(browser.follow()) == ["refused"]
    action = browser.get(f"{PAGE}?state=waiting").select("form[action*='/cancel']")[1]["action"]
    page = browser.post(action, status=200, headers=PARTIAL)
    assert "Cancelled" in page.select_one("tr").get_text()
    by_title = {each.message.title: each for each in db.session.scalars(select(Delivery))}
    assert by_title["refused by the second"].state == "waiting"
    assert by_title["waiting"].state == "cancelled"
    assert by_title["waiting"].decided_by_id == bob.id


def test_what_is_past_its_dot_is_not_cancelled_from_the_list(alice, bob, connection, sign_in):
    (number,) = write(connection.id, account=alice)
    batch = claims.claim_due(connection.id)
    assert mail.pass_dots(batch, number)
    browser = sign_in(bob)
    page = browser.post(f"{PAGE}/{number}/cancel", status=200, headers=PARTIAL)
    assert "Too late" in page.get_text()
    assert mail.delivery().state == "sending"


def test_a_delivery_that_is_not_there_is_404(bob, sign_in):
    browser = sign_in(bob)
    for number in (1, 2**63, 10**30):
        browser.post(f"{PAGE}/{number}/cancel", status=404)
        browser.post(f"{PAGE}/{number}/send-again", status=404)


def test_a_form_without_its_token_changes_nothing(alice, bob, connection, sign_in):
    (number,) = write(connection.id, account=alice)
    browser = sign_in(bob)
    paths = (f"/{number}/cancel", f"/group/skip?state=waiting&connection={connection.id}")
    db.session.commit()
    for path in paths:
        assert browser.client.post(PAGE + path, data={"age": "0", "up_to": number}).status_code in {400, 403}
    assert mail.delivery().state == "waiting"


def test_mallory_is_refused(alice, mallory, connection, sign_in):
    (number,) = write(connection.id, account=alice, state="refused", cause="too_large")
    browser = sign_in(mallory)
    group = f"/group?state=refused&connection={connection.id}&cause=too_large"
    for path in ("", group, "/progress"):
        browser.get(PAGE + path, status=403)
    for path in (f"/{number}/cancel", f"/{number}/send-again"):
        browser.post(PAGE + path, status=403)
    for deed in ("send-again", "skip"):
        form = {"age": "0", "up_to": str(number), "may_repeat": "y"}
        browser.post(PAGE + group.replace("group", f"group/{deed}"), form, status=403)
    assert mail.delivery().state == "refused"
    assert not browser.get("/").select(f"a[href='{PAGE}']")
