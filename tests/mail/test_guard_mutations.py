"""Whatever is done to the bytes of a mail, the guard passes only what is read as it was meant."""

import os
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.mail.mails import MAILS_INSIDE, calendar, examples, mails
from tests.mail.reading import read
from tests.mail.samples import mail
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import HeaderMismatch, check, strict_reader
from webapp.mail.header_guard.octets import check_octets
from webapp.mail.outgoing import Attachment, InlineImage, Invitation, build

LOGO = InlineImage("logo.png", b"\x89PNG\r\n", "image/png", content_id="logo@vestnik.test")
FULL = mail(
    sender=Mailbox("Служба", "desk@vestnik.test"),
    reply_to=Mailbox("Help", "help@vestnik.test"),
    to=(Mailbox('Bob "B"', "bob@x.test"), Mailbox("", "carol@x.test")),
    subject="Принтер не печатает",
    text="hello\n",
    html="<p>как дела</p>\n",
    headers={"Auto-Submitted": "auto-generated"},
    invitation=Invitation(calendar("Meeting")),
    inline_images=(LOGO,),
    attachments=(
        Attachment("отчёт.txt", b"some bytes"),
        Attachment("m.eml", MAILS_INSIDE[0], "message/rfc822"),
    ),
)
SHAPES = {
    "text": mail(subject="Привет", reply_to=Mailbox("Help", "help@vestnik.test")),
    "both": mail(text="привет\n", html="<p>hello</p>\n"),
    "all": FULL,
}
#: The shapes of nearly all mails: text and HTML in base64, in quoted-printable, as they are.
USUAL = {
    "base64": mail(
        subject="Принтер не печатает, а монитор мерцает",
        to=(Mailbox("Иван", "ivan@x.test"),),
        text="Принтер не печатает\n-- \nСлужба\n",
        html="<p>Принтер не печатает</p>\n" * 2,
        headers={"Auto-Submitted": "auto-generated", "References": "<record.1@vestnik.test>"},
    ),
    "quoted": mail(
        text="A café \nin a line that is too long to be written as it is, and so it is cut with a sign.\n",
        html='<p class="a">\tcafé\t\n</p>\n',
        cc=(Mailbox("Carol, C", "carol@x.test"),),
    ),
    "plain": mail(to=(), html="<p>hello</p>\n"),
}
REPLACED = [bytes([octet]) for octet in b'\0\t\n\r "(,-.0:;<=>?@A\x7f\xff'] + [
    b"=0A",
    b"=\n",
    b"\r\n ",
    b" \r\n",
]
#: With ATTACKS=all every place is tried, otherwise one in so many.
STEP = 1 if os.environ.get("ATTACKS") == "all" else 53
INSERTED = [
    b"\r", b"\n", b"\0", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\r\n ", b"\r\nBcc: evil@e.test",
    b"\r\nTo: evil@e.test\r\n",
    b", evil@e.test", b"\r\nContent-Type: text/html\r\n\r\n", b"=?utf-8?b?Cg==?=", b"\r\n--=_b1.0",
    b"\r\n--=_b1--\r\n",
    b"=\r\n", b"=0A", b"\xff", b"x" * 999, b"(", b"<", b'"', b"\\", b";", b"\r\n.\r\n", b"--",
]  # fmt: skip


def _passes(raw: bytes, meant) -> bool:
    try:
        check(raw, meant)
    except HeaderMismatch:
        return False
    return True


def _passes_the_strict_reader(raw: bytes, meant) -> bool:
    """Alone, without the judge: what it takes must have lines that no server reads in two ways."""
    passes = strict_reader.reads_as(raw, meant)
    if passes:
        check_octets(raw)
    return passes


