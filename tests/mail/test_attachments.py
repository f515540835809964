"""Files, pictures and mails inside a mail: their names, types and octets arrive, and nothing else does."""

import json
from email import message_from_bytes
from email.policy import compat32, default
from pathlib import Path

import pytest

from tests.mail.mails import MAILS_INSIDE
from tests.mail.reading import inside, read
from tests.mail.samples import mail
from webapp.mail.header_guard import HeaderMismatch, check
from webapp.mail.header_text import HeaderRefused
from webapp.mail.outgoing import Attachment, InlineImage, build
from webapp.mail.outgoing.attached_mail import seven_bit_mail

CORPUS = Path(__file__).parent / "attachment_attacks.jsonl"
ATTACKS = {case["id"]: case for case in map(json.loads, CORPUS.read_text().splitlines())}

WITH_FILES = """\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_b1"

--=_b1
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit

hello

--=_b1
Content-Type: application/pdf;
 name="file.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment;
 filename*0*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82%20%D0%B7%D0%B0;
 filename*1*=%20%D0%B3%D0%BE%D0%B4.pdf

JVBERg==

--=_b1
Content-Type: text/plain;
 name="notes 1.txt"
Content-Transfer-Encoding: base64
Content-Disposition: attachment;
 filename="notes 1.txt"


--=_b1--
"""


def _sent(*attachments: Attachment, **more) -> bytes:
    meant = mail(attachments=attachments, **more)
    raw = build(meant)
    check(raw, meant)
    assert build(meant) == raw
    return raw


def test_files_stand_behind_the_text():
    files = (
        Attachment("отчёт за год.pdf", b"%PDF", "application/pdf"),
        Attachment("notes 1.txt", b"", "text/plain"),
    )
    written = _sent(*files).decode().replace("\r\n", "\n")
    assert written.endswith(WITH_FILES)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_file_cannot_say_more_than_its_name_and_type(name):
    case = ATTACKS[name]
    raw = _sent(Attachment(case["name"], b"\0\xff", case["type"]))
    head = [line.partition(b":")[0].lower() for line in raw.split(b"\r\n") if line[:1] not in {b" ", b""}]
    file = read(raw).pieces[-1]

    assert (file.file_name, file.media_type, file.content) == (
        case["sent_name"],
        case["sent_type"],
        b"\0\xff",
    )
    assert head.count(b"content-disposition") == 1
    assert b"bcc" not in head


@pytest.mark.parametrize("name", ["отчёт.pdf", "报告" * 40 + ".pdf", "é" * 200 + ".tar.gz", "x" * 300])
def test_old_mail_programs_see_a_name_in_ascii(name):
    parsed = message_from_bytes(_sent(Attachment(name, b"x")), policy=compat32)
    file = parsed.get_payload()[-1]
    assert file.get_param("name").isascii()
    assert file.get_param("name").rpartition(".")[2] == name.rpartition(".")[2][:60]
    assert len(file.get_param("name")) <= 60


def test_a_long_name_keeps_its_ending():
    name = Attachment("ж" * 300 + ".pdf", b"").file_name
    assert name.endswith("ж.pdf")
    assert len(name.encode()) <= 150


@pytest.mark.parametrize("boundary", ["=_b1", "part-1", "a", "-", "p" * 70])
def test_content_that_holds_the_boundary_gets_another_one(boundary):
    hostile = f"\r\n--{boundary}\r\nContent-Type: text/html\r\n\r\nevil\r\n--{boundary}--\r\n".encode()
    file = Attachment("x.eml", b"Subject: x\r\n" + hostile, "message/rfc822")
    raw = _sent(file, boundary=boundary, html="<p>")
    assert [piece.media_type for piece in read(raw).pieces] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "message/rfc822",
    ]


def test_content_that_foresees_the_other_boundary_gets_a_third():
    first = Attachment("x.eml", b"Subject: x\r\n\r\n--=_b1", "message/rfc822")
    second = message_from_bytes(_sent(first), policy=default).get_boundary()
    assert second != "=_b1"
    foreseen = Attachment("x.eml", b"Subject: x\r\n\r\n--=_b1\r\n--" + second.encode(), "message/rfc822")
    assert message_from_bytes(_sent(foreseen), policy=default).get_boundary() not in {"=_b1", second}


@pytest.mark.parametrize("boundary", ["", 'b"', "a b", "=?utf-8?q?a?=", "x" * 71])
def test_a_boundary_that_cannot_be_written_is_refused(boundary):
    with pytest.raises(HeaderRefused, match="bad_boundary"):
        build(mail(html="x", boundary=boundary))


@pytest.mark.parametrize(
    "content_id", ["", "logo", "a@x.test>\r\nBcc: e@e.test", "a b@x.test", "=?utf-8?q?a?=@x"]
)
def test_a_picture_needs_an_id_that_can_be_written(content_id):
    with pytest.raises(HeaderRefused, match="bad_content_id"):
        build(mail(html="x", inline_images=(InlineImage("a.png", b"", "image/png", content_id),)))


def test_two_pictures_do_not_share_an_id():
    picture = InlineImage("a.png", b"", "image/png", "a@x.test")
    with pytest.raises(HeaderRefused, match="bad_content_id"):
        build(mail(html="x", inline_images=(picture, picture)))


def test_a_picture_needs_html_that_shows_it():
    with pytest.raises(HeaderRefused, match="no_html"):
        build(mail(inline_images=(InlineImage("a.png", b"", "image/png", "a@x.test"),)))


@pytest.mark.parametrize("number", range(len(MAILS_INSIDE)))
def test_a_mail_inside_a_mail_arrives_readable_or_as_a_file(number):
    content = MAILS_INSIDE[number]
    part = message_from_bytes(_sent(Attachment("m.eml", content, "message/rfc822")), policy=default)
    *_, attached = part.iter_parts()
    if attached.get_content_type() == "application/octet-stream":
        assert attached.get_content() == content
    else:
        assert attached["Content-Transfer-Encoding"] == "7bit"
        assert inside(attached.get_payload()[0]) == inside(message_from_bytes(content, policy=default))


@pytest.mark.parametrize("header", [b"To: " + b"(" * 9000, b"Subject: x\n" + b"To: a@b, a@b\n" * 9000])
def test_a_mail_inside_that_readers_choke_on_is_a_file(header):
    assert seven_bit_mail(header + b"\n\nhello\n") is None


def test_most_mails_inside_are_sent_as_mails():
    as_mails = [number for number, content in enumerate(MAILS_INSIDE) if seven_bit_mail(content) is not None]
    assert as_mails == [0, 1, 2, 3, 4, 5, 6, 7, 13, 16]


def test_a_mail_inside_that_was_changed_does_not_pass():
    meant = mail(attachments=(Attachment("m.eml", MAILS_INSIDE[3], "message/rfc822"),))
    raw = build(meant)
    for old, new in ((b"Subject: eight", b"Subject: other"), (b"w6kg0JYNCg==", b"w6kg0JcNCg==")):
        assert old in raw
        with pytest.raises(HeaderMismatch):
            check(raw.replace(old, new), meant)
