"""An invitation is the last alternative of the text, once, and says its method where programs look for it."""

import pytest

from tests.mail.mails import calendar
from tests.mail.reading import read
from tests.mail.samples import mail
from webapp.mail.header_guard import check
from webapp.mail.header_text import HeaderRefused
from webapp.mail.outgoing import Attachment, Invitation, build


def _pieces(**more):
    meant = mail(**more)
    raw = build(meant)
    check(raw, meant)
    return read(raw).pieces


def test_the_calendar_is_the_last_alternative_and_the_only_one():
    pieces = _pieces(html="<p>hi</p>", invitation=Invitation(calendar("Встреча в 10")))
    kinds = ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert [piece.media_type for piece in pieces] == kinds
    assert (pieces[-1].method, pieces[-1].charset, pieces[-1].disposition) == ("REQUEST", "utf-8", None)
    assert pieces[-1].content.decode().replace("\n", "\r\n") == calendar("Встреча в 10")


def test_files_stand_behind_the_alternatives_so_that_the_calendar_is_found_in_the_first_part():
    pieces = _pieces(invitation=Invitation(calendar("x")), attachments=(Attachment("a.txt", b"a"),))
    kinds = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/octet-stream",
    ]
    assert [piece.media_type for piece in pieces] == kinds


def test_a_cancelled_meeting_says_so_in_both_places():
    assert _pieces(invitation=Invitation(calendar("x", "CANCEL"), "CANCEL"))[-1].method == "CANCEL"


@pytest.mark.parametrize(
    "invitation",
    [
        Invitation(calendar("x"), "CANCEL"),
        Invitation("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
        Invitation(calendar("x").replace("VERSION:2.0", "METHOD:CANCEL")),
        Invitation(calendar("x", "REQUEST\r\nX: y"), "REQUEST\r\nX: y"),
        Invitation(calendar("x", ""), ""),
    ],
)
def test_a_method_that_the_calendar_does_not_have_is_refused(invitation):
    with pytest.raises(HeaderRefused, match="bad_method"):
        build(mail(invitation=invitation))
