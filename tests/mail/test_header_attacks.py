"""Every known trick with headers, put into every text of a mail, over the wire to a real server."""

import contextlib
import json
from pathlib import Path

import pytest

from tests.mail.conftest import LOOPBACK, QUICK
from tests.mail.samples import BOB, envelope, mail, send, yes
from tests.support.smtp_sink import SmtpSink
from webapp.mail.address import InvalidAddress, Mailbox, is_wire_safe, parse_address
from webapp.mail.header_guard import HeaderMismatch, check
from webapp.mail.header_text import HeaderRefused, clean_line
from webapp.mail.outgoing import Mail, build
from webapp.mail.transports.base import Verdict
from webapp.mail.transports.smtp import Encryption, SmtpSettings, SmtpTransport

CORPUS = Path(__file__).parent.parent / "attacks" / "headers.jsonl"
HEADERS = ["date", "from", "to", "subject", "message-id", "mime-version", "content-type"]
LONG = 10_000


def _text(written: str) -> str:
    """An input that starts with ``py:`` is an expression of the project's own corpus."""
    if not written.startswith("py:"):
        return written
    return eval(written.removeprefix("py:"), {"__builtins__": {"chr": chr}})


ATTACKS = {case["id"]: _text(case["input"]) for case in map(json.loads, CORPUS.read_text().splitlines())}
SHORT = {name: text for name, text in ATTACKS.items() if len(text) < LONG}
PLACES = {
    "subject": lambda text: mail(subject=text),
    "sender": lambda text: mail(sender=Mailbox(text, "desk@vestnik.test")),
    "recipient": lambda text: mail(to=(Mailbox(text, BOB),)),
    "remark": lambda text: mail(headers={"X-Remark": text}),
    "body": lambda text: mail(text=text),
    "html": lambda text: mail(html=text),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ATTACKS)
def test_a_mail_says_what_was_meant_or_is_refused(place, name):
    text = ATTACKS[name]
    meant = PLACES[place](text)
    if place in {"body", "html"} or (len(text) <= 8000 and text.isprintable()):
        check(build(meant), meant)
    else:
        _built_right_or_refused(meant)


def _built_right_or_refused(meant: Mail) -> None:
    with contextlib.suppress(HeaderRefused):
        check(build(meant), meant)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SHORT)
def test_cleaned_text_reaches_one_recipient_with_one_of_each_header(served, place, name):
    text = SHORT[name]
    sink, transport = served
    meant = PLACES[place](text if place in {"body", "html"} else clean_line(text))
    raw = build(meant)
    check(raw, meant)

    assert send(transport, envelope(BOB), raw, yes)[BOB].verdict is Verdict.SENT
    taken = sink.ledger[-1]
    assert (taken.recipients, taken.raw, taken.bare_line_ends) == ((BOB,), raw, 0)
    assert sorted(_header_names(taken.raw)) == sorted(_expected_names(meant))


def _header_names(raw: bytes) -> list[str]:
    head = raw.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0].lower() for line in head.split("\r\n") if not line.startswith(" ")]


def _expected_names(meant: Mail) -> list[str]:
    return [*HEADERS, *map(str.lower, meant.headers), *([] if meant.html else ["content-transfer-encoding"])]


@pytest.fixture(scope="module")
def served():
    """One server and one session for the whole corpus."""
    with SmtpSink() as sink:
        settings = SmtpSettings("localhost", sink.port, Encryption.NONE, timeouts=QUICK)
        transport = SmtpTransport(settings, LOOPBACK)
        yield sink, transport
        transport.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_address_field_takes_one_address_or_nothing(name):
    try:
        address = parse_address(ATTACKS[name])
    except InvalidAddress:
        return
    assert name in {"H29", "H30", "H35"}
    check(build(mail(to=(Mailbox("", address),))), mail(to=(Mailbox("", address),)))


@pytest.mark.parametrize("name", ["H20", "H21", "H22", "H23", "H28", "H41"])
def test_nothing_but_an_address_is_written_where_an_address_stands(name):
    """Past all forms: a text that came from elsewhere, in a header and in the envelope."""
    assert not is_wire_safe(ATTACKS[name])
    for people in ({"sender": Mailbox("", ATTACKS[name])}, {"to": (Mailbox("", ATTACKS[name]),)}):
        with pytest.raises(HeaderRefused):
            build(mail(**people))


@pytest.mark.parametrize("name", ["H37", "H38", "H39"])
def test_a_header_of_ones_own_cannot_smuggle_another(name):
    header, _, value = ATTACKS[name].rpartition(": ") if name == "H37" else ATTACKS[name].partition(": ")
    with pytest.raises(HeaderRefused):
        build(mail(headers={header: value}))


@pytest.mark.parametrize("name", ["H12", "H13"])
def test_a_title_that_readers_choke_on_is_refused_before_it_is_read(name):
    with pytest.raises(HeaderRefused, match="too_long"):
        build(mail(subject=ATTACKS[name]))


@pytest.mark.parametrize("name", ["B09-lf", "B09-cr", "B09-both"])
def test_raw_bytes_with_other_line_ends_never_leave(name):
    """B09: a mail that was not built here, with line ends that servers read in different ways."""
    end = {"B09-lf": b"\n", "B09-cr": b"\r", "B09-both": b"\n\r"}[name]
    with pytest.raises(HeaderMismatch, match="bare_line_end"):
        check(build(mail()).replace(b"\r\n", end), mail())


def test_an_encoded_word_typed_by_a_person_is_read_as_typed():
    raw = build(mail(subject=ATTACKS["H04"], to=(Mailbox(ATTACKS["H15"], BOB),)))
    assert b"=?UTF-8?Q?" not in raw
    check(raw, mail(subject=ATTACKS["H04"], to=(Mailbox(ATTACKS["H15"], BOB),)))