@pytest.mark.parametrize("shape", SHAPES)
def test_the_strict_reader_needs_no_help_with_the_usual_shapes(shape):
    assert _passes_the_strict_reader(build(SHAPES[shape]), SHAPES[shape])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mail_that_was_cut_off_anywhere_is_refused(shape):
    meant = SHAPES[shape]
    raw = build(meant)
    passed = [length for length in range(0, len(raw), STEP) if _passes(raw[:length], meant)]
    assert passed == []
    assert not any(_passes(raw[:-length], meant) for length in range(1, 20))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mail_that_lost_a_line_is_refused(shape):
    meant = SHAPES[shape]
    lines = build(meant).split(b"\r\n")
    for place, line in enumerate(lines):
        short = b"\r\n".join(lines[:place] + lines[place + 1 :])
        assert not _passes(short, meant) or read(short) == read(build(meant)), line


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mail_with_a_line_twice_is_refused(shape):
    meant = SHAPES[shape]
    lines = build(meant).split(b"\r\n")
    for place, line in enumerate(lines):
        doubled = b"\r\n".join(lines[: place + 1] + lines[place:])
        assert not _passes(doubled, meant) or read(doubled) == read(build(meant)), line


@pytest.mark.parametrize("inserted", INSERTED)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_put_in_anywhere_is_refused_or_changes_nothing(shape, inserted):
    meant = SHAPES[shape]
    raw = build(meant)
    told = read(raw)
    for place in range(len(inserted) % STEP, len(raw), STEP):
        changed = raw[:place] + inserted + raw[place:]
        if _passes(changed, meant):
            assert read(changed) == told, changed[max(0, place - 60) : place + 60]


@pytest.mark.parametrize("found", re.findall(rb"[\w.]+@[\w.]+", build(FULL)))
def test_an_address_of_somebody_else_is_refused(found):
    for other in (b"evil@e.test", found.replace(b"@", b".@"), found[1:], found + b"x", b"x" + found):
        assert not _passes(build(FULL).replace(found, other, 1), FULL)


@given(mails(), st.data())
@examples(40)
def test_generated_changes_are_refused_or_change_nothing(meant, data):
    raw = build(meant)
    assume(len(raw) < 6000)
    start = data.draw(st.integers(0, len(raw)))
    end = min(len(raw), start + data.draw(st.integers(0, 4)))
    put = data.draw(
        st.sampled_from([*INSERTED, b""]) | st.sampled_from(raw.split(b"\r\n")) | st.binary(max_size=4)
    )
    changed = raw[:start] + put + raw[end:]
    if _passes(changed, meant):
        assert read(changed) == read(raw)


@given(mails(), mails())
@examples(40)
def test_a_mail_passes_for_no_other(one, other):
    raw = build(one)
    if _passes(raw, other):
        assert read(raw) == read(build(other))


@pytest.mark.parametrize("shape", USUAL)
def test_of_a_usual_mail_the_strict_reader_takes_no_octet_for_another(shape):
    """Every place, each octet put there or in its stead, or taken away."""
    meant = USUAL[shape]
    raw = build(meant)
    told = read(raw)
    assert _passes_the_strict_reader(raw, meant)
    for place in range(len(raw)):
        rest = raw[place + 1 :]
        for put in [b"", *REPLACED, *(octet + raw[place : place + 1] for octet in REPLACED)]:
            changed = raw[:place] + put + rest
            if changed != raw and _passes_the_strict_reader(changed, meant):
                assert read(changed) == told, changed[max(0, place - 60) : place + 60]


@given(mails(), st.data())
@examples(40)
def test_the_strict_reader_takes_nothing_that_the_standard_parser_reads_otherwise(meant, data):
    """One octet changed, taken away or put in, most of all in the headers."""
    raw = build(meant)
    end = raw.index(b"\r\n\r\n") if data.draw(st.booleans()) else len(raw)
    place = data.draw(st.integers(0, end - 1))
    put = data.draw(st.sampled_from([bytes([octet]) for octet in range(0x20, 0x7F)] + [b"", *INSERTED]))
    changed = raw[:place] + put + raw[place + data.draw(st.integers(0, 1)) :]
    if _passes_the_strict_reader(changed, meant):
        assert read(changed) == read(raw)
