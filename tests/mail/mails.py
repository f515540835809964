"""Mails of every shape, generated: people, titles, bodies, pictures, calendars and files of all sorts."""

import os

from hypothesis import settings
from hypothesis import strategies as st

from tests.mail.samples import mail
from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Attachment, InlineImage, Invitation

#: Some seconds in the usual run; ATTACKS=all takes minutes.
MANY = 50 if os.environ.get("ATTACKS") == "all" else 1


def examples(number: int) -> settings:
    return settings(max_examples=number * MANY, deadline=None, report_multiple_bugs=False)


UNSAFE = {"exclude_categories": ["Cs", "Cc", "Zl", "Zp"]}
WORDS = [
    "Принтер не печатает", "The printer", "打印机不工作", "😀👩‍👩‍👧", "مرحبا بالعالم", "שלום", "é", "\u00a0",
    " ", '"', "\\", "=?utf-8?q?a?=", "=?UTF-8?Q?=0A?=Bcc: evil@e.test", "?=", "=?", "<evil@e.test>", ",",
    ";", "@", "(a)", "w" * 90, "ж" * 90,
]  # fmt: skip
ONE_LINE = st.one_of(
    st.text(st.characters(**UNSAFE), max_size=200),
    st.text(st.sampled_from('ab "\\<>@,;:()[]=?_.яЖ€😀'), max_size=120),
    st.text(st.sampled_from("abcdefgh "), max_size=400),
    st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
)
NAME = ONE_LINE.map(str.strip)
LINES = [
    "", ".", "..", ".hidden", "From nobody", "--", "--part-1", "ends in space ", "tab\t", "é", "Привет",
    "x" * 1200, "ж" * 700, "=20", "=", "lone\rreturn", "bell\x07", "\x0b\x0c", "<p>a</p>", "--part-1--",
    "\u2028", "Bcc: evil@e.test",
]  # fmt: skip
BODY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    st.text(st.sampled_from("ab .-=\r\n\tFrom яЖ€"), max_size=400),
    st.text(st.sampled_from("abcd €\n."), max_size=900),
    st.lists(st.sampled_from(LINES), max_size=8).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
    ),
)
LOCAL = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,40}(\.[a-z0-9]{1,9})?", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z0-9]{1,30}\.test", fullmatch=True)
ADDRESS = st.builds("{}@{}".format, LOCAL.filter(lambda local: "=?" not in local), DOMAIN)
MAILBOX = st.builds(Mailbox, NAME, ADDRESS)

NAMES_OF_FILES = [
    "report.pdf", "отчёт за ноябрь.pdf", "报告.docx", "a/b/c.txt", "..\\..\\boot.ini", "x" * 300 + ".pdf", "",
    "   ", "CON", "ж" * 300 + ".tar.gz", 'say "hi".txt', "100%.txt", "it's.txt", "=?utf-8?q?a?=.txt",
    "inv\u202efdp.exe", "a\0.exe.pdf", "a\r\nBcc: evil@e.test.pdf", "semi;colon=.txt", "😀.png", "\ud800.txt",
    "no ending.",
]  # fmt: skip
FILE_NAME = ONE_LINE | st.sampled_from(NAMES_OF_FILES)
MEDIA_TYPE = st.sampled_from([
    "application/pdf", "text/plain", "text/html", "image/svg+xml", "application/octet-stream", "Image/PNG",
    "multipart/mixed", "message/partial", "text/html\r\nBcc: evil@e.test", "", "nonsense",
    "text/plain; charset=utf-8",
])  # fmt: skip
BYTES = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"", b"--part-1\r\n", b"\r\n.\r\n", bytes(range(256)), b"a" * 20_000]),
)
FILE = st.builds(Attachment, FILE_NAME, BYTES, MEDIA_TYPE)
MAILS_INSIDE = [
    b"Subject: plain\nFrom: a@x.test\n\nhello\n.\nFrom here\n",
    b"Subject: crlf\r\n\r\n",
    b"Subject: no end",
    (
        b"Subject: eight\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: 8bit\n\n\xc3\xa9 \xd0\x96\n"
    ),
    b"Subject: latin\nContent-Type: text/plain; charset=iso-8859-1\n\n\xe9t\xe9\n",
    b"Subject: undeclared\n\n\xff\xfe\n",
    b"Subject: long\n\n" + b"x" * 5000 + b"\n",
    (
        b'Content-Type: multipart/mixed; boundary="part-1"\n\n--part-1\n\none\n'
        b"--part-1\nContent-Type: text/html\n\n\xe9\n--part-1--\n"
    ),
    b"Subject: \xd0\x96 in the head\n\nbody\n",
    b"not a mail at all",
    b"",
    b"\x00\x01\x02: \x00",
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nnever ended \xe9\n',
    b"Content-Type: message/rfc822\n\nSubject: inside\nContent-Type: text/plain; charset=utf-8\n\n\xc3\xa9\n",
    b"Content-Type: text/plain" + b"; a=b" * 3000 + b"\n\n\xe9\n",
    b"Subject: folded\n and \xe9 folded\n\nx\n",
    b"Subject: with\rreturn\n\nx\ry\n",
]
ATTACHED_MAIL = st.builds(Attachment, FILE_NAME, st.sampled_from(MAILS_INSIDE), st.just("message/rfc822"))
IMAGES = st.lists(
    st.tuples(FILE_NAME, BYTES, st.sampled_from(["image/png", "image/gif"])), min_size=1, max_size=2
).map(
    lambda many: tuple(
        InlineImage(*one, content_id=f"picture.{number}@vestnik.test") for number, one in enumerate(many)
    )
)


def calendar(summary: str, method: str = "REQUEST") -> str:
    """Lines as a library of calendars folds them."""
    text = summary.replace("\r", " ").replace("\n", " ")
    folded = "\r\n ".join(text[start : start + 30] for start in range(0, len(text), 30))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"SUMMARY:{folded}",
        "END:VEVENT",
    ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


INVITATION = st.builds(
    lambda summary, method: Invitation(calendar(summary, method), method),
    ONE_LINE,
    st.sampled_from(["REQUEST", "CANCEL"]),
)


@st.composite
def mails(draw):
    """Any mail: headers and content drawn apart, so that each shape meets each kind of header."""
    html = draw(st.none() | BODY)
    return mail(
        sender=draw(MAILBOX),
        reply_to=draw(st.none() | MAILBOX),
        to=draw(st.lists(MAILBOX, max_size=4).map(tuple)),
        cc=draw(st.lists(MAILBOX, max_size=2).map(tuple)),
        subject=draw(ONE_LINE),
        headers={"X-Remark": draw(ONE_LINE)},
        boundary=draw(st.sampled_from(["part-1", "=_b1", "p" * 70, "-", "a"])),
        text=draw(st.none() | BODY),
        html=html,
        inline_images=draw(st.just(()) | IMAGES) if html is not None else (),
        invitation=draw(st.none() | INVITATION),
        attachments=draw(st.just(()) | st.lists(FILE | ATTACHED_MAIL, max_size=3).map(tuple)),
    )
