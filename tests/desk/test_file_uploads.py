"""Files as they are sent: which are refused, how much may come, and that nobody waits for them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.attacks.oracles import flat_memory
from tests.desk.filing import chosen, last_event, names_of, send_large
from tests.desk.making import add_file
from tests.support.pages import PageClient
from webapp.core.config import MEBIBYTE
from webapp.core.db import db
from webapp.desk.records import record_files
from webapp.desk.records.models import Record, RecordFile
from webapp.files import store
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
MZ = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"


def test_each_refused_file_says_why_and_the_others_are_kept(
    ticket: Record, bob: Account, sign_in: SignIn, limits: Callable[..., None]
) -> None:
    limits(largest_file=MEBIBYTE)
    browser = sign_in(bob)
    files = chosen(
        ("good.txt", b"good"), ("run.EXE", b"x"), ("letter.pdf", MZ), ("empty.txt", b""),
        ("large.txt", b"x" * (MEBIBYTE + 1)), ("inv\u202efdp.exe", b"x"), ("also good.zip", b"PK\x03\x04"),
    )  # fmt: skip
    page = send_large(browser, f"/records/{ticket.id}/files", files)
    said = {
        row.select_one(".file-name").text: row.select_one("[data-words]").text
        for row in page.select("#file-results li")
    }
    assert [name for name, words in said.items() if "added" in words] == ["good.txt", "also good.zip"]
    assert ".exe" in said["run.EXE"]
    assert ".exe" in said["invfdp.exe"]
    assert "program" in said["letter.pdf"]
    assert "empty" in said["empty.txt"]
    assert "1 MB" in said["large.txt"]
    assert names_of(ticket) == ["good.txt", "also good.zip"]
    assert len(last_event().data["files"]) == 2


def test_nothing_chosen_is_said_beside_the_chooser(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    for files in ({}, chosen(("", b"")), {"files": "no file but words"}):
        page = sign_in(alice).post(f"/records/{ticket.id}/files", files, status=422)
        assert page.select_one("#files-error")
        assert page.select_one("#files")["aria-invalid"] == "true"
    assert names_of(ticket) == []


def test_a_record_takes_so_many_files_and_a_person_so_many_octets(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn, limits: Callable[..., None]
) -> None:
    limits(files_per_record=2, files_per_day=10)
    browser = sign_in(alice)
    page = browser.post(
        f"/records/{ticket.id}/files",
        chosen(("a.txt", b"12345"), ("b.txt", b"123456"), ("c.txt", b"12"), ("d.txt", b"1")),
        status=422,
    )
    words = [each.text for each in page.select("#file-results [data-words]")]
    assert "10 bytes" in words[1] or "10 байт" in words[1]
    assert "2" in words[3]
    assert names_of(ticket) == ["a.txt", "c.txt"]
    file = db.session.scalars(select(RecordFile)).first()
    record_files.remove(file, record=ticket, actor=bob)
    db.session.commit()
    # What was removed counts for the day: otherwise a disk could be filled by adding and removing.
    page = browser.post(f"/records/{ticket.id}/files", chosen(("e.txt", b"123456")), status=422)
    assert names_of(ticket) == ["c.txt"]


def test_others_who_fill_the_record_meanwhile_are_noticed(
    ticket: Record, alice: Account, sign_in: SignIn, limits: Callable[..., None]
) -> None:
    limits(files_per_record=0)
    with pytest.raises(record_files.TooManyFiles):
        add_file(ticket, alice)
    db.session.rollback()
    assert names_of(ticket) == []


def test_an_archive_is_taken_and_given_as_it_is(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    """Nothing here unpacks anything, so that 300 MB of zeros in 300 KB are 300 KB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 30 * MEBIBYTE)
        archive.writestr("run.exe", MZ)
    browser = sign_in(alice)
    with flat_memory():
        browser.post(f"/records/{ticket.id}/files", chosen(("bomb.zip", packed.getvalue())))
    (file,) = db.session.scalars(select(RecordFile))
    assert file.octets == len(packed.getvalue())


class Counted(io.RawIOBase):
    """A body of so many octets that tells how much of it was read."""

    def __init__(self, octets: int) -> None:
        self.octets, self.place, self.taken = octets, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(self.octets - self.place, len(buffer))
        buffer[:size] = b"x" * size
        self.place, self.taken = self.place + size, self.taken + size
        return size

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Whoever sends it looks how long it is."""
        self.place = offset + (self.octets if whence == io.SEEK_END else 0)
        return self.place


def send_body(browser: PageClient, address: str, body: Counted, **more: Any) -> int:
    headers = {"X-CSRFToken": browser.csrf_token(), **more.pop("headers", {})}
    kind = "multipart/form-data; boundary=x"
    return browser.client.post(
        address, input_stream=body, headers=headers, content_type=kind, **more
    ).status_code


def test_an_upload_that_is_far_too_large_is_refused_before_it_is_read(
    ticket: Record, alice: Account, sign_in: SignIn
) -> None:
    body = Counted(200 * MEBIBYTE)
    assert send_body(sign_in(alice), f"/records/{ticket.id}/files", body) == 413
    assert body.taken == 0


def test_who_is_not_signed_in_may_not_send_as_much_as_files_need(ticket: Record, visitor: PageClient) -> None:
    address = f"/records/{ticket.id}/files"
    body = Counted(20 * MEBIBYTE)
    assert send_body(visitor, address, body) == 413
    assert body.taken == 0


def test_a_body_that_does_not_say_how_long_it_is_is_cut(
    ticket: Record, alice: Account, sign_in: SignIn, limits: Callable[..., None]
) -> None:
    limits(largest_file=MEBIBYTE)
    browser, body = sign_in(alice), Counted(40 * MEBIBYTE)
    ended = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    status = send_body(browser, f"/records/{ticket.id}/files", body, environ_overrides=ended)
    assert status == 413


def test_a_file_of_carriage_returns_costs_no_time(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    send_large(browser, f"/records/{ticket.id}/files", chosen(("a.bin", b"\r" + b"a" * (24 * MEBIBYTE))))
    assert names_of(ticket) == ["a.bin"]


def test_nobody_waits_for_a_slow_store(
    ticket: Record, alice: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is asked outside of any transaction, so that others can write meanwhile."""
    states: list[bool] = []
    receive = store.Store.receive

    def look(self: store.Store, *arguments: Any) -> Any:
        states.append(db.session().in_transaction())
        return receive(self, *arguments)

    monkeypatch.setattr(store.Store, "receive", look)
    browser = sign_in(alice)
    browser.post(f"/records/{ticket.id}/files", chosen(("a.txt", b"a")))
    browser.post(f"/records/{ticket.id}/comments", chosen(("b.txt", b"b"), body="b"))
    form = {"title": "New", "type": "incident", "priority": "3"}
    browser.post("/records/ticket/new", chosen(("c.txt", b"c"), field="_files", **form))
    assert states == [False, False, False]
