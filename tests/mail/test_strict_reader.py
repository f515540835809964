"""The strict reader alone: it knows what the assembler writes, and trusts neither that nor what was meant."""

import dataclasses
from base64 import b64encode

import pytest

from tests.mail.samples import BOB, SYSTEM, mail
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import strict_reader
from webapp.mail.outgoing import Attachment, Invitation, Mail, build

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
        (TITLE, b"Subject: =?utf-8?b?YWJj====?=", _titled("abc")),
        (TITLE, b"Subject: =?utf-8?b?YW J j?=", _titled("abc")),
        (TITLE, b"Subject: =?utf-8?b?YWK=?=", _titled("ab")),
        (TITLE, b"Subject: =?utf-8?b?=", _titled("")),
        (TITLE, b"Subject: YQ==?= =?utf-8?b?YQ==", _titled("aa")),
        (TITLE, b"Subject: " + b"a" * 999, _titled("a" * 999)),
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
        (TEXT, b"ends\t\r\n", MEANT._replace(text=MEANT.text.replace("ends", "ends\t\n", 1))),
        (TEXT, b"ends\r", MEANT._replace(text=MEANT.text.replace("ends", "ends\n", 1))),
        (TEXT, b"ends\n", MEANT._replace(text=MEANT.text.replace("ends", "ends\n", 1))),
        (TEXT, b"en=0Ads", MEANT._replace(text=MEANT.text.replace("ends", "en\nds", 1))),
        (TEXT, b"en=\nds", MEANT),
        (TEXT, b"=\rgone\nends", MEANT),
        (TEXT, b"\0", MEANT._replace(text=MEANT.text.replace("ends", "\0", 1))),
        (TEXT, b"e" * 999, MEANT._replace(text=MEANT.text.replace("ends", "e" * 999, 1))),
        (TEXT, "é".encode(), MEANT._replace(text=MEANT.text.replace("ends", "é", 1))),
        (b"<p>hi</p>\r\n", b"<p>hi</p>\n", MEANT),
        (b"<p>hi</p>", b"h" * 999, MEANT._replace(html="h" * 999)),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.0 ", MEANT),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nBcc: evil@e.test", MEANT),
        (b"MIME-Version: 1.0", b"Bcc: evil@e.test\r\nMIME-Version: 1.0", MEANT),
        (TO, b"To: Bob <bob@x.test>\r\nTo: Bob <bob@x.test>", MEANT),
        (TO, TO, MEANT._replace(cc=MEANT.to)),
        (TO, b"Cc: Bob <bob@x.test>", MEANT),
        (TO, TO, MEANT._replace(to=())),
        (TO, b"To: undisclosed-recipients:;\r\nCc: Bob <bob@x.test>", MEANT._replace(to=(), cc=MEANT.to)),
        (TO + b"\r\n", b"", MEANT._replace(to=())),
        (b"<1.abc", b"<1.=?abc", MEANT._replace(message_id="<1.=?abc@vestnik.test>")),
        (b"<1.abc", b"<" + b"a" * 999, MEANT._replace(message_id=f"<{'a' * 999}@vestnik.test>")),
        (b"<1.abc", b"<1\r\n .abc", MEANT._replace(message_id="<1\r\n .abc@vestnik.test>")),
        (b"+0000", b"+0300", MEANT),
        (b"Date: Sat", b"Date: Sat (", MEANT),
    ],
)
def test_what_readers_could_take_in_two_ways_is_not_for_it(old, new, meant):
    raw = build(MEANT)
    assert old in raw
    assert not strict_reader.reads_as(raw.replace(old, new, 1), meant)


@pytest.mark.parametrize(
    "headers",
    [
        {"subject": "x"},
        {"X-A": "x", "x-a": "x"},
        {"X-A: x\r\nBcc": "x"},
        {"X.A": "x"},
        {"": "x"},
        {"X-Б": "x"},
    ],
)
def test_header_names_that_are_no_names_or_stand_twice_are_not_for_it(headers):
    written = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    raw = build(MEANT).replace(b"MIME-Version", written + b"MIME-Version")
    assert not strict_reader.reads_as(raw, MEANT._replace(headers=headers))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\n\r", b"\r\r\n", b"\r\n\n"])
def test_base64_with_other_line_ends_is_not_for_it(end):
    meant = MEANT._replace(text="Привет, мир\n" * 9)
    raw = build(meant)
    head, letters, rest = raw.partition(b"0J/RgNC4")
    assert strict_reader.reads_as(raw, meant)
    assert not strict_reader.reads_as(head + letters + rest.replace(b"\r\n", end, 1), meant)
    assert not strict_reader.reads_as(head + end + letters + rest, meant)


def test_a_part_without_an_empty_line_or_with_a_long_one_is_not_for_it():
    files = (Attachment("a.txt", b""), Attachment("m.eml", b"Subject: a\r\n\r\nlong\r\n", "message/rfc822"))
    meant = MEANT._replace(invitation=Invitation("METHOD:REQUEST\r\n"), attachments=files)
    raw = build(meant)
    assert strict_reader.reads_as(raw, meant)
    assert not strict_reader.reads_as(raw.replace(b'"a.txt"\r\n\r\n', b'"a.txt"'), meant)
    endless = b"l" * 999
    changed = meant._replace(attachments=(files[0], dataclasses.replace(files[1], content=endless + b"\r\n")))
    assert not strict_reader.reads_as(raw.replace(b"Subject: a\r\n\r\nlong", endless), changed)
    changed = meant._replace(invitation=dataclasses.replace(meant.invitation, method=endless.decode()))
    assert not strict_reader.reads_as(raw.replace(b"method=REQUEST", b"method=" + endless), changed)


def test_a_boundary_that_looks_like_an_encoded_word_is_not_for_it():
    assert not strict_reader.reads_as(build(MEANT).replace(b"=_b1", b"=?b1"), MEANT)


def test_a_name_is_written_without_the_space_around_it():
    meant = _to(" Bob ")._replace(sender=Mailbox("Service desk ", SYSTEM))
    assert strict_reader.reads_as(build(meant), meant)
    assert not strict_reader.reads_as(build(meant), meant._replace(sender=Mailbox("Service  desk", SYSTEM)))


def test_a_part_of_a_second_is_not_written():
    meant = MEANT._replace(date=MEANT.date.replace(microsecond=999_999))
    assert strict_reader.reads_as(build(meant), meant)


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\xff\r\n\r\n", b"MIME-Version: 1.0\r\n\r\n", b"a" * 999])
def test_bytes_that_are_no_mail_are_not_for_it(raw):
    assert not strict_reader.reads_as(raw, MEANT)
