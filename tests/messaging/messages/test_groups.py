"""Many deliveries with one trouble: counted, sent again and skipped together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.messaging.messages.rows import states, write
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages import groups
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import Delivery

REFUSED = "/deliveries/group?state=refused&connection=1&cause=too_large"


def act(url: str, deed: str) -> str:
    return url.replace("/group?", f"/group/{deed}?")


def test_troubles_stand_at_the_top_by_cause_with_an_example_and_the_remedy(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, state="refused", cause="too_large", title="A large one", age_h=5)
    write(connection.id, 2, account=alice, state="uncertain", cause="disconnected", ambiguous=1)
    write(connection.id, 1, account=alice, state="bounced")
    write(connection.id, 9, account=alice, state="cancelled")
    page = sign_in(bob).get("/deliveries")
    texts = [" ".join(each.get_text(" ").split()) for each in page.select(".trouble")]
    assert len(texts) == 3
    assert "1 Bounced later" in texts[0]
    assert "2 Uncertain" in texts[1]
    assert "whether it arrived" in texts[1]
    for words in (
        "3 Refused",
        "larger than the server takes",
        "raise the limit",
        "A large one",
        "5 hours ago",
    ):
        assert words in texts[2]


def test_groups_are_found_without_reading_them(alice, connection):
    second = mail.make_connection().id
    for cause in ("too_large", "recipient_refused", None):
        write(connection.id, 2, account=alice, state="refused", cause=cause)
    write(second, 1, account=alice, state="held", cause="guard_held")
    found = groups.list_groups(groups.TROUBLES, [connection.id, second])
    assert {group: groups.extent_of(group).count for group in found} == {
        Group("refused", connection.id, "too_large"): 2,
        Group("refused", connection.id, "recipient_refused"): 2,
        Group("refused", connection.id, None): 2,
        Group("held", second, "guard_held"): 1,
    }
    assert groups.list_groups(groups.TROUBLES, []) == []


def test_a_group_is_sent_again_with_the_number_that_was_said(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, state="refused", cause="too_large")
    write(connection.id, 1, account=alice, state="refused", cause="recipient_refused")
    browser = sign_in(bob)
    page = browser.get(REFUSED)
    assert "Send again: 3" in page.get_text()
    browser.submit(REFUSED, "#again form", {})
    assert "3 messages are sent again." in browser.follow().get_text()
    assert states() == {"waiting": 3, "refused": 1}
    one = db.session.scalars(select(Delivery).where(Delivery.state == "waiting")).first()
    assert (one.decided_by_id, one.cause, one.ambiguous) == (bob.id, None, 0)
    assert one.expires_at > now() + timedelta(hours=71)


def test_what_came_after_the_page_was_shown_is_left_alone(alice, bob, connection, sign_in):
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    browser = sign_in(bob)
    up_to = browser.get(REFUSED).select_one("#again [name=up_to]")["value"]
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    browser.post(act(REFUSED, "send-again"), {"up_to": up_to})
    assert states() == {"waiting": 2, "refused": 2}


def test_the_stale_ones_are_skipped_by_their_age_with_stated_numbers(alice, bob, connection, sign_in):
    for hours in (100, 50, 3):
        write(connection.id, 2, account=alice, state="refused", cause="too_large", age_h=hours)
    browser = sign_in(bob)
    words = browser.get(REFUSED).select_one("#skip").get_text(" ")
    for each in (
        "older than a day: 4",
        "older than three days: 2",
        "older than an hour: 6",
        "all of them: 6",
    ):
        assert each in words
    assert "a week" not in words
    browser.submit(REFUSED, "#skip form", {})
    assert "4 messages are skipped." in browser.follow().get_text()
    assert states() == {"cancelled": 4, "refused": 2}
    skipped = db.session.scalars(select(Delivery).where(Delivery.state == "cancelled")).first()
    assert (skipped.decided_by_id, skipped.cause) == (bob.id, "too_large")


def test_what_waits_can_be_skipped_before_the_server_is_back(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, age_h=30)
    write(connection.id, 2, account=alice, age_h=1)
    browser = sign_in(bob)
    link = browser.get("/deliveries").select_one("#queue a[href*='/group?']")["href"]
    page = browser.get(link)
    assert not page.select("#again")
    browser.submit(link, "#skip form", {"age": "24"})
    assert states() == {"cancelled": 3, "waiting": 2}
    browser.post(act(link, "send-again"), {"up_to": "9"})
    assert states() == {"cancelled": 3, "waiting": 2}


def test_uncertain_ones_are_sent_again_only_with_the_word_that_a_copy_may_have_arrived(
    alice, bob, connection, sign_in
):
    write(connection.id, 2, account=alice, state="uncertain", cause="disconnected", ambiguous=3)
    url = "/deliveries/group?state=uncertain&connection=1&cause=disconnected"
    browser = sign_in(bob)
    page = browser.post(act(url, "send-again"), {"up_to": "9"}, status=422)
    assert page.select_one("#may_repeat-error")
    assert states() == {"uncertain": 2}
    browser.submit(url, "#again form", {"may_repeat": "y"})
    assert states() == {"waiting": 2}


def test_of_other_troubles_those_that_may_have_arrived_stay_unless_it_is_said(
    alice, bob, connection, sign_in
):
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    write(connection.id, 1, account=alice, state="refused", cause="too_large", ambiguous=1)
    browser = sign_in(bob)
    assert browser.get(REFUSED).select_one("#again [name=may_repeat]")
    browser.submit(REFUSED, "#again form", {})
    assert states() == {"waiting": 2, "refused": 1}
    browser.submit(REFUSED, "#again form", {"may_repeat": "y"})
    assert states() == {"waiting": 3}


def test_a_way_to_sign_in_that_ran_out_is_never_sent_again(alice, bob, connection, sign_in):
    soon = now() + timedelta(minutes=20)
    values = {"account": alice, "state": "refused", "cause": "too_large", "message_class": "sign_in"}
    (dead,) = write(connection.id, **values, expires_at=now() - timedelta(minutes=1))
    (alive,) = write(connection.id, **values, expires_at=soon)
    browser = sign_in(bob)
    browser.submit(REFUSED, "#again form", {})
    found = {each.id: each for each in mail.deliveries()}
    assert (found[dead].state, found[alive].state) == ("refused", "waiting")
    assert found[alive].expires_at == soon
    browser.submit(REFUSED, "#again form", {})
    assert "Nothing was changed" in browser.follow().get_text()


@pytest.mark.parametrize(
    "query",
    [
        "", "state=refused", "state=sent&connection=1", "state=refused&connection=x", "connection=1",
        "state=refused&connection=1&cause='", "state=refused&connection=1&cause=guard_held",
        "state=refused&connection=99999999999999999999", "state=waiting&connection=1",
    ],
)  # fmt: skip
def test_a_group_that_is_not_there_leads_back_to_the_journal(alice, bob, connection, sign_in, query):
    write(connection.id, account=alice, state="refused", cause="too_large")
    browser = sign_in(bob)
    browser.get(f"/deliveries/group?{query}")
    assert "nothing of this kind" in browser.text
    for deed in ("send-again", "skip"):
        browser.post(f"/deliveries/group/{deed}?{query}", {"up_to": "9", "age": "0"})
    assert states() == {"refused": 1}


@pytest.mark.parametrize("form", [{}, {"age": "5"}, {"age": "x"}, {"age": "-1", "up_to": "x"}])
def test_an_age_that_is_not_offered_is_refused_beside_the_field(alice, bob, connection, sign_in, form):
    write(connection.id, account=alice, state="refused", cause="too_large")
    page = sign_in(bob).post(act(REFUSED, "skip"), form, status=422)
    assert page.select_one("#age-error")
    assert states() == {"refused": 1}
