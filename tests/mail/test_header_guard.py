"""The guard must see every way in which bytes can say more than was meant."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail import oracle
from tests.mail.samples import BOB, CAROL, mail
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import HeaderMismatch, check, strict_reader
from webapp.mail.header_guard.octets import has_long_line
from webapp.mail.outgoing import build

MEANT = mail(reply_to=Mailbox("Help", "help@vestnik.test"), cc=(Mailbox("", CAROL),), html="<p>hi</p>")
GOOD = build(MEANT)


def _reason(raw: bytes, meant=MEANT) -> str:
    with pytest.raises(HeaderMismatch) as mismatch:
        check(raw, meant)
    return mismatch.value.reason


def test_the_bytes_of_the_mail_pass():
    check(GOOD, MEANT)
    check(build(mail()), mail())
    check(build(mail(to=())), mail(to=()))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Subject: ", b"Bcc: evil@e.test\r\nSubject: ", "header_names"),
        (b"Subject: ", b"To: evil@e.test\r\nSubject: ", "header_names"),
        (b"Subject: ", b"SUBJECT: twice\r\nSubject: ", "header_names"),
        (b"Subject: Ticket 12\r\n", b"", "header_names"),
        (b"Subject: ", b"not a header\r\nSubject: ", "header_line"),
        (b"Subject: ", b" \r\nSubject: ", "header_line"),
        (b"Subject: ", b"X A: b\r\nSubject: ", "header_line"),
        (b"Subject: ", b"Subject: a\nBcc: e@e.test", "bare_line_end"),
        (b"Subject: ", b"Subject: a\rBcc: e@e.test", "bare_line_end"),
        (b"Ticket 12", b"Ticket\0", "nul"),
        (b"Ticket 12", b"x" * 1000, "long_line"),
        (b"Ticket 12", b"A =?UTF-8?Q?=0A?=Bcc: evil@e.test", "header_value"),
        (b"Ticket 12", b"\xff\xfe", "unreadable"),
        (b"To: Bob <bob@x.test>", b"To: Bob <bob@x.test>, evil@e.test", "recipients"),
        (b"To: Bob <bob@x.test>", b"To: Bob <eve@x.test>", "recipients"),
        (b"Cc: carol@x.test", b"Cc: evil@e.test", "recipients"),
        (b"From: Service desk <desk@vestnik.test>", b"From: Service desk <evil@e.test>", "sender"),
        (b"Reply-To: Help <help@vestnik.test>", b"Reply-To: evil@e.test", "reply_to"),
        (b"Ticket 12", b"Ticket 13", "subject"),
        (b"12:00:00", b"12:00:01", "date"),
        (b"Cc: carol@x.test", b"Cc: <@y.test:carol@x.test>", "header_value"),
        (b"Bob <bob", b"Bob (Bob <bob", "recipients"),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.1", "header_value"),
        (b"1.abc@", b"2.abc@", "message_id"),
        (b"hello", b"hullo", "content"),
        (b"hello", "héllo".encode(), "eight_bit"),
        (b"<p>hi</p>\r\n\r\n--=_b1--\r\n", b"<p>hi</p>\r\n", "content"),
        (b"multipart/alternative", b"multipart/mixed", "parts"),
        (b"multipart/alternative", b"text/plain", "parts"),
        (b"\r\n--=_b1--", b"\r\n--=_b1\r\n\r\nmore\r\n--=_b1--", "parts"),
        (b"\r\n\r\n", b"\r\n", "header_line"),
    ],
)
def test_each_change_is_seen(old, new, reason):
    assert old in GOOD
    assert _reason(GOOD.replace(old, new, 1)) == reason


@given(st.lists(st.integers(0, 2100) | st.sampled_from([0, 1, 2, 996, 997, 998, 999, 1000]), max_size=9))
def test_a_line_of_more_than_998_octets_is_long_wherever_it_stands(lengths):
    octets = b"\r\n".join(b"x" * length for length in lengths)
    assert has_long_line(octets) == (max(lengths, default=0) > 998)
    assert has_long_line(octets + b"\r\n") == (max(lengths, default=0) > 998)


def test_a_mail_without_a_body_is_seen():
    assert _reason(GOOD.partition(b"\r\n\r\n")[0]) == "no_body"


def test_what_was_meant_must_be_there():
    assert _reason(GOOD, MEANT._replace(headers={"Auto-Submitted": "auto-generated"})) == "header_names"
    assert _reason(GOOD, MEANT._replace(html=None)) == "header_names"
    assert _reason(GOOD, MEANT._replace(to=(*MEANT.to, Mailbox("", "dave@x.test")))) == "recipients"


def test_what_the_standard_package_makes_of_a_tricky_title_does_not_pass():
    """On some versions this writes a real Bcc line; on all others the guard has nothing to find."""
    message = EmailMessage(policy=SMTP)
    title = "A =?UTF-8?Q?=0A?=Bcc: evil@e.test"
    try:
        message["Subject"] = title
        raw = message.as_bytes()
    except ValueError:
        return
    rest = build(mail()).partition(b"\r\n")[2].replace(b"Subject: Ticket 12\r\n", b"")
    assert _reason(raw.partition(b"\r\n\r\n")[0] + b"\r\nDate: x\r\n" + rest, mail())


def test_people_are_compared_by_name_too():
    assert _reason(GOOD, MEANT._replace(to=(Mailbox("Robert", BOB),))) == "recipients"
    assert _reason(GOOD, MEANT._replace(sender=Mailbox("Robert", "desk@vestnik.test"))) == "sender"


def test_the_standard_package_passes_where_it_says_the_same():
    """The judge knows other ways to write the same mail: another order, other names of parts, other lines."""
    raw = oracle.build(MEANT)
    assert not strict_reader.reads_as(raw, MEANT)
    check(raw, MEANT)
