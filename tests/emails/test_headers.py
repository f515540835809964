"""The head of every kind of mail, as it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.desk.making import make_ticket
from tests.support import mail, people
from tests.support.smtp_sink import SmtpSink
from webapp.core.db import db
from webapp.desk.records import services as records
from webapp.messaging.mail_connections.models import HighWaterMark
from webapp.messaging.messages.models import Delivery, MessageClass
from webapp.people.accounts.models import Role
from webapp.people.accounts.services import request_password_link

OF_ALL = """\
Date: <date>
From: Service desk <vestnik@example.com>
Reply-To: support@example.com
To: {to}
Subject: {subject}
Message-ID: <{about}.<token>@example.com>
"""
NOTICE = (
    OF_ALL
    + """\
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
Precedence: bulk
X-Loop: vestnik-<database>@example.com
List-Id: <record-{number}.vestnik.example.com>
In-Reply-To: <record.{number}@example.com>
References: <record.{number}@example.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="<boundary>"
"""
)
ANSWER = NOTICE.replace("auto-generated", "auto-replied")
SIGN_IN = (
    OF_ALL
    + """\
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
X-Loop: vestnik-<database>@example.com
In-Reply-To: <account.{number}@example.com>
References: <account.{number}@example.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="<boundary>"
"""
)


@pytest.fixture
def sink(app: Flask):
    with SmtpSink() as running:
        mail.make_connection(running.port)
        yield running


def heads(sink: SmtpSink) -> dict[str, str]:
    """The heads of what arrived, by their Auto-Submitted and recipient, without what is drawn at random."""
    database = db.session.scalars(select(HighWaterMark.database)).one()
    return {_to(raw): _golden(raw, database) for raw in sink.raws()}


def _to(raw: bytes) -> str:
    return str(message_from_bytes(raw)["To"]).rpartition("<")[2].rstrip(">")


def _golden(raw: bytes, database: str) -> str:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "\n") + "\n"
    head = re.sub(r"^Date: .*$", "Date: <date>", head, flags=re.MULTILINE).replace(database, "<database>")
    head = re.sub(r"\.[0-9a-f]{20}@", ".<token>@", head)
    return re.sub(r'boundary="part-[0-9a-f]{20}"', 'boundary="<boundary>"', head)


def test_a_registration_is_answered_and_others_are_told(sink: SmtpSink, drain: Callable[[], None]) -> None:
    alice = people.make_account("Alice Smith", language="en")
    bob = people.make_account("Bob Miller", role=Role.SUPPORT, language="en")
    number = make_ticket(alice, title="No net", assignee=bob.id).id
    drain()
    found, about = heads(sink), f"record.{number}"
    assert found[alice.email] == ANSWER.format(
        to=f"Alice Smith <{alice.email}>", subject=f"[#{number}] Your ticket is registered: No net",
        about=about, number=number,
    )  # fmt: skip
    assert found[bob.email] == NOTICE.format(
        to=f"Bob Miller <{bob.email}>",
        subject=f"[#{number}] Assigned to you: No net",
        about=about,
        number=number,
    )


def test_a_link_for_signing_in_is_of_no_list(sink: SmtpSink, drain: Callable[[], None]) -> None:
    alice = people.make_account("Alice Smith", language="en")
    request_password_link(alice.email)
    db.session.commit()
    drain()
    subject = message_from_bytes(sink.raws()[0])["Subject"]
    assert heads(sink)[alice.email] == SIGN_IN.format(
        to=f"Alice Smith <{alice.email}>", subject=subject, about=f"account.{alice.id}", number=alice.id
    )


def test_all_mails_about_one_record_are_of_one_conversation(
    sink: SmtpSink, alice, bob, drain: Callable[[], None]
) -> None:
    first, second = make_ticket(alice, title="One"), make_ticket(alice, title="Two")
    for record in (first, second):
        records.add_comment(record, "We look into it", author=bob, is_internal=False)
    db.session.commit()
    drain()
    read = [mail.parsed(raw) for raw in sink.raws()]
    roots = {(each["Subject"].partition("]")[0], each["References"], each["In-Reply-To"]) for each in read}
    assert len(roots) == 2
    assert all(references == answered for _subject, references, answered in roots)
    assert len({each["Message-ID"] for each in read}) == len(read) > 2


@pytest.mark.parametrize("message_class", MessageClass)
def test_a_repeated_mail_is_the_same_mail_byte_for_byte(
    sink: SmtpSink, alice, drain: Callable[[], None], message_class: MessageClass
) -> None:
    mail.create(mail.make_order(alice, message_class=message_class))
    drain()
    db.session.execute(update(Delivery).values(state="waiting"))
    db.session.commit()
    drain()
    first, second = sink.raws()
    assert first == second
