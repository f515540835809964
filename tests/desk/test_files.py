"""Files of records: adding, removing, with comments and new records, and who sees them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from tests.desk.filing import chosen, last_event, names_of
from tests.desk.making import add_file
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record, RecordFile
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
HTMX = {"HX-Request": "true"}


def test_requester_adds_files_and_everybody_who_sees_the_ticket_fetches_them(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    assert browser.get(f"/records/{ticket.id}/files").select_one("#file-list .empty-state")
    browser.post(
        f"/records/{ticket.id}/files", chosen(("отчёт за год.txt", b"Annual"), ("b.png", b"\x89PNG"))
    )
    event = last_event()
    assert event.kind == "record.files_changed"
    assert [each["name"] for each in event.data["files"]] == ["отчёт за год.txt", "b.png"]
    page = sign_in(bob).get(f"/records/{ticket.id}/files")
    links = {link.text: link["href"] for link in page.select("#file-list .file-name a")}
    assert list(links) == ["b.png", "отчёт за год.txt"]
    assert page.select_one("#file-count").text == "2"
    assert sign_in(bob).client.get(links["отчёт за год.txt"]).data == b"Annual"


def test_one_form_sent_twice_adds_its_files_once(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    nonce = form_values(browser.get(f"/records/{ticket.id}/files").select_one("#file-form"))["nonce"]
    for _ in range(2):
        browser.post(f"/records/{ticket.id}/files", chosen(("a.txt", b"a"), nonce=nonce))
    assert names_of(ticket) == ["a.txt"]


def test_internal_files_are_for_staff(ticket: Record, alice: Account, bob: Account, sign_in: SignIn) -> None:
    sign_in(bob).post(f"/records/{ticket.id}/files", chosen(("secret.txt", b"secret"), is_internal="y"))
    (file,) = db.session.scalars(select(RecordFile))
    address = f"/records/{ticket.id}/files/{file.id}/{file.name}"
    db.session.rollback()
    browser = sign_in(alice)
    assert browser.client.get(address).status_code == 404
    for tab in ("", "/files", "/history", "/notifications"):
        page = browser.get(f"/records/{ticket.id}{tab}")
        assert "secret" not in str(page)
        assert page.select_one("#file-count").text == "0"
    browser.post(f"{address.rsplit('/', 1)[0]}/remove", status=404)
    browser.post(f"/records/{ticket.id}/files", chosen(("a.txt", b"a"), is_internal="y"), status=403)
    assert sign_in(bob).client.get(address).data == b"secret"
    assert "secret.txt" in str(sign_in(bob).get(f"/records/{ticket.id}/history"))
    assert names_of(ticket) == ["secret.txt"]


def test_author_and_staff_remove_a_file_and_history_keeps_that_it_was_there(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    mine, theirs = add_file(ticket, alice, "mine.txt"), add_file(ticket, bob, "theirs.txt", b"theirs")
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/files")
    assert len(page.select("#file-list form")) == 1
    browser.post(f"/records/{ticket.id}/files/{theirs.id}/remove", status=403)
    browser.post(f"/records/{ticket.id}/files/{mine.id}/remove")
    browser.post(f"/records/{ticket.id}/files/{mine.id}/remove", status=404)
    assert sign_in(alice).client.get(f"/records/{ticket.id}/files/{mine.id}/mine.txt").status_code == 404
    history = browser.get(f"/records/{ticket.id}/history").select_one(".timeline").text
    assert "removed a file" in history or "mine.txt" in history
    answer = sign_in(bob).post(f"/records/{ticket.id}/files/{theirs.id}/remove", status=200, headers=HTMX)
    assert answer.select_one("#file-count").text == "0"
    assert names_of(ticket) == []
    db.session.expire_all()
    assert (mine.file_id, mine.removed_by_id) == (None, alice.id)


def test_files_come_with_a_comment_and_are_for_its_readers(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    comments = f"/records/{ticket.id}/comments"
    browser.post(comments, chosen(("note.txt", b"n"), body="See here", audience="internal"))
    browser.post(comments, chosen(("screen.png", b"\x89PNG"), body="Look", audience="public"))
    assert [each["name"] for each in last_event().data["files"]] == ["screen.png"]
    assert last_event().kind == "record.commented"
    page = sign_in(alice).get(f"/records/{ticket.id}")
    assert [each.text for each in page.select(".comment-files a")] == ["screen.png"]
    page = browser.get(f"/records/{ticket.id}")
    assert [each.text for each in page.select(".comment-files a")] == ["note.txt", "screen.png"]
    internal = db.session.scalars(select(RecordFile.is_internal).order_by(RecordFile.id)).all()
    assert internal == [True, False]


def test_a_comment_with_a_refused_file_waits_with_its_words(
    ticket: Record, bob: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    files = chosen(("good.txt", b"good"), ("run.exe", b"x"), body="My words", audience="public")
    page = browser.post(f"/records/{ticket.id}/comments", files, status=422)
    assert "run.exe" in page.select_one("#files-error").text
    assert page.select_one("#comment-form textarea").text.strip() == "My words"
    assert names_of(ticket) == []
    assert last_event().kind == "record.created"


def test_files_come_with_a_new_record(alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = {"title": "With a picture", "type": "incident", "priority": "3"}
    page = browser.post("/records/ticket/new", chosen(("run.exe", b"x"), field="_files", **form), status=422)
    assert "run.exe" in page.select_one("#field-files-error").text
    assert page.select_one("#field-title")["value"] == "With a picture"
    browser.post("/records/ticket/new", chosen(("a.png", b"\x89PNG"), field="_files", **form))
    event = last_event()
    assert (event.kind, [each["name"] for each in event.data["files"]]) == ("record.created", ["a.png"])
    record = db.session.get(Record, event.subject_id)
    assert record
    assert names_of(record) == ["a.png"]


def test_a_script_of_the_page_gets_the_pieces_that_changed(
    ticket: Record, alice: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    page = browser.post(f"/records/{ticket.id}/files", chosen(("a.txt", b"a")), status=200, headers=HTMX)
    assert [each["id"] for each in page.find_all(recursive=False)] == [
        "file-list",
        "file-results",
        "deadlines",
        "comment-count",
        "file-count",
    ]
    assert page.select_one("#file-results [data-state=kept]")


def test_history_tells_what_was_added_by_a_service_too(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    add_file(ticket, bob, "first.txt", b"x" * 2048)
    services.add_comment(ticket, "words", author=bob, is_internal=False)
    db.session.commit()
    words = sign_in(bob).get(f"/records/{ticket.id}/history").select_one(".timeline").text
    assert "added files" in words
    assert "first.txt (2 KB)" in words
