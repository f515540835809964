"""One save, one event; what is derived stays in step; two editors lose nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import permissions, queries, services
from webapp.desk.records.changes import recording
from webapp.desk.records.models import Record, RecordPerson, RecordValue
from webapp.events.models import Event
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]


def last_event() -> Event:
    event = db.session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
    assert event is not None
    return event


def count_events() -> int:
    return db.session.scalar(select(func.count(Event.id))) or 0


def test_a_new_ticket_announces_its_first_values_once(alice: Account) -> None:
    ticket = make_ticket(alice, priority="1")
    event = last_event()
    assert count_events() == 1
    assert (event.kind, event.subject_type, event.subject_id, event.actor_id) == (
        "record.created",
        "record",
        ticket.id,
        alice.id,
    )
    assert event.data == {"template": "ticket"}
    assert event.changes["priority"] == {"before": None, "after": "1"}
    assert event.changes["status"] == {"before": None, "after": "new"}
    assert event.changes["requester"]["after"] == alice.id
    assert ticket.version == 1


def test_status_assignee_and_comment_of_one_save_are_one_event(alice, bob, first_line: Team) -> None:
    ticket = make_ticket(alice)
    with recording(ticket, bob) as change:
        ticket["priority"] = "2"
        ticket["assignee"] = bob.id
        ticket["team"] = first_line.id
        change.data["comment"] = {"id": 1, "is_internal": False}
    db.session.commit()
    assert count_events() == 2
    assert set(last_event().changes) == {"priority", "assignee", "team"}
    assert last_event().data["comment"] == {"id": 1, "is_internal": False}
    assert ticket.assignee is bob
    assert ticket.team is first_line


def test_a_save_that_changes_nothing_says_nothing(alice: Account, bob: Account) -> None:
    ticket = make_ticket(alice)
    touched_at = ticket.touched_at
    with recording(ticket, bob):
        ticket["title"] = str(ticket.title)
    services.assign(ticket, assignee=None, team=None, actor=bob)
    db.session.commit()
    assert count_events() == 1
    assert ticket.touched_at == touched_at
    assert ticket.version == 1


def test_version_counts_edits_of_attributes_only(alice: Account, bob: Account) -> None:
    ticket = make_ticket(alice)
    services.add_comment(ticket, "hello", author=bob, is_internal=False)
    services.subscribe(ticket, bob, actor=bob)
    services.change_status(ticket, "in_progress", actor=bob)
    assert ticket.version == 1
    services.change_attributes(
        ticket, {"title": "New"}, actor=bob, version=1, shown={"title": "The printer is on fire"}
    )
    assert ticket.version == 2
    db.session.commit()
    kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == [
        "record.created",
        "record.commented",
        "record.subscribed",
        "record.changed",
        "record.changed",
    ]


def test_people_and_sort_keys_follow_the_values(alice: Account, bob: Account, carol: Account) -> None:
    ticket = make_ticket(alice, title="Ёлка", assignee=bob.id)
    services.subscribe(ticket, bob, actor=bob)
    services.assign(ticket, assignee=carol, team=None, actor=bob)
    db.session.commit()
    rows = db.session.execute(select(RecordPerson.account_id, RecordPerson.role)).all()
    assert {tuple(row) for row in rows} == {
        (alice.id, "author"),
        (alice.id, "requester"),
        (carol.id, "assignee"),
        (bob.id, "observer"),
    }
    title = ticket.template.attribute("title")
    keys = db.session.scalars(select(RecordValue.sort_key).where(RecordValue.attribute_id == title.id)).all()
    assert keys == [title.typed.sort_key("Ёлка")]


def test_history_and_lists_outlive_a_person_who_left(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, assignee=bob.id)
    services.assign(ticket, assignee=None, team=None, actor=bob)
    bob.is_active = False
    db.session.commit()
    assert "Bob Miller" in sign_in(alice).get(f"/records/{ticket.id}/history").get_text()


def test_two_editors_of_different_fields_both_win(
    alice: Account, bob: Account, carol, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice, description="It burns")
    mine, theirs = sign_in(bob), sign_in(carol)
    page = mine.get(f"/records/{ticket.id}/edit")
    theirs.submit(f"/records/{ticket.id}/edit", "form[action$='/edit']", {"priority": "1"})
    form = form_values(page.select_one("form[action$='/edit']"))
    mine.post(f"/records/{ticket.id}/edit", {**form, "title": "The printer burns"})
    db.session.expire_all()
    assert (ticket["title"], ticket["priority"]) == ("The printer burns", "1")


def test_the_second_editor_of_a_field_sees_both_versions_and_loses_nothing(
    alice, bob, carol, sign_in
) -> None:
    ticket = make_ticket(alice, description="It burns")
    mine, theirs = sign_in(bob), sign_in(carol)
    address = f"/records/{ticket.id}/edit"
    form = form_values(mine.get(address).select_one("form[action$='/edit']"))
    theirs.submit(address, "form[action$='/edit']", {"title": "Carol's title", "priority": "1"})
    typed = {**form, "title": "Bob's title", "description": "Bob's long story"}
    page = mine.post(address, typed, status=409)
    assert page.select_one("#field-title")["value"] == "Bob's title"
    assert page.select_one("#field-description").text.strip() == "Bob's long story"
    assert "Carol's title" in page.select_one(".conflict").text
    assert "Carol Volkova" in page.get_text()
    assert page.select_one("#field-priority option[selected]")["value"] == "1"
    db.session.expire_all()
    assert ticket["description"] == "It burns"
    again = form_values(page.select_one("form[action$='/edit']"))
    mine.post(address, again)
    db.session.expire_all()
    assert (ticket["title"], ticket["description"], ticket["priority"]) == (
        "Bob's title",
        "Bob's long story",
        "1",
    )


def test_the_second_editor_may_take_the_other_version(
    alice: Account, bob: Account, carol, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    mine, theirs = sign_in(bob), sign_in(carol)
    address = f"/records/{ticket.id}/edit"
    form = form_values(mine.get(address).select_one("form[action$='/edit']"))
    theirs.submit(address, "form[action$='/edit']", {"title": "Carol's title"})
    page = mine.post(address, {**form, "title": "Bob's title", "description": "More"}, status=409)
    again = form_values(page.select_one("form[action$='/edit']"))
    mine.post(address, {**again, "_take_title": "theirs"})
    db.session.expire_all()
    assert (ticket["title"], ticket["description"]) == ("Carol's title", "More")


def test_comments_and_moves_do_not_disturb_an_editor(
    alice: Account, bob: Account, carol, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    mine = sign_in(bob)
    form = form_values(mine.get(f"/records/{ticket.id}/edit").select_one("form[action$='/edit']"))
    services.add_comment(ticket, "hello", author=carol, is_internal=False)
    services.change_status(ticket, "in_progress", actor=carol)
    db.session.commit()
    mine.post(f"/records/{ticket.id}/edit", {**form, "title": "New"})


def test_a_form_with_broken_hidden_fields_harms_nothing(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    address = f"/records/{make_ticket(alice).id}/edit"
    browser = sign_in(bob)
    token = browser.csrf_token()
    for shown in ("", "[]", "{", "null", '{"title": 5}', "[" * 5000):
        for version in ("", "x", "9" * 50, "-1", "٣"):
            hidden = {"_shown": shown, "_version": version, "csrf_token": token}
            form = {**hidden, "title": "New", "type": "incident", "priority": "3"}
            response = browser.client.post(address, data=form)
            assert response.status_code in {303, 409}, (shown, version)


def test_the_same_form_sent_twice_makes_one_ticket(alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = form_values(browser.get("/records/ticket/new").select_one("form[action$='/new']"))
    for _attempt in range(3):
        browser.post("/records/ticket/new", {**form, "title": "Once"})
        assert browser.response.headers["Location"] == "/records/1"
    assert db.session.scalar(select(func.count(Record.id))) == 1


def test_a_nonce_is_worth_nothing_to_somebody_else(alice: Account, mallory: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = form_values(browser.get("/records/ticket/new").select_one("form[action$='/new']"))
    browser.post("/records/ticket/new", {**form, "title": "Once"})
    thief = sign_in(mallory)
    form["csrf_token"] = thief.csrf_token()
    thief.post("/records/ticket/new", {**form, "title": "Mine"})
    assert thief.response.headers["Location"] == "/records/2"


def test_the_same_comment_sent_twice_is_written_once(alice: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(alice)
    form = form_values(browser.get(f"/records/{ticket.id}").select_one("form.comment-form"))
    for _attempt in range(2):
        browser.post(f"/records/{ticket.id}/comments", {**form, "body": "Hello"})
    assert len(browser.follow().select("article.comment")) == 1


def test_what_was_shown_travels_as_json(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, description='"quoted" </script>')
    shown = sign_in(bob).get(f"/records/{ticket.id}/edit").select_one("input[name=_shown]")["value"]
    assert json.loads(shown)["description"] == '"quoted" </script>'


def test_users_edit_what_they_asked_for_until_the_work_is_over(alice: Account, bob: Account, sign_in) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/edit")
    assert page.select_one("[name=title]")
    assert not page.select_one("[name=requester]")
    services.change_status(ticket, "resolved", actor=bob)
    db.session.commit()
    browser.get(f"/records/{ticket.id}/edit", status=403)
    assert permissions.can_edit(ticket, bob)


def test_a_default_contact_person_is_the_author_unless_an_address_is_given(app: Flask, bob: Account) -> None:
    assert make_ticket(bob).requester_id == bob.id
    stranger = make_ticket(bob, requester_address="guest@example.org")
    assert (stranger.requester_id, stranger.requester_address) == (None, "guest@example.org")


def test_an_address_of_somebody_with_an_account_names_them(app: Flask, alice: Account, bob: Account) -> None:
    ticket = make_ticket(bob, requester_address=" Alice@Example.com")
    assert (ticket.requester_id, ticket.requester_address) == (alice.id, None)
    assert queries.get_record(ticket.id, alice) is ticket


def test_an_address_added_later_names_them_too_unless_they_have_left(
    app: Flask, alice: Account, bob: Account, mallory: Account
) -> None:
    mallory.is_active = False
    ticket = make_ticket(bob, requester_address="guest@example.org")
    for typed, expected in (
        (mallory.email, (None, mallory.email)),
        (alice.email, (alice.id, None)),
    ):
        shown = {"requester_address": ticket.requester_address}
        services.change_attributes(ticket, {"requester_address": typed}, actor=bob, shown=shown)
        assert (ticket.requester_id, ticket.requester_address) == expected
    db.session.commit()
    assert queries.get_record(ticket.id, alice) is ticket
