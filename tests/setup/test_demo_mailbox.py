"""The demo mailbox: a real mail server, and pages that show hostile mail without harm."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.support import people
from tests.support.pages import PageClient, SeparateClient
from webapp.app import create_app
from webapp.core.config import PROJECT_ROOT
from webapp.core.db import db
from webapp.demo import mailbox, mailbox_files, reading
from webapp.demo.mailbox import LOGIN, Mailbox
from webapp.demo.mailbox_files import Envelope
from webapp.launcher.browser import wait_until
from webapp.people.accounts.models import Account

MAIL = b"From: desk@example.com\r\nTo: alice@example.com\r\nSubject: Hello\r\n\r\nGood morning\r\n"
SERVE = "import sys, pathlib; from webapp.demo.mailbox_server import serve; serve(pathlib.Path(sys.argv[1]))"
HOSTILE = (
    "From: x <x@example.com>\r\nSubject: =?utf-8?q?=3Cscript=3Ealert=281=29=3C/script=3E?=\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
    "<html><head><title>t</title></head><body><script>document.cookie</script><p>Привет</p></body></html>\r\n"
    '--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="../../evil.html"\r\n\r\n'
    "<script>1</script>\r\n--b--\r\n"
).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with tempfile.TemporaryDirectory(prefix="vm-") as folder:
        instance = Path(folder)
        process = subprocess.Popen([sys.executable, "-c", SERVE, folder], cwd=PROJECT_ROOT)
        wait_until(mailbox.ca_file(instance).is_file, "the certificate", 15)
        opened = mailbox.open_in(instance)
        wait_until(lambda: _is_listening(opened), "the mail server", 15)
        yield opened
        process.terminate()
        assert process.wait(10) == 0


def _is_listening(box: Mailbox) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", box.port, timeout=2):
            return True
    except OSError:
        return False


def signed_in(box: Mailbox) -> smtplib.SMTP:
    smtp = smtplib.SMTP("127.0.0.1", box.port, timeout=5)
    smtp.starttls(context=ssl.create_default_context(cafile=str(box.ca_file)))
    smtp.login(LOGIN, box.password)
    return smtp


@pytest.mark.pure
def test_it_takes_mail_after_starttls_and_sign_in_and_keeps_it_byte_for_byte(server: Mailbox) -> None:
    with signed_in(server) as smtp:
        smtp.sendmail("desk@example.com", ["alice@example.com"], MAIL)
    stored = mailbox_files.read(server.mail_folder, mailbox_files.names(server.mail_folder)[0])
    assert stored is not None
    assert stored.content == MAIL
    assert stored.envelope.recipients == ["alice@example.com"]
    assert (stored.envelope.encryption, stored.envelope.login) == ("TLS", LOGIN)


@pytest.mark.pure
def test_without_tls_it_takes_nothing(server: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as smtp, pytest.raises(smtplib.SMTPException):
        smtp.sendmail("desk@example.com", ["alice@example.com"], MAIL)


@pytest.mark.pure
def test_without_sign_in_it_takes_nothing(server: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(server.ca_file)))
        with pytest.raises(smtplib.SMTPException):
            smtp.sendmail("desk@example.com", ["alice@example.com"], MAIL)


@pytest.mark.pure
def test_a_wrong_password_is_refused(server: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(server.ca_file)))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(LOGIN, "guess")


@pytest.mark.pure
def test_its_certificate_is_not_trusted_by_itself(server: Mailbox) -> None:
    with (
        smtplib.SMTP("127.0.0.1", server.port, timeout=5) as smtp,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        smtp.starttls(context=ssl.create_default_context())


@pytest.mark.pure
def test_it_keeps_the_newest_mails_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_files, "MOST_MAILS", 3)
    kept = [put(tmp_path, MAIL) for _ in range(5)]
    assert mailbox_files.names(tmp_path) == sorted(kept[2:], reverse=True)


@pytest.mark.pure
def test_a_taken_port_is_left_to_its_owner(tmp_path: Path) -> None:
    before = mailbox.open_in(tmp_path)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", before.port))
        stranger.listen()
        mailbox.move_if_port_is_taken(tmp_path)
    after = mailbox.open_in(tmp_path)
    assert after.port != before.port
    assert after.password == before.password


@pytest.mark.pure
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff", b"From: " + b"." * 5000 + b"\r\n\r\n", b"MIME-Version: 1.0\r\n" * 999]
)
def test_reading_never_fails(content: bytes) -> None:
    assert reading.read(content) is not None
    assert reading.read_headers(content) is not None


def put(folder: Path, content: bytes) -> str:
    moment = datetime.now(UTC).isoformat()
    return mailbox_files.keep(
        folder, content, Envelope("desk@example.com", ["alice@example.com"], moment, "TLS", LOGIN)
    )


@pytest.fixture(scope="module")
def demo_pages(database_app: tuple[Flask, object]) -> Flask:
    """The pages of the demo exist in demo mode only, so these tests have an application of their own."""
    app, _database = database_app
    made = create_app(replace(app.config["VESTNIK"], is_demo=True))
    made.test_client_class = SeparateClient
    return made


@pytest.fixture
def demo_app(app: Flask, demo_pages: Flask) -> Iterator[Flask]:
    """It looks at the empty database of a test, and forgets it afterwards."""
    yield demo_pages
    with demo_pages.app_context():
        db.engine.dispose()


@pytest.fixture
def inbox(app: Flask) -> Iterator[Path]:
    folder = mailbox.open_in(app.config["VESTNIK"].instance).mail_folder
    yield folder
    shutil.rmtree(folder.parent)


def browser_of(demo_app: Flask, account: Account) -> PageClient:
    browser = PageClient(demo_app, demo_app.test_client())
    browser.client.set_cookie(people.SESSION_COOKIE, people.make_session(account))
    return browser


def test_an_empty_mailbox_says_how_to_get_mail(demo_app: Flask, alice: Account, inbox: Path) -> None:
    assert browser_of(demo_app, alice).get("/demo/mailbox").find("h1")


def test_it_lists_mails_and_shows_one(demo_app: Flask, bob: Account, inbox: Path) -> None:
    name = put(inbox, MAIL)
    browser = browser_of(demo_app, bob)
    browser.get("/demo/mailbox")
    assert "Hello" in browser.text
    browser.get(f"/demo/mailbox/{name}")
    assert "Good morning" in browser.text


def test_html_of_unfinished_heads_is_shown_at_once(demo_app: Flask, bob: Account, inbox: Path) -> None:
    name = put(inbox, b"Content-Type: text/html\r\n\r\n" + b"<head " * 60_000)
    browser = browser_of(demo_app, bob)
    started = time.process_time()
    answer = browser.client.get(f"/demo/mailbox/{name}/html")
    assert (answer.status_code, time.process_time() - started < 1) == (200, True)


def test_links_of_a_mail_open_in_a_new_tab(demo_app: Flask, bob: Account, inbox: Path) -> None:
    name = put(inbox, b"Content-Type: text/html\r\n\r\n<header><HEAD lang='ru'><title>t</title>")
    browser = browser_of(demo_app, bob)
    browser.get(f"/demo/mailbox/{name}/html", check=False)
    assert browser.response is not None
    assert "<HEAD lang='ru'><base target=\"_blank\"><title>" in browser.response.get_data(as_text=True)


def test_hostile_html_is_shown_in_a_frame_that_can_do_nothing(
    demo_app: Flask, bob: Account, inbox: Path
) -> None:
    name = put(inbox, HOSTILE)
    browser = browser_of(demo_app, bob)
    page = browser.get(f"/demo/mailbox/{name}")
    assert "<script>alert(1)</script>" in browser.text  # the subject, as text
    assert browser.response is not None
    assert "frame-src 'self'" in browser.response.headers["Content-Security-Policy"]
    frame = page.find("iframe")
    assert frame is not None
    assert "allow-scripts" not in str(frame["sandbox"])
    assert "allow-same-origin" not in str(frame["sandbox"])
    browser.get(str(frame["src"]), check=False)
    policy = browser.response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_an_attachment_is_only_ever_downloaded(demo_app: Flask, bob: Account, inbox: Path) -> None:
    name = put(inbox, HOSTILE)
    browser = browser_of(demo_app, bob)
    browser.get(f"/demo/mailbox/{name}/attachments/1", check=False)
    assert browser.response is not None
    assert browser.response.mimetype == "application/octet-stream"
    assert browser.response.headers["Content-Disposition"] == "attachment; filename=evil.html"


def test_the_source_is_plain_text(demo_app: Flask, bob: Account, inbox: Path) -> None:
    name = put(inbox, HOSTILE)
    browser = browser_of(demo_app, bob)
    browser.get(f"/demo/mailbox/{name}/source", check=False)
    assert browser.response is not None
    assert browser.response.mimetype == "text/plain"
    assert browser.response.data == HOSTILE


@pytest.mark.parametrize(
    "name", ["nothing", "..%2Fsettings", "20261121T115019241254-aa9e2f10", "../settings"]
)
def test_nothing_but_mails_can_be_named(demo_app: Flask, bob: Account, inbox: Path, name: str) -> None:
    browser_of(demo_app, bob).get(f"/demo/mailbox/{name}", status=404)


def test_who_is_not_signed_in_sees_nothing(demo_app: Flask, inbox: Path) -> None:
    name = put(inbox, MAIL)
    for path in ("", f"/{name}", f"/{name}/html", f"/{name}/source", f"/{name}/attachments/1"):
        response = demo_app.test_client().get(f"/demo/mailbox{path}")
        assert response.status_code in {302, 303}
        assert "/sign-in" in response.headers["Location"]


def test_outside_demo_mode_there_are_no_such_pages(
    sign_in: Callable[[Account], PageClient], bob: Account
) -> None:
    browser = sign_in(bob)
    browser.get("/demo/mailbox", status=404)
    browser.get("/")
    assert "/demo/mailbox" not in str(browser.page)
