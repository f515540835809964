"""Mails in other character sets than UTF-8: read back by the guard and by the standard parser."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.mails import examples, mails
from tests.mail.samples import ALICE, mail
from webapp.mail.address import Mailbox
from webapp.mail.charsets import CHARSETS, fitting
from webapp.mail.header_guard import HeaderMismatch, check
from webapp.mail.header_text import HeaderRefused
from webapp.mail.outgoing import build

pytestmark = pytest.mark.pure
ANY_CHARSET = pytest.mark.parametrize("charset", CHARSETS)
LONG = "Принтер на втором этаже не печатает уже вторую неделю подряд, хотя бумага есть"


def made(charset: str, **values: object) -> tuple[bytes, object]:
    """A mail in Russian in the character set, and what the standard parser reads."""
    wanted = mail(
        charset=charset,
        **{
            "subject": LONG,
            "sender": Mailbox("Служба поддержки", "desk@vestnik.test"),
            "to": (Mailbox("Алиса", ALICE),),
            "text": "Привет.\n",
            "html": "<p>Привет.</p>\n",
        }
        | values,
    )
    raw = build(wanted)
    check(raw, wanted)
    return raw, message_from_bytes(raw, policy=default)


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "iso-8859-5"])
def test_russian_is_written_in_the_charset_and_read_as_it_was_meant(charset):
    raw, parsed = made(charset)
    assert f"Subject: =?{charset}?b?".encode() in raw
    assert b"utf-8" not in raw
    assert str(parsed["Subject"]) == LONG
    assert parsed["From"].addresses[0].display_name == "Служба поддержки"
    assert parsed["To"].addresses[0].display_name == "Алиса"
    for kind in ("plain", "html"):
        part = parsed.get_body((kind,))
        assert part.get_content_charset() == charset
        assert "Привет." in part.get_content()


@pytest.mark.parametrize("charset", ["koi8-r", "iso-8859-1"])
def test_what_the_charset_lacks_goes_out_as_utf_8_and_nothing_else_does(charset):
    _raw, parsed = made(charset, subject="Заявка № 5 → «Принтер»", text="Plain words.\n", html="<p>€ 5</p>\n")
    assert str(parsed["Subject"]) == "Заявка № 5 → «Принтер»"
    assert parsed.get_body(("html",)).get_content_charset() == "utf-8"
    assert parsed.get_body(("html",)).get_content().strip() == "<p>€ 5</p>"
    assert parsed.get_body(("plain",)).get_content_charset() == charset


@ANY_CHARSET
def test_no_line_of_the_head_is_too_long_for_an_encoded_word(charset):
    raw, _parsed = made(charset, subject=LONG * 3)
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, lines)) <= 78


@ANY_CHARSET
def test_the_guard_sees_another_text_in_any_charset(charset):
    wanted = mail(charset=charset, text="Привет, Алиса\n")
    with pytest.raises(HeaderMismatch):
        check(build(wanted), wanted._replace(text="Привет, Боб\n"))


@given(mails(), st.sampled_from(sorted(CHARSETS)))
@examples(80)
def test_any_mail_in_any_charset_says_what_was_meant_or_is_refused(wanted, charset):
    wanted = wanted._replace(charset=charset)
    try:
        raw = build(wanted)
    except HeaderRefused:
        return
    try:
        check(raw, wanted)
    except HeaderMismatch:
        # Held for a person: what the standard parser reads otherwise in UTF-8 too.
        plain = wanted._replace(charset="utf-8")
        with pytest.raises(HeaderMismatch):
            check(build(plain), plain)


@ANY_CHARSET
def test_ascii_is_the_same_octets_in_all_of_them(charset):
    letters = "".join(map(chr, range(0x80)))
    assert fitting(letters, charset) == charset
    assert letters.encode(charset) == letters.encode("ascii")
