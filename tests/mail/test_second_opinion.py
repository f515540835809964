"""Each generated mail, built by us and by the standard package, is read the same by the standard parser."""

from dataclasses import replace

import pytest
from hypothesis import given

from tests.mail import oracle
from tests.mail.mails import examples, mails
from tests.mail.reading import Piece, read
from tests.mail.samples import mail
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import check, strict_reader
from webapp.mail.outgoing import Attachment, InlineImage, Mail, build


@given(mails())
@examples(40)
def test_a_mail_of_any_shape_is_read_as_it_was_meant(meant):
    raw = build(meant)
    check(raw, meant)
    found = read(raw)

    assert found.headers["subject"] == [meant.subject]
    assert found.headers["x-remark"] == [meant.headers["X-Remark"]]
    assert found.people == _people(meant)
    assert "bcc" not in found.headers | found.people
    files = (*meant.inline_images, *meant.attachments)
    assert [each.file_name for each in found.pieces if each.disposition] == [each.file_name for each in files]
    assert build(meant) == raw


@given(mails())
@examples(40)
def test_every_line_travels_over_a_seven_bit_road(meant):
    raw = build(meant)
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    inside = [len(line) for part in meant.attachments for line in part.content.split(b"\n")]
    assert max(map(len, raw.split(b"\r\n"))) <= max(
        [200, *(length + 1 for length in inside if length <= 998)]
    )


@given(mails())
@examples(40)
def test_the_standard_package_says_the_same(meant):
    meant = _bearable(meant)
    assert read(build(meant)) == read(oracle.build(meant))


def _bearable(meant: Mail) -> Mail:
    """The mail without what the package itself writes or reads wrongly on some versions of Python.

    It takes what looks like an encoded word for one, and moves spaces; mails inside it does not encode.
    """
    return meant._replace(
        sender=_named_bearably(meant.sender),
        reply_to=_named_bearably(meant.reply_to) if meant.reply_to else None,
        to=tuple(map(_named_bearably, meant.to)),
        cc=tuple(map(_named_bearably, meant.cc)),
        subject=_bearable_text(meant.subject),
        headers={name: _bearable_text(value) for name, value in meant.headers.items()},
        inline_images=tuple(replace(each, name=_bearable_text(each.name)) for each in meant.inline_images),
        attachments=tuple(
            replace(each, name=_bearable_text(each.name)) for each in meant.attachments if not _is_mail(each)
        ),
    )


def _named_bearably(mailbox: Mailbox) -> Mailbox:
    return mailbox._replace(name=_bearable_text(mailbox.name))


def _bearable_text(text: str) -> str:
    return " ".join(text.replace("=?", "=").replace("?=", "=").split())


def _is_mail(attachment: Attachment) -> bool:
    return attachment.media_type == "message/rfc822"


@given(mails())
@examples(40)
def test_the_strict_reader_knows_every_shape_that_is_not_a_rarity(meant):
    is_rare = any(not text for text in (meant.subject, *meant.headers.values()))
    assert is_rare or any(map(_is_mail, meant.attachments)) or strict_reader.reads_as(build(meant), meant)


@pytest.mark.parametrize(
    "name",
    ["Bob", 'Bob "the" Builder', "Боб, Строитель", "鲍勃", "بوب", "\\", "a@evil.test,", "w" * 90, "é" * 90],
)
def test_names_are_the_same_in_both(name):
    """The same by hand, so that the generated comparison cannot excuse everything."""
    meant = mail(subject=name, to=(Mailbox(name, "bob@x.test"),))
    assert read(build(meant)).headers == read(oracle.build(meant)).headers
    assert read(build(meant)).people == read(oracle.build(meant)).people


@pytest.mark.parametrize("piece", ["plain words of a letter\n", "и русские слова\n", "x", "From \n"])
def test_a_megabyte_is_the_same_in_both(piece):
    megabyte = piece * (1_000_000 // len(piece.encode()))
    meant = mail(text=megabyte, html=megabyte, attachments=(Attachment("a.txt", megabyte.encode()),))
    raw = build(meant)
    check(raw, meant)
    assert read(raw).pieces == read(oracle.build(meant)).pieces


def test_the_pieces_of_a_mail_with_everything_stand_in_the_usual_order():
    picture = InlineImage("logo.png", b"\x89PNG", "image/png", content_id="logo@vestnik.test")
    meant = mail(html="<img src='cid:logo@vestnik.test'>", inline_images=(picture,), attachments=(FILE,))
    assert [each.media_type for each in read(build(meant)).pieces] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert read(build(meant)).pieces == read(oracle.build(meant)).pieces
    assert read(build(meant)).pieces[-1] == Piece(
        "application/pdf", None, None, "attachment", "отчёт.pdf", None, b"%PDF"
    )


FILE = Attachment("отчёт.pdf", b"%PDF", "application/pdf")


def _people(meant: Mail) -> dict[str, list[tuple[str, str]]]:
    shown = {
        "from": [meant.sender],
        "reply-to": [meant.reply_to] if meant.reply_to else [],
        "to": meant.to,
        "cc": meant.cc,
    }
    people = {
        name: [("".join(each.name.split()), each.address) for each in mailboxes]
        for name, mailboxes in shown.items()
        if mailboxes
    }
    return people if meant.to or meant.cc else people | {"to": []}
