"""The bytes of a mail: read by eye, and compared with what the standard parser sees."""

import re
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.samples import ALICE, BOB, CAROL, mail
from webapp.mail.address import Mailbox
from webapp.mail.bodies import canonical_text, encode_body
from webapp.mail.header_guard import check
from webapp.mail.header_text import HeaderRefused, clean_line
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


UNSAFE = {"exclude_categories": ["Cs", "Cc", "Zl", "Zp"]}
ONE_LINE = st.one_of(
    st.text(st.characters(**UNSAFE), max_size=200),
    st.text(st.sampled_from('ab "\\<>@,;:()[]=?_.яЖ€😀'), max_size=120),
    st.text(st.sampled_from("abcdefgh "), max_size=400),
)
NAME = ONE_LINE.map(str.strip)
BODY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    st.text(st.sampled_from("ab .-=\r\n\tFrom яЖ€"), max_size=400),
    st.text(st.sampled_from("abcd €\n."), max_size=900),
)
ADDRESS = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,40}@[a-z0-9]{1,30}\.test", fullmatch=True)
MAILBOX = st.builds(Mailbox, NAME, ADDRESS)


@given(
    sender=MAILBOX,
    reply_to=st.none() | MAILBOX,
    to=st.lists(MAILBOX, max_size=4).map(tuple),
    cc=st.lists(MAILBOX, max_size=2).map(tuple),
    subject=ONE_LINE,
    text=BODY,
    html=st.none() | BODY,
    extra=ONE_LINE,
)
def test_the_standard_parser_reads_what_was_meant(sender, reply_to, to, cc, subject, text, html, extra):
    meant = mail(
        sender=sender, reply_to=reply_to, to=to, cc=cc, subject=subject, text=text, html=html,
        headers={"X-Remark": extra},
    )  # fmt: skip
    raw = build(meant)
    check(raw, meant)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 200
    parsed = message_from_bytes(raw, policy=default)

    assert str(parsed["Subject"]) == subject
    assert str(parsed["X-Remark"]) == extra
    assert _people(parsed["From"]) == _spaceless([sender])
    assert _people(parsed["Reply-To"]) == _spaceless([reply_to] if reply_to else [])
    assert _people(parsed["To"]) + _people(parsed["Cc"]) == _spaceless([*to, *cc])
    assert _body(parsed, "plain") == canonical_text(text)
    assert _body(parsed, "html") == (None if html is None else canonical_text(html))


def _people(header) -> list[Mailbox]:
    addresses = header.addresses if header is not None else ()
    return _spaceless([Mailbox(address.display_name, address.addr_spec) for address in addresses])


def _spaceless(people: list[Mailbox]) -> list[Mailbox]:
    """The parser of this Python adds and drops spaces around encoded words of a name (RFC 2047 §6.2)."""
    return [Mailbox("".join(person.name.split()), person.address) for person in people]


def _body(parsed, subtype: str) -> str | None:
    part = parsed.get_body((subtype,))
    return None if part is None else part.get_payload(decode=True).decode()


def test_addresses_beyond_ascii_stand_in_the_header_as_they_are():
    meant = mail(to=(Mailbox("José", "josé@x.test"),))
    raw = build(meant)

    assert meant.needs_smtputf8
    assert "<josé@x.test>".encode() in raw
    check(raw, meant)
    assert not mail().needs_smtputf8
