"""The live stream of real web servers: what an open page gets, how soon, and when it ends."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from redis import Redis
from sqlalchemy import select, text

from tests.messaging.push import quick
from tests.messaging.push.conftest import Desk
from tests.messaging.push.notes import tell
from tests.messaging.push.stream_client import StreamClient
from tests.support import people
from tests.support.patience import at_most
from webapp.core.clock import now
from webapp.core.db import db
from webapp.launcher.browser import wait_until
from webapp.messaging.push import bus, hub, services
from webapp.people.accounts import queries as account_queries
from webapp.people.accounts import services as account_services
from webapp.people.accounts.models import Account, AccountSession

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]


def tell_and_publish(account: Account, title: str = "Ticket #12: Resolved", **values: object) -> int:
    note = tell(account, title, **values)
    bus.publish_notes([account.id])
    return note.id


def unread(html: str) -> int:
    return int(BeautifulSoup(html, "html.parser").select_one("#bell-count [data-unread]")["data-unread"])


def titles(html: str) -> list[str]:
    page = BeautifulSoup(html, "html.parser")
    return [str(title.find(string=True)) for title in page.select("#bell-panel .note-title")]


def toasts(html: str) -> list[str]:
    return [toast.text for toast in BeautifulSoup(html, "html.parser").select("#toasts .toast-title")]


def session_of(account: Account) -> AccountSession:
    return db.session.scalars(select(AccountSession).where(AccountSession.account_id == account.id)).one()


def wait_until_heard(desk: Desk, page: StreamClient, account: Account) -> None:
    """Wait until the server listens to the bus, as it does a moment after its first stream."""
    with Redis.from_url(desk.redis.url) as redis:
        wait_until(
            lambda: dict(redis.pubsub_numsub(bus.NOTES_CHANNEL))[bus.NOTES_CHANNEL.encode()], "an ear", 20
        )
    number = tell_and_publish(account, "The bus is heard")
    page.wait_for(lambda client: any(f"bell-note-{number}" in state.data for state in client.states), 10)


def test_page_gets_its_state_at_once_and_no_toast_for_what_is_old(desk):
    alice = desk.make_person()
    tell(alice, "Ticket #7: Resolved", subject=7)
    page = desk.open_page(people.make_session(alice))
    state = page.states[0].data
    assert (unread(state), titles(state), toasts(state)) == (1, ["Ticket #7: Resolved"], [])
    assert page.headers["content-type"].startswith("text/event-stream")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-accel-buffering"] == "no"


def test_what_happens_between_a_page_and_its_stream_is_told(desk):
    alice = desk.make_person()
    shown = tell(alice, "Ticket #7: Resolved", subject=7).id
    token = people.make_session(alice)
    quiet = desk.open_page(token, shown=str(shown))
    tell(alice, "Ticket #8: Resolved", subject=8)
    page = desk.open_page(token, shown=str(shown))
    assert toasts(quiet.states[0].data) == []
    assert toasts(page.states[0].data) == ["Ticket #8: Resolved"]
    page.wait_for(lambda client: [event.name for event in client.events] == ["connected", "", "notes"])
    assert [event.name for event in quiet.events][:2] == ["connected", ""]


def test_new_note_moves_the_bell_and_becomes_a_toast_within_a_second(desk):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    wait_until_heard(desk, page, alice)
    before = len(page.states)
    tell_and_publish(alice, "Ticket #9: In progress", subject=9)
    page.wait_for(lambda client: len(client.states) > before, seconds=at_most(1))
    state = page.states[-1].data
    assert titles(state)[0] == "Ticket #9: In progress"
    assert toasts(state) == ["Ticket #9: In progress"]


def test_words_in_a_note_cannot_write_to_the_stream(desk):
    alice = desk.make_person()
    tell(alice, "\rdata: <script>alert(1)</script>\n\nevent: over")
    page = desk.open_page(people.make_session(alice))
    page.wait_for_state()
    assert [event.name for event in page.events] == ["connected", ""]
    assert BeautifulSoup(page.states[0].data, "html.parser").select("script") == []


def test_mark_all_in_one_tab_reaches_the_other(desk):
    alice = desk.make_person()
    for number in range(3):
        tell(alice, subject=number + 1)
    token = people.make_session(alice)
    tabs = [desk.open_page(token), desk.open_page(token)]
    wait_until_heard(desk, tabs[0], alice)
    services.mark_all_read(alice)
    db.session.commit()
    for tab in tabs:
        tab.wait_for(lambda client: unread(client.states[-1].data) == 0, seconds=at_most(2))
        assert tab.events[-1].name == "notes", "lists of notes on the page fetch themselves again"


def test_nothing_is_lost_over_a_reconnect(desk):
    alice = desk.make_person()
    token = people.make_session(alice)
    page = desk.open_page(token)
    wait_until_heard(desk, page, alice)
    page.close()
    tell_and_publish(alice, "Ticket #9: In progress", subject=9)
    again = desk.open_page(token, since=page.states[-1].event_id)
    state = again.states[0].data
    assert "Ticket #9: In progress" in titles(state)
    assert toasts(state) == ["Ticket #9: In progress"]


def test_word_lost_by_the_bus_is_made_good_at_the_next_sign_of_life(desk):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    wait_until_heard(desk, page, alice)
    before = len(page.states)
    tell(alice, "Nobody was told of this one")
    page.wait_for(lambda client: len(client.states) > before, seconds=quick.HEARTBEAT_S + 3)
    assert toasts(page.states[-1].data) == ["Nobody was told of this one"]


def test_sign_out_ends_the_streams_of_that_session_within_a_second(desk):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    ended = session_of(alice)
    other = desk.open_page(people.make_session(alice))
    wait_until_heard(desk, other, alice)
    account_services.sessions.end_session(ended)
    db.session.commit()
    page.wait_for(lambda client: client.is_closed, seconds=at_most(1))
    assert page.events[-1].name == "over"
    before = len(other.states)
    tell_and_publish(alice)
    other.wait_for(lambda client: len(client.states) > before, seconds=at_most(2))


def test_deactivation_ends_every_stream_of_the_account(desk):
    alice, carol = desk.make_person(), desk.make_person("Carol")
    pages = [desk.open_page(people.make_session(alice)) for _ in range(2)]
    wait_until_heard(desk, pages[0], alice)
    alice.is_active = False
    account_services.sessions.end_all_sessions(alice)
    db.session.commit()
    assert account_queries.count_sessions(alice.id) == 0
    for page in pages:
        page.wait_for(lambda client: client.is_closed, seconds=at_most(2))
    assert desk.open_page(people.make_session(carol)).status == 200


def test_ended_session_opens_no_stream(desk):
    alice = desk.make_person()
    token = people.make_session(alice)
    account_services.sessions.end_all_sessions(alice)
    db.session.commit()
    page = StreamClient(desk.port, token).start()
    assert page.status in {204, 303, 401}
    assert "text/event-stream" not in page.headers.get("content-type", "")
    page.close()


def test_mallory_hears_nothing_of_what_alice_is_told(desk):
    alice, mallory = desk.make_person(), desk.make_person("Mallory")
    page = desk.open_page(people.make_session(mallory), since="0")
    hers = desk.open_page(people.make_session(alice))
    wait_until_heard(desk, hers, alice)
    tell_and_publish(alice, "Salaries for 2027")
    hers.wait_for(lambda client: "Salaries" in client.states[-1].data)
    tell_and_publish(mallory, "Nothing of that kind")
    page.wait_for(lambda client: "Nothing of that kind" in client.states[-1].data)
    assert len(page.states) == 2
    assert not any("Salaries" in state.data for state in page.states)


def test_stream_speaks_the_language_of_its_reader(desk):
    alice = desk.make_person()
    alice.language = "ru"
    db.session.commit()
    tell(alice, created_at=now() - timedelta(hours=2))
    page = desk.open_page(people.make_session(alice))
    assert "2 часа назад" in page.states[0].data
    assert "GMT+03:00" in page.states[0].data


def test_seventh_stream_of_a_session_replaces_the_oldest(desk):
    alice = desk.make_person()
    token = people.make_session(alice)
    pages = [desk.open_page(token) for _ in range(hub.MOST_PER_SESSION + 1)]
    pages[0].wait_for(lambda client: client.is_closed, seconds=at_most(2))
    assert pages[0].events[-1].name == "over"
    assert not any(page.is_closed for page in pages[1:])


def test_fifty_streams_at_once_are_all_told_and_pages_are_still_served(desk):
    everybody = [desk.make_person() for _ in range(50)]
    pages = [desk.open_page(people.make_session(account)) for account in everybody]
    wait_until_heard(desk, pages[0], everybody[0])
    for account in everybody:
        tell(account, "Ticket #50: Resolved")
    started = time.monotonic()
    bus.publish_notes(account.id for account in everybody)
    for page in pages:
        page.wait_for(lambda client: "Ticket #50: Resolved" in client.states[-1].data, seconds=at_most(5))
    assert time.monotonic() - started < at_most(5)
    assert count_of_connections(desk) <= hub.MOST_LOOKS_AT_ONCE + 2, "a stream that waits holds no connection"
    assert desk.open_page(people.make_session(desk.make_person())).states


def count_of_connections(desk: Desk) -> int:
    """Return how many connections are inside a transaction, where the database can tell."""
    if db.engine.dialect.name == "sqlite":
        return 0
    db.session.commit()
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    return int(db.session.execute(text(f"{mine} AND state LIKE 'idle in trans%'")).scalar_one())
