"""The bytes of a mail: read by eye, and compared with what the standard parser sees."""

import re
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, message_from_string
from email.policy import default

import pytest

from tests.mail.samples import ALICE, BOB, CAROL, mail
from webapp.mail.address import Mailbox
from webapp.mail.bodies import encode_body
from webapp.mail.header_guard import check
from webapp.mail.header_text import HeaderRefused, clean_line, has_control
from webapp.mail.outgoing import build

PLAIN = """\
Date: Sat, 21 Nov 2026 12:00:00 +0000
From: Service desk <desk@vestnik.test>
Reply-To: help@vestnik.test
To: Bob <bob@x.test>,
 "Carol \\"C\\" <c>" <carol@x.test>
Cc: =?utf-8?b?0JDQu9C40YHQsA==?= <alice@x.test>
Subject: Ticket 12
Message-ID: <1.abc@vestnik.test>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit

hello
"""


def test_a_plain_mail_reads_well():
    made = build(
        mail(
            reply_to=Mailbox("", "help@vestnik.test"),
            to=(Mailbox("Bob", BOB), Mailbox('Carol "C" <c>', CAROL)),
            cc=(Mailbox("Алиса", ALICE),),
            headers={"Auto-Submitted": "auto-generated"},
        )
    )
    assert made.decode().replace("\r\n", "\n") == PLAIN


def test_html_makes_an_alternative_of_two_parts():
    parsed = message_from_bytes(build(mail(text="привет", html="<p>привет</p>")), policy=default)

    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert parsed.get_body(("plain",)).get_content() == "привет\r\n"
    assert parsed.get_body(("html",)).get_content() == "<p>привет</p>\r\n"


def test_the_same_mail_has_the_same_bytes_each_time():
    values = {
        "text": "текст",
        "html": "<p>текст",
        "subject": "Тема",
        "headers": {"References": "<a@x> <b@x>"},
    }
    assert build(mail(**values)) == build(mail(**values))


def test_the_time_is_written_in_utc():
    noon_in_moscow = datetime(2026, 11, 21, 15, 0, tzinfo=timezone(timedelta(hours=3)))
    assert b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n" in build(mail(date=noon_in_moscow))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("hello\nworld", "7bit"),
        ("", "7bit"),
        ("it costs 5 € and more than that", "quoted-printable"),
        ("ends with a space \nx", "quoted-printable"),
        ("x" * 77, "quoted-printable"),
        (".\n..", "quoted-printable"),
        ("nul \0 inside a longer line", "quoted-printable"),
        ("Добрый день, заявка решена", "base64"),
        ("From nobody\n", "base64"),
    ],
)
def test_the_encoding_is_the_one_that_reads_best(text, encoding):
    assert encode_body(text).encoding == encoding


def test_text_that_holds_the_boundary_does_not_end_its_part():
    parsed = message_from_bytes(build(mail(text="--=_b1\n--=_b1--\n", html="<p>--=_b1")), policy=default)

    assert parsed.get_body(("plain",)).get_content() == "--=_b1\r\n--=_b1--\r\n"
    assert len(list(parsed.iter_parts())) == 2


def test_a_mail_to_hidden_recipients_alone_names_nobody():
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in build(mail(to=()))


def test_a_long_reference_list_is_folded_and_never_encoded():
    references = " ".join(f"<{number:050d}@vestnik.test>" for number in range(30))
    made = build(mail(headers={"References": references}))

    assert re.sub(rb"\r\n ", b" ", made).count(references.encode()) == 1
    assert max(map(len, made.split(b"\r\n"))) <= 90


@pytest.mark.parametrize(
    ("values", "header", "reason"),
    [
        ({"subject": "a\r\nBcc: e@e.test"}, "Subject", "control_character"),
        ({"subject": "a\x85b"}, "Subject", "control_character"),
        ({"subject": "a\u2028b"}, "Subject", "control_character"),
        ({"subject": "a" * 8001}, "Subject", "too_long"),
        ({"subject": "a\ud800"}, "Subject", "control_character"),
        ({"to": (Mailbox("a\nb", BOB),)}, "To", "control_character"),
        ({"to": (Mailbox("", "b@x.test, e@e.test"),)}, "To", "bad_address"),
        ({"sender": Mailbox("", "b@x.test> <e@e.test")}, "From", "bad_address"),
        ({"headers": {"X-A\nBcc: evil@e.test": "x"}}, "headers", "bad_name"),
        ({"headers": {"X A": "x"}}, "headers", "bad_name"),
        ({"headers": {"Bcc": "evil@e.test"}}, "Bcc", "reserved_name"),
        ({"headers": {"Content-Type": "text/html"}}, "Content-Type", "reserved_name"),
        ({"headers": {"X-A": "x\r\n\r\n<html>"}}, "X-A", "control_character"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "x-a", "repeated_name"),
        ({"message_id": "<a@x.test>\r\nBcc: e@e.test"}, "Message-ID", "bad_message_id"),
        ({"message_id": "a@x.test"}, "Message-ID", "bad_message_id"),
        ({"html": "x", "boundary": 'b"\r\nBcc: e'}, "Content-Type", "bad_boundary"),
        ({"html": "x", "boundary": ""}, "Content-Type", "bad_boundary"),
    ],
)
def test_what_would_say_more_than_meant_is_refused(values, header, reason):
    with pytest.raises(HeaderRefused) as refused:
        build(mail(**values))
    assert (refused.value.header, refused.value.reason) == (header, reason)


def test_a_line_is_cleaned_of_breaks_and_of_hidden_directions():
    assert clean_line(" Printer\r\nBcc:\x0b x\u2028y \u202egnp.exe\u2069  ") == "Printer Bcc: x y gnp.exe"
    assert clean_line("Printer \ud800") == "Printer"


def test_no_control_character_is_overlooked():
    found = {number for number in range(0x110000) if has_control(f"a{chr(number)}")}
    assert found == {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000)}


def test_addresses_beyond_ascii_stand_in_the_header_as_they_are():
    meant = mail(to=(Mailbox("José", "josé@x.test"),))
    raw = build(meant)

    assert meant.needs_smtputf8
    assert "<josé@x.test>".encode() in raw
    check(raw, meant)
    assert not mail().needs_smtputf8


@pytest.mark.parametrize(
    "address", ["josé@x.test", "ольга@x.test", "用户@x.test", "a.é.b@xn--bcher-kva.test"]
)
def test_the_standard_parser_reads_addresses_beyond_ascii(address):
    raw = build(mail(to=(Mailbox("Жозе", address), Mailbox("", address))))
    parsed = message_from_string(raw.decode(), policy=default)
    assert [each.addr_spec for each in parsed["To"].addresses] == [address, address]
    assert [each.display_name for each in parsed["To"].addresses] == ["Жозе", ""]


QUOTED = ['"a b"@x.test', '"a\\"b"@x.test', '"<evil@e.test>"@x.test', '""@x.test']


@pytest.mark.parametrize("address", QUOTED)
def test_a_quoted_local_part_is_refused_since_servers_disagree_about_it(address):
    with pytest.raises(HeaderRefused, match="bad_address"):
        build(mail(to=(Mailbox("", address),)))
