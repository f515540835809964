"""The bell on the page, the page of notes, and the forms that mark them."""

from __future__ import annotations

import pytest

from tests.messaging.push.notes import tell
from webapp.core.db import db
from webapp.messaging.push import queries
from webapp.messaging.push.models import PushNote

FRAGMENT = {"HX-Request": "true"}


def unread_of(account) -> int:
    db.session.rollback()
    return queries.count_unread(account.id)


def test_bell_counts_unread_notes_on_every_page(bob, sign_in):
    for _ in range(3):
        tell(bob)
    page = sign_in(bob).get("/notes")
    assert page.select_one("#bell-count [data-unread]").text == "3"
    assert "3 unread" in page.select_one("#bell-count").text


def test_bell_stops_counting_at_ninety_nine(bob, sign_in):
    db.session.add_all(PushNote(account_id=bob.id, title="Ticket #1") for _ in range(120))
    db.session.commit()
    count = sign_in(bob).get("/notes").select_one("#bell-count [data-unread]")
    assert (count.text, count["data-unread"]) == ("99+", "120")


def test_bell_without_unread_notes_shows_no_number(bob, sign_in):
    tell(bob, is_read=True)
    page = sign_in(bob).get("/notes")
    assert page.select_one("#bell-count").text == ""
    assert page.select_one("form[action='/notes/read']") is None


def test_panel_shows_unread_notes_apart_and_groups_them_by_record(bob, sign_in):
    tell(bob, "Ticket #7 is registered", subject=7, is_read=True)
    tell(bob, "Ticket #9 is registered", subject=9)
    tell(bob, "Ticket #7: Resolved", subject=7)
    groups = sign_in(bob).get("/notes").select("#bell-panel .note-group")
    titles = [
        [line.select_one(".note-title").find(string=True) for line in group.select(".note")]
        for group in groups
    ]
    assert titles == [["Ticket #7: Resolved", "Ticket #7 is registered"], ["Ticket #9 is registered"]]
    assert [len(group.select(".note.unread")) for group in groups] == [1, 1]


def test_words_of_a_note_are_text_and_never_markup(bob, sign_in):
    tell(bob, '<img src=x onerror="alert(1)">', body="</li><script>alert(1)</script>")
    page = sign_in(bob).get("/notes")
    assert page.select("#bell-panel img, #bell-panel script, #notes img, #notes script") == []
    assert '<img src=x onerror="alert(1)">' in page.select_one("#notes .note-title").text


def test_page_of_nobody_told_says_so(alice, sign_in):
    page = sign_in(alice).get("/notes")
    assert page.select_one("#notes .empty-state")


def test_page_shows_notes_newest_first_and_goes_on_to_older_ones(bob, sign_in):
    db.session.add_all(PushNote(account_id=bob.id, title=f"Ticket #{number}") for number in range(1, 61))
    db.session.commit()
    browser = sign_in(bob)
    page = browser.get("/notes")
    assert len(page.select("#notes .note")) == 50
    assert "Ticket #60" in page.select_one("#notes .note-title").text
    older = browser.get(page.select_one("a[rel=next]")["href"])
    assert len(older.select("#notes .note")) == 10
    assert "Ticket #10" in older.select_one("#notes .note-title").text


def test_page_can_show_unread_notes_only(bob, sign_in):
    tell(bob, "Ticket #7: Resolved", is_read=True)
    browser = sign_in(bob)
    assert browser.get("/notes?show=unread").select_one("#notes .empty-state")
    tell(bob, "Ticket #9: Resolved")
    page = browser.get("/notes?show=unread")
    assert [title.find(string=True) for title in page.select("#notes .note-title")] == ["Ticket #9: Resolved"]


def test_opening_a_note_marks_it_and_leads_to_its_record(bob, sign_in):
    note = tell(bob, subject=12)
    browser = sign_in(bob)
    browser.get("/notes")
    browser.post(f"/notes/{note.id}", status=303)
    assert browser.response.headers["Location"] == "/go/record/12"
    assert unread_of(bob) == 0


def test_note_about_nothing_leads_to_the_list(bob, sign_in):
    note = tell(bob, subject=None)
    browser = sign_in(bob)
    browser.get("/notes")
    browser.post(f"/notes/{note.id}", status=303)
    assert browser.response.headers["Location"] == "/notes"


def test_one_note_and_all_notes_are_marked_without_javascript(bob, sign_in):
    first, _second, _third = tell(bob), tell(bob), tell(bob)
    browser = sign_in(bob)
    browser.get("/notes")
    browser.post(f"/notes/{first.id}/read", status=303)
    assert unread_of(bob) == 2
    browser.post("/notes/read", status=303)
    assert browser.response.headers["Location"] == "/notes"
    assert unread_of(bob) == 0


def test_marking_with_htmx_answers_the_bell(bob, sign_in):
    note = tell(bob)
    browser = sign_in(bob)
    browser.get("/notes")
    page = browser.post(f"/notes/{note.id}/read", status=200, headers=FRAGMENT)
    assert page.select_one("#bell-count [data-unread]")["data-unread"] == "0"
    assert page.select("#bell-panel .note.unread") == []
    assert browser.response.headers["HX-Trigger"] == "notes"


def test_panel_is_a_fragment_for_htmx_and_the_page_for_everybody_else(bob, sign_in):
    tell(bob)
    browser = sign_in(bob)
    assert browser.get("/notes/panel", headers=FRAGMENT).select_one("h1") is None
    assert browser.get("/notes/panel").select_one("h1").text == "Notifications"


def test_looking_marks_nothing(bob, sign_in):
    note = tell(bob)
    browser = sign_in(bob)
    for address in ("/notes", "/notes/panel", "/notes?show=unread"):
        browser.get(address)
    browser.get(f"/notes/{note.id}", status=405)
    assert unread_of(bob) == 1


def test_mallory_sees_and_marks_no_note_of_another(alice, mallory, sign_in):
    note = tell(alice, "Salaries for 2027")
    browser = sign_in(mallory)
    assert "Salaries" not in browser.get("/notes").text
    assert "Salaries" not in browser.get("/notes/panel", headers=FRAGMENT).text
    browser.post(f"/notes/{note.id}", status=404)
    browser.post(f"/notes/{note.id}/read", status=404)
    browser.post("/notes/read", status=303)
    assert unread_of(alice) == 1


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999999"])
def test_note_that_is_not_there_is_not_found(bob, sign_in, number):
    browser = sign_in(bob)
    browser.get("/notes")
    browser.post(f"/notes/{number}", status=404)


def test_stranger_is_sent_to_sign_in_and_gets_no_stream(visitor):
    for address in ("/notes", "/notes/panel", "/notes/stream"):
        answer = visitor.client.get(address)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")
    assert visitor.client.get("/notes/stream", headers={"Accept": "text/event-stream"}).status_code == 401


def test_form_without_its_token_changes_nothing(bob, sign_in):
    number = tell(bob).id
    browser = sign_in(bob)
    assert browser.client.post(f"/notes/{number}").status_code == 400
    assert unread_of(bob) == 1
