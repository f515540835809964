"""Too much of everything: bodies, fields, cursors, streams, tables; and what a list's export holds."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator

from tests.attacks.cases import LITERALS, as_read
from tests.attacks.oracles import judged
from tests.attacks.world import World
from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records.exports import FORMULA_STARTS, guarded
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
MEBIBYTE = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def bodies() -> Iterator[tuple[str, bytes]]:
    """Bodies that are too much, each in its own way."""
    yield FORM, b"title=" + b"a" * (2 * MEBIBYTE)
    yield FORM, b"&".join(b"f%d=1" % number for number in range(200_000))
    yield MULTIPART, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"a" * (2 * MEBIBYTE)
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    yield MULTIPART, part * 5_000 + b"--x--"
    file = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r'
    yield MULTIPART, file + b"a" * (11 * MEBIBYTE)
    yield "application/json", b"[" * (11 * MEBIBYTE)


def test_a_body_that_is_too_much_is_refused_soon(alice: Account, sign_in: SignIn) -> None:
    """Where no files are taken; where they are: tests/desk/test_file_uploads.py."""
    browser, edit = sign_in(alice), f"/records/{make_ticket(alice).id}/edit"
    db.session.rollback()
    headers = {"X-CSRFToken": browser.csrf_token()}
    for kind, body in bodies():
        for address in (edit, "/profile", "/theme"):
            options = {"data": body, "content_type": kind, "headers": headers}
            answer = judged(lambda: browser.client.post(address, **options), kind)  # noqa: B023
            assert answer.status_code == 413, (kind, len(body), address)


def cursors() -> Iterator[str]:
    """Cursors that nobody was given: deep, wide, of other kinds, and no cursors at all."""
    for content in (
        [0], [], {}, 1, None, "x", [0, 2**63, 1], [0, 1e308, 1], [0, None, None], [0, "\0", 1],
        [0, "\ud800", 1],
        [0, "9999-12-31T23:59:59+00:00", 2**63 - 1], [1, "0001-01-01T00:00:00+14:00", 0], [0, [[]], {}],
        [2**70, True, False], [0, "x" * 2000, 1],
    ):  # fmt: skip
        yield base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    yield base64.urlsafe_b64encode(b"[" * 3000).decode()
    yield from ("=", "====", "A", "\0", "a" * 4097, "e30", "bnVsbA", "WzAsTmFOLDFd")


def test_an_invented_cursor_leads_to_the_first_page(world: World) -> None:
    client = world.browser("carol").client
    for address in ("/records/ticket", "/search", "/accounts", "/journals/events", "/notes"):
        for cursor in cursors():
            query = {"q": "printer" if address == "/search" else "", "cursor": cursor}
            answer = judged(lambda: client.get(address, query_string=query), cursor)  # noqa: B023
            assert answer.status_code == 200, (address, cursor)


def test_no_cell_of_an_export_begins_a_formula(alice: Account, sign_in: SignIn) -> None:
    starts = [f"{start}1+1" for start in FORMULA_STARTS if not start.isspace()]
    titles = [as_read(case.text[:255]) for case in LITERALS if case.is_plain] + starts
    for title in titles:
        make_ticket(alice, title)
    exported = sign_in(alice).client.get("/records/ticket/export.csv?status=all").text
    lines = list(csv.reader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert len(lines) == len(titles) + 1
    assert len({len(line) for line in lines}) == 1
    assert not [cell for line in lines for cell in line if cell.startswith(FORMULA_STARTS)]
    assert {line[2] for line in lines[1:]} == {guarded(title) for title in titles}
