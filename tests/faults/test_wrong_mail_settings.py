"""Settings that cannot work: the connection's page says so, messages wait, and go once it is put right."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest
import trustme

from tests.faults.conftest import Authority, server_context
from tests.faults.desk import CONNECTION, Desk, require_once
from tests.support.smtp_sink import SmtpSink
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

LOGIN, PASSWORD, OTHER_PASSWORD = "desk", "canary-right-3141", "canary-wrong-2718"


@dataclass(frozen=True)
class Mistake:
    """What is wrong, what the page says of it in two languages, and whether the password may be sent."""

    in_english: str
    in_russian: str
    settings: dict[str, str] = field(default_factory=dict)
    certificate_for: str = "127.0.0.1"
    is_known_issuer: bool = True
    may_sign_in: bool = False


MISTAKES = {
    "unknown host": Mistake(
        "The server's name is not known.",
        "Имя сервера не найдено.",
        settings={"host": "mail.nowhere.invalid"},
    ),
    "wrong name": Mistake(
        "The server's certificate is for another name.",
        "Сертификат сервера выдан на другое имя.",
        certificate_for="mail.example.com",
    ),
    "unknown issuer": Mistake(
        "The server's certificate was issued by somebody we do not know.",
        "Сертификат сервера выдан неизвестным центром сертификации.",
        is_known_issuer=False,
    ),
    "wrong password": Mistake(
        "The server did not accept the login and password.",
        "Сервер не принял логин и пароль.",
        settings={"password": OTHER_PASSWORD},
        may_sign_in=True,
    ),
}


@contextmanager
def encrypted_sink(context: ssl.SSLContext, encryption: str) -> Iterator[SmtpSink]:
    logins = {LOGIN: PASSWORD}
    with SmtpSink(tls=context, is_implicit=encryption == "tls", logins=logins) as sink:
        yield sink


def heard(sink: SmtpSink, password: str) -> bool:
    """Whether the server, or anybody on the way, could read the password in some form."""
    forms = {password.encode(), base64.b64encode(password.encode())}
    forms.add(base64.b64encode(f"\0{LOGIN}\0{password}".encode()))
    lines = [line.encode() for line in sink.lines]
    return any(form in line for form in forms for line in lines)


def settings_that_work(encryption: str) -> dict[str, str]:
    return {"encryption": encryption, "login": LOGIN, "password": PASSWORD}


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_in_words_and_mail_waits_until_it_is_put_right(
    desk: Desk, authority: Authority, name: str, encryption: str
):
    mistake = MISTAKES[name]
    issuer = authority.issuer if mistake.is_known_issuer else trustme.CA()
    with encrypted_sink(server_context(issuer, mistake.certificate_for), encryption) as wrong:
        desk.connect(wrong, **(settings_that_work(encryption) | mistake.settings))
        number = desk.register(f"With {name} by {encryption}")
        desk.begin_work(number)
        wait_until(lambda: mistake.in_english in desk.bob.get(CONNECTION).words, mistake.in_english, 20)
        assert mistake.in_russian in desk.carol.get(CONNECTION).words
        assert_waiting_with_words(desk, number, mistake.in_english)
        assert not wrong.ledger
        assert bool(wrong.visits["auth"]) == mistake.may_sign_in
        assert not heard(wrong, PASSWORD)
    with encrypted_sink(authority.server_context("127.0.0.1"), encryption) as right:
        desk.connect(right, **settings_that_work(encryption))
        desk.wait_until_sent(number)
        require_once(desk, right, number)
        assert heard(right, PASSWORD), "this test knows a password when it hears one"


def test_a_server_that_stopped_offering_encryption_never_hears_the_password(desk, sink):
    sink.logins = {LOGIN: PASSWORD}
    desk.connect(sink, **settings_that_work("starttls"))
    number = desk.register("Stripped of its TLS")
    desk.begin_work(number)
    words = "The server does not offer TLS on this port."
    wait_until(lambda: words in desk.bob.get(CONNECTION).words, words, 20)
    assert not heard(sink, PASSWORD)
    assert not sink.visits["auth"]
    wait_until(lambda: desk.states(number) == {"waiting"}, "all of the claim is given back", 20)


def test_a_refused_password_is_tried_three_times_and_not_until_the_mailbox_is_locked(desk, authority):
    with encrypted_sink(authority.server_context("127.0.0.1"), "starttls") as sink:
        desk.connect(sink, **(settings_that_work("starttls") | {"password": OTHER_PASSWORD}))
        number = desk.register("Near a lock-out")
        wait_until(lambda: failures(desk) >= 3, "three refusals", 30)
        (row,) = desk.ask("SELECT paused_until, last_failed_at FROM connection_state")
        assert sink.visits["auth"] == 3
        wait_until(lambda: desk.states(number) == {"waiting"}, "all of the claim is given back", 20)
        assert seconds_between(row.last_failed_at, row.paused_until) >= 25  # 15 min by RETRY_SCALE
        desk.connect(sink, **settings_that_work("starttls"))
        wait_until(lambda: desk.states(number) == {"sent"}, "the mail", 30)


def failures(desk: Desk) -> int:
    return desk.ask("SELECT failures FROM connection_state")[0].failures


def seconds_between(first: object, second: object) -> float:
    """Return the seconds between two moments as either database gives them."""
    moments = [datetime.fromisoformat(str(moment)) for moment in (first, second)]
    return (moments[1] - moments[0]).total_seconds()


def assert_waiting_with_words(desk: Desk, number: int, words: str):
    wait_until(lambda: len(desk.deliveries(number)) == 2, "both messages", 20)
    assert desk.states(number) <= {"waiting", "sending"}
    for row in desk.deliveries(number):
        wait_until(lambda row=row: words in desk.bob.get(f"/messages/{row.id}").words, words, 20)
