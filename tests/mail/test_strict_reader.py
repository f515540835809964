"""The strict reader alone: it knows what the assembler writes, and trusts neither that nor what was meant."""

from base64 import b64encode

import pytest

from tests.mail.samples import BOB, mail
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import strict_reader
from webapp.mail.outgoing import Mail, build

MEANT = mail(html="<p>hi</p>\n", text="ends é \nhere\n" * 4)
TITLE, TO, TEXT = b"Subject: Ticket 12", b"To: Bob <bob@x.test>", b"ends"
WORD = "=?utf-8?q?a?="


def _word(text: str) -> bytes:
    return b"=?utf-8?b?" + b64encode(text.encode()) + b"?="


def _titled(title: str) -> Mail:
    return MEANT._replace(subject=title)


def _to(name: str, address: str = BOB) -> Mail:
    return MEANT._replace(to=(Mailbox(name, address),))


def test_it_takes_what_the_assembler_writes():
    assert strict_reader.reads_as(build(MEANT), MEANT)


@pytest.mark.parametrize("title", [":", "Re:", "Printer: on fire:", ";", "From:", "a:b:", ": "])
def test_it_takes_a_title_that_ends_like_the_name_of_a_header(title):
    meant = _titled(title)
    assert strict_reader.reads_as(build(meant), meant)


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        (TITLE, b"Subject:  Ticket 12", _titled(" Ticket 12")),
        (TITLE, b"Subject: Ticket 12 ", _titled("Ticket 12 ")),
        (TITLE, b"Subject: Ticket \r\n 12", _titled("Ticket  12")),
        (TITLE, b"Subject:\r\n Ticket 12", MEANT),
        (b"Encoding: quoted", b"Encoding:\r\n quoted", MEANT),
        (TITLE, b"Subject: Ticket\t12", _titled("Ticket\t12")),
        (TITLE, b"Subject: Ticket\x7f12", _titled("Ticket\x7f12")),
        (TITLE, b"Subject: " + WORD.encode(), _titled(WORD)),
        (TITLE, b"Subject: Ticket " + _word("12"), _titled("Ticket 12")),
        (TITLE, b"Subject: " + _word("a") + b"  " + _word("b"), _titled("ab")),
        (TITLE, b"Subject: " + _word("a\nBcc: evil@e.test"), _titled("a\nBcc: evil@e.test")),
        (TITLE, b"Subject: " + _word("a\u2028b"), _titled("a\u2028b")),
        (TITLE, b"Subject: =?utf-8?b?YWI?=", _titled("ab")),
        (TITLE, b"Subject: =?utf-8?b?YWJj=?=", _titled("abc")),
        (TITLE, b"Subject: =?utf-8?b?/w==?=", _titled("\udcff")),
        (TO, b'To: "' + WORD.encode() + b'" <bob@x.test>', _to(WORD)),
        (TO, b"To: " + WORD.encode() + b" <bob@x.test>", _to(WORD)),
        (TO, b"To: " + _word("Bob\r\n") + b" <bob@x.test>", _to("Bob\r\n")),
        (TO, b"To: Bob <" + WORD.encode() + b"@x.test>", _to("Bob", f"{WORD}@x.test")),
        (TO, b"To: Bob <bob@x.test> (Bob)", _to("Bob")),
        (TO, b"To: Bob <@y.test:bob@x.test>", _to("Bob", "@y.test:bob@x.test")),
        (TO, b"To: Bob: bob@x.test;", _to("Bob")),
        (TO, b"To: Bob <bob@x.test>, ", _to("Bob")),
        (TO, b'To: "Bob\\x" <bob@x.test>', _to("Bobx")),
        (TEXT, b"ends \r\n", MEANT._replace(text=MEANT.text.replace("ends", "ends \n", 1))),
        (b"--=_b1\r\nContent-Type: text/html", b"--=_b1xxContent-Type: text/html", MEANT),
        (b"\r\n\r\n--=_b1\r\n", b"\r\n\r\nbefore\r\n--=_b1\r\n", MEANT),
        (b"--=_b1--\r\n", b"--=_b1--\r\nafter\r\n", MEANT),
        (b"--=_b1--\r\n", b"--=_b1--", MEANT),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.0 ", MEANT),
        (b"+0000", b"+0300", MEANT),
        (b"Date: Sat", b"Date: Sat (", MEANT),
    ],
)
def test_what_readers_could_take_in_two_ways_is_not_for_it(old, new, meant):
    raw = build(MEANT)
    assert old in raw
    assert not strict_reader.reads_as(raw.replace(old, new, 1), meant)


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\xff\r\n\r\n", b"MIME-Version: 1.0\r\n\r\n", b"a" * 999])
def test_bytes_that_are_no_mail_are_not_for_it(raw):
    assert not strict_reader.reads_as(raw, MEANT)
