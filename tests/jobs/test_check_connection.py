"""The check of a connection over a real server: each step, the server's words, what to do."""

from __future__ import annotations

import ssl
import threading
from dataclasses import replace

import pytest
import trustme
from sqlalchemy import select

from jobs.check_connection import check_connection
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core import job_queue
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.launcher.browser import wait_until
from webapp.messaging.mail_connections import queries, services
from webapp.messaging.mail_connections.models import ConnectionState, Encryption


def check(connection_id: int, address: str = "") -> ConnectionState:
    services.start_check(queries.get_connection(connection_id), address=address, language="en")
    db.session.commit()
    check_connection(connection_id)
    db.session.rollback()
    return db.session.scalar(select(ConnectionState).execution_options(populate_existing=True))


def steps(state: ConnectionState) -> list[tuple[str, bool]]:
    return [(step["step"], step["is_ok"]) for step in state.check_steps]


def test_a_good_connection_passes_every_step_and_sends_the_test_message(app):
    with SmtpSink(logins={"desk": "canary-password"}) as sink:
        connection = mail.make_connection(
            sink.port, has_sign_in=True, login="desk", password="canary-password"
        )
        state = check(connection.id, "carol@example.com")
        assert steps(state) == [(name, True) for name in ("resolve", "connect", "sign_in", "sender", "dot")]
        assert state.check_ended_at is not None
        assert state.last_ok_at is not None
        assert sink.ledger[0].recipients == ("carol@example.com",)
        assert mail.parsed(sink.raws()[0])["Subject"] == "Test message from Vestnik"
        assert "canary" not in str(state.check_steps)


def test_the_test_message_speaks_the_language_of_who_asked(app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        services.start_check(queries.get_connection(connection.id), address="a@example.com", language="ru")
        db.session.commit()
        check_connection(connection.id)
        assert mail.parsed(sink.raws()[0])["Auto-Submitted"] == "auto-generated"


def test_the_test_message_is_written_by_the_sending_parameters(app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        connection.charset, connection.sender_name = "koi8-r", "Служба поддержки"
        check(connection.id, "a@example.com")
        connection.has_latin_headers = True
        check(connection.id, "a@example.com")
        first, second = sink.raws()
    assert b"From: =?koi8-r?b?" in first
    assert mail.parsed(first).get_content_charset() == "koi8-r"
    assert b"From: Sluzhba podderzhki <" in second


def test_a_wrong_password_is_said_in_the_servers_words(app):
    with SmtpSink(logins={"desk": "right"}) as sink:
        connection = mail.make_connection(sink.port, has_sign_in=True, login="desk", password="guess")
        state = check(connection.id)
    assert steps(state)[-1] == ("sign_in", False)
    assert state.check_steps[-1]["problem"] == "password_refused"
    assert "wrong login or password" in state.check_steps[-1]["reply"]
    assert state.paused_since is None


@pytest.mark.parametrize(
    ("host", "problem"),
    [("127.0.0.1", "certificate_wrong_host"), ("localhost", "certificate_unknown_issuer")],
)
def test_a_bad_certificate_is_said(app, host, problem, monkeypatch, tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    if problem == "certificate_wrong_host":
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setitem(app.config, "VESTNIK", with_ca(app, tmp_path / "ca.pem"))
    with SmtpSink(tls=context, is_implicit=True) as sink:
        connection = mail.make_connection(sink.port, host=host, encryption=Encryption.TLS)
        state = check(connection.id)
    assert steps(state)[-1] == ("tls", False)
    assert state.check_steps[-1]["problem"] == problem


def with_ca(app, path):
    return replace(app.config["VESTNIK"], mail_ca_file=str(path))


def test_stripped_starttls_never_sees_the_password(app):
    with SmtpSink(logins={"desk": "secret"}) as sink:
        connection = mail.make_connection(
            sink.port, encryption=Encryption.STARTTLS, has_sign_in=True, login="desk", password="secret"
        )
        state = check(connection.id)
        assert state.check_steps[-1]["problem"] == "tls_not_offered"
        assert sink.visits["auth"] == 0


def test_a_refused_recipient_of_the_test_message_is_said(app):
    with SmtpSink(script={("rcpt", 1): "550 5.1.1 no such user"}) as sink:
        connection = mail.make_connection(sink.port)
        state = check(connection.id, "nobody@example.com")
    assert state.check_steps[-1]["problem"] == "recipient_refused"


def test_without_sending_parameters_the_server_is_checked_and_the_lack_is_said(app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port, is_complete=False)
        state = check(connection.id, "carol@example.com")
        assert steps(state) == [("resolve", True), ("connect", True), ("sender", False)]
        assert state.check_steps[-1]["problem"] == "no_sender"
        assert sink.ledger == []


def test_a_newer_check_takes_the_place_of_a_running_one(app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        first = services.start_check(queries.get_connection(connection.id), address="", language="en")
        db.session.commit()
        state = check(connection.id)
    assert state.check_id != first
    assert state.check_ended_at is not None


def start(connection_id: int) -> None:
    services.start_check(queries.get_connection(connection_id), address="", language="en")
    db.session.commit()


def test_no_more_than_two_are_checked_at_once_and_the_third_gets_its_turn(app):
    with SmtpSink({("greeting", 0): "hang"}) as hanging, SmtpSink() as quick:
        numbers = [mail.make_connection(hanging.port).id for _ in range(2)]
        third = mail.make_connection(quick.port).id
        for number in (*numbers, third):
            start(number)
        running = [threading.Thread(target=run_in, args=(app, number)) for number in numbers]
        for thread in running:
            thread.start()
        wait_until(lambda: hanging.sessions == 2, "both sessions", 10)
        check_connection(third)
        assert quick.sessions == 0
        job_queue._queue(JobName.CHECK_CONNECTION).empty()
        hanging.close()
        for thread in running:
            thread.join(20)
        rung = {tuple(job.args) for job in job_queue._queue(JobName.CHECK_CONNECTION).jobs}
        assert (third,) in rung
        check_connection(third)
        assert quick.sessions == 1


def run_in(app, number: int) -> None:
    with app.app_context():
        check_connection(number)


def test_a_check_of_a_connection_that_was_deleted_meanwhile_is_forgotten(app, carol):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        start(connection.id)
        services.delete_connection(connection, actor_id=carol.id)
        db.session.commit()
        queue = job_queue._queue(JobName.CHECK_CONNECTION)
        queue.empty()
        check_connection(connection.id)
        assert [job.func_name for job in queue.jobs] == []
        assert sink.sessions == 0


def test_a_job_without_a_check_does_nothing(app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        check_connection(connection.id)
        assert sink.sessions == 0


def test_a_good_check_ends_the_pause(app, alice, drain, clock):
    with SmtpSink(script={("greeting", 1): "421 busy"}) as sink:
        connection = mail.make_connection(sink.port)
        mail.create(mail.make_order(alice))
        drain()
        assert mail.delivery().state == "waiting"
        check(connection.id)
        drain()
        assert mail.delivery().state == "sent"
