"""Files as they are answered: nothing runs, nobody gets what is not theirs, nothing breaks off."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.desk.filing import chosen, names_of
from tests.desk.making import add_file, make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records.models import Record, RecordFile
from webapp.files import store
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


def test_a_file_is_answered_so_that_nothing_in_it_runs(
    ticket: Record, alice: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    for name, content, kind in (
        ("page.html", b"<html><script>alert(1)</script>", "text/plain"),
        ("drawing.svg", b"<svg onload=alert(1)>", "text/plain"),
        ("a.gif", b"GIF89a/*<script>*/", "image/gif"),
        ("a.pdf", b"%PDF-1.7\n\xe2\xe3", "application/pdf"),
        ("sheet.xlsx", b"PK\x03\x04\0", "application/octet-stream"),
        (".htaccess", b"Options +Indexes", "text/plain"),
    ):
        file = add_file(ticket, alice, name, content)
        answer = browser.client.get(f"/records/{ticket.id}/files/{file.id}/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] == kind
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; ")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Set-Cookie" not in answer.headers
        assert answer.data == content


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        (
            "отчёт за год.pdf",
            "file.pdf",
            "%D0%BE%D1%82%D1%87%D1%91%D1%82%20%D0%B7%D0%B0%20%D0%B3%D0%BE%D0%B4.pdf",
        ),
        ("notes 1.txt", "notes 1.txt", "notes%201.txt"),
        ("50%;x=y.txt", "50_x_y.txt", "50%25%3Bx%3Dy.txt"),
    ],
)
def test_a_name_arrives_whole_and_in_ascii(
    name: str, plain: str, whole: str, ticket: Record, alice: Account, sign_in: SignIn
) -> None:
    file = add_file(ticket, alice, name)
    page = sign_in(alice).get(f"/records/{ticket.id}/files")
    link = page.select_one("#file-list .file-name a")["href"]
    answer = sign_in(alice).client.get(link)
    assert (
        answer.headers["Content-Disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"
    )
    assert file.name == name


def test_fetching_goes_on_where_it_broke_off(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    file = add_file(ticket, alice, content=b"0123456789" * 100_000)
    client, address = sign_in(alice).client, f"/records/{ticket.id}/files/{file.id}/{file.name}"
    whole = client.get(address)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert len(whole.data) == 1_000_000
    rest = client.get(address, headers={"Range": "bytes=600005-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.headers["Content-Range"]) == (206, "bytes 600005-999999/1000000")
    assert rest.data == whole.data[600_005:]
    assert client.get(address, headers={"Range": "bytes=1000000-"}).status_code == 416
    assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_the_type_that_a_browser_names_is_not_believed(
    ticket: Record, alice: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    file = (io.BytesIO(b"<script>"), "page.html", "text/html; charset=utf-7; Bcc=evil@e.test")
    browser.post(f"/records/{ticket.id}/files", {"files": [file]})
    (present,) = db.session.scalars(select(RecordFile))
    answer = browser.client.get(f"/records/{ticket.id}/files/{present.id}/{present.name}")
    assert answer.headers["Content-Type"].partition(";")[0] == "text/plain"
    assert "evil" not in str(answer.headers)


def test_mallory_reaches_no_file_by_any_number(
    ticket: Record, alice: Account, mallory: Account, sign_in: SignIn
) -> None:
    file = add_file(ticket, alice)
    own = make_ticket(mallory)
    browser = sign_in(mallory)
    for record in (ticket, own):
        for number in (file.id, file.id + 1, 0, 2**63):
            assert browser.client.get(f"/records/{record.id}/files/{number}/{file.name}").status_code == 404
            browser.post(f"/records/{record.id}/files/{number}/remove", status=404)
    assert browser.client.get(f"/records/{ticket.id}/files").status_code == 404
    browser.post(f"/records/{ticket.id}/files", chosen(("a.txt", b"a")), status=404)
    for path in ("../../../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "other.txt"):
        answer = sign_in(alice).client.get(f"/records/{ticket.id}/files/{file.id}/{path}")
        assert answer.status_code == 404
    assert names_of(ticket) == [file.name]


def test_content_that_is_gone_is_said_in_words(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    file = add_file(ticket, alice, content=b"will be lost")
    assert file.stored
    store.current().delete(file.stored.sha256)
    db.session.rollback()
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/files/{file.id}/{file.name}", status=410)
    assert file.name in page.select_one(".alert-danger").text


def test_a_store_that_does_not_answer_is_said_in_words(
    ticket: Record, alice: Account, sign_in: SignIn, limits: Callable[..., None]
) -> None:
    file = add_file(ticket, alice)
    browser = sign_in(alice)
    limits(files_url="nothing-known://place")
    page = browser.get(f"/records/{ticket.id}/files/{file.id}/{file.name}", status=503)
    assert file.name in page.select_one(".alert-danger").text
    page = browser.post(f"/records/{ticket.id}/files", chosen(("new.txt", b"new")), status=422)
    assert page.select_one("#file-results [data-state=refused]")
    assert names_of(ticket) == [file.name]
