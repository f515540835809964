"""The page on which a person releases the mail of a restored database, or skips what was in the backup."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs.settle_group import settle_group
from tests.messaging.messages.restoring import RELEASE, look, mark, put_back
from tests.messaging.messages.rows import states, write
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages import groups, restores
from webapp.messaging.messages.models import GroupDecision
from webapp.messaging.messages.restores import Suspicion


def stop(alice, *, ages_h: tuple[float, ...] = (1,)) -> int:
    """Let mail of these ages wait for a release; returns the connection's number."""
    connection = mail.make_connection()
    connection_id = connection.id
    look()
    for age_h in ages_h:
        write(connection_id, 1, account=alice, age_h=age_h)
    restores.hold(Suspicion.BEHIND, now())
    put_back(now() - timedelta(hours=12))
    return connection_id


def test_staff_are_told_everywhere_and_led_to_the_decision(alice, bob, carol, folder, sign_in):
    connection_id = stop(alice)
    carol.language = "en"
    for account in (bob, carol):
        browser = sign_in(account)
        for page in ("/", "/deliveries", f"/settings/mail/outgoing/{connection_id}"):
            assert browser.get(page).select_one(f".banners a[href='{RELEASE}']"), page
        for words in ("last in use at", "worked here with a later one", "1 message waits"):
            assert words in browser.text
    assert not sign_in(alice).get("/").select(".banners .alert")


def test_the_page_of_a_message_and_the_queue_say_why_it_waits(alice, bob, folder, sign_in):
    stop(alice)
    browser = sign_in(bob)
    browser.get("/messages/1")
    assert "All mail waits until a technologist releases it. It goes when it is released." in browser.text
    browser.get("/deliveries")
    assert "The queue does not get shorter. All mail waits" in browser.text
    browser.get("/deliveries?cause=unreleased")
    assert "1 delivery" in browser.text


def test_what_was_in_the_backup_is_skipped_and_the_rest_released(alice, carol, folder, sign_in):
    stop(alice, ages_h=(100, 30, 13, 11, 0.1))
    carol.language = "en"
    browser = sign_in(carol)
    page = browser.get(RELEASE)
    choices = [each.get_text(" ", strip=True) for each in page.select("#skip .form-check")]
    assert choices[0].startswith("written before the backup was made")
    assert [each.rpartition(": ")[2] for each in choices] == ["3", "4", "2", "1", "5"]
    assert page.select_one("#skip input[checked]")["value"] == "-1"
    browser.submit(RELEASE, "#skip form", {})
    assert states() == {"waiting": 2, "cancelled": 3}
    browser.follow()
    assert "3 messages are skipped" in browser.text
    browser.submit(RELEASE, "#release form", {})
    assert mark().unreleased_since is None
    assert states() == {"waiting": 2, "cancelled": 3}


def test_nothing_is_released_while_messages_are_still_being_skipped(
    alice, carol, folder, sign_in, monkeypatch
):
    stop(alice, ages_h=(30, 30, 30, 30))
    monkeypatch.setattr(groups, "BATCH", 3)
    browser = sign_in(carol)
    browser.submit(RELEASE, "#skip form", {})
    assert states() == {"cancelled": 3, "waiting": 1}
    browser.post(RELEASE)
    assert browser.response.headers["Location"].endswith(RELEASE)
    assert mark().unreleased_since is not None
    settle_group(db.session.scalar(select(GroupDecision.id)))
    assert states() == {"cancelled": 4}
    browser.post(RELEASE)
    assert mark().unreleased_since is None


def test_skipping_takes_every_connection_and_nothing_that_came_later(alice, carol, folder, sign_in):
    stop(alice, ages_h=(30,))
    write(mail.make_connection().id, 2, account=alice, age_h=40)
    browser = sign_in(carol)
    form = browser.get(RELEASE).select_one("#skip form")
    up_to = form.select_one("[name=up_to]")["value"]
    write(1, 1, account=alice, age_h=50)
    browser.post(f"{RELEASE}/skip", {"up_to": up_to, "age": "24"})
    assert states() == {"cancelled": 3, "waiting": 1}


@pytest.mark.parametrize("age", ["", "7", "many"])
def test_an_age_that_is_not_offered_is_refused_beside_its_field(alice, carol, folder, sign_in, age):
    stop(alice)
    page = sign_in(carol).post(f"{RELEASE}/skip", {"up_to": "99", "age": age}, status=422)
    assert page.select_one("#age-error")
    assert states() == {"waiting": 1}


def test_support_skips_and_a_technologist_releases(alice, bob, folder, sign_in):
    stop(alice)
    browser = sign_in(bob)
    page = browser.get(RELEASE)
    assert page.select_one("#skip form")
    assert not page.select(f"form[action='{RELEASE}']")
    browser.post(RELEASE, status=403)
    assert mark().unreleased_since is not None


def test_mallory_is_refused(alice, mallory, folder, sign_in):
    stop(alice)
    browser = sign_in(mallory)
    browser.get(RELEASE, status=403)
    for address in (RELEASE, f"{RELEASE}/skip"):
        browser.post(address, {"up_to": "9", "age": "0"}, status=403)
    assert states() == {"waiting": 1}
    assert mark().unreleased_since is not None


def test_where_nothing_waits_for_a_release_there_is_nothing_to_decide(alice, carol, folder, sign_in):
    browser = sign_in(carol)
    for deed in (browser.get, browser.post):
        deed(RELEASE)
    browser.post(f"{RELEASE}/skip")
    assert "/deliveries" in browser.response.headers["Location"]


@pytest.mark.parametrize(
    ("suspicion", "words"),
    [
        (Suspicion.BEHIND, "put back from a backup"),
        (Suspicion.UNKNOWN, "has not worked with it on this machine"),
        (Suspicion.ASKED, "by the command “vestnik hold”"),
    ],
)
def test_each_reason_is_told_in_plain_words(alice, bob, folder, sign_in, suspicion, words):
    look()
    restores.hold(suspicion)
    db.session.commit()
    browser = sign_in(bob)
    browser.get(RELEASE)
    assert words in browser.text
    browser.get("/deliveries")


def test_the_journal_of_events_tells_who_released_it(alice, carol, folder, sign_in):
    stop(alice)
    carol.language = "en"
    browser = sign_in(carol)
    browser.post(RELEASE)
    browser.get("/journals/events")
    assert "Carol Volkova released the mail that waited for it" in browser.text
    assert "let all mail wait until somebody releases it" in browser.text
