"""One server in trouble delays nobody else's mail, however long it hangs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from jobs import mailer, stopping
from jobs.worker import performer
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, Lane


@pytest.fixture
def hanging() -> Iterator[SmtpSink]:
    with SmtpSink(script={("dot", 0): "take-hang"}) as running:
        yield running


@pytest.fixture
def sending(app: Flask, hanging: SmtpSink) -> Iterator[mailer.ThreadedPerformer]:
    """The mailer as it runs, in this process."""
    stopping.forget()
    perform = mailer.ThreadedPerformer(performer(app))
    yield perform
    hanging.close()
    assert perform.wait(10)


def wait_until(is_so: Callable[[], bool], patience_s: float = 5) -> None:
    ends_at = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.05)


def states() -> list[str]:
    found = [one.state for one in mail.deliveries()]
    db.session.rollback()
    return found


def test_a_server_that_hangs_after_the_dot_delays_no_other_servers_mail(alice, bob, hanging, sink, sending):
    good, bad = mail.make_connection(sink.port).id, mail.make_connection(hanging.port).id
    mail.create(mail.make_order(alice), mail.make_order(bob))
    first = mail.deliveries()[0].id
    db.session.execute(update(Delivery).where(Delivery.id == first).values(connection_id=bad))
    db.session.commit()
    sending(JobName.DELIVER_MAIL, bad)
    wait_until(lambda: len(hanging.ledger) == 1)
    for _ in range(30):  # however often somebody rings for the server that hangs
        sending(JobName.DELIVER_MAIL, bad)
    sending(JobName.DELIVER_MAIL, good)
    wait_until(lambda: states() == ["sending", "sent"])


def test_a_message_that_hangs_does_not_delay_one_for_which_a_person_waits(alice, bob, hanging, sending):
    connection_id = mail.make_connection(hanging.port).id
    hanging.script = {("dot", 1): "take-hang"}
    mail.create(mail.make_order(alice))
    sending(JobName.DELIVER_MAIL, connection_id)
    wait_until(lambda: len(hanging.ledger) == 1)
    mail.create(mail.make_order(bob, lane=Lane.PERSON_WAITS))
    sending(JobName.DELIVER_MAIL, connection_id)
    wait_until(lambda: states() == ["sending", "sent"])
