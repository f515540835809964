"""Pages of an installation that has been used for years: 100,000 tickets and 1,000,000 messages."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, text

from benchmarks.installation import Installation
from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import NAMES
from benchmarks.rounds import Figures, Unit, percentile
from benchmarks.stage import DATABASES, Stage
from webapp.core.clock import now
from webapp.core.db import Base, db
from webapp.desk.records.models import Record, RecordPerson, RecordValue
from webapp.messaging.messages.models import Delivery, DeliveryState, Message
from webapp.people.accounts.models import Account, Role
from webapp.people.accounts.services.sessions import start_session
from webapp.people.accounts.views.browser import SESSION_COOKIE

TICKETS = 100_000
MESSAGES_OF_A_TICKET = 10
CHUNK = 5000
VIEWS = 30
#: Pages that people open all day. The ticket is put in the place of ``{}``.
PAGES = ("/records/ticket", "/records/ticket?sort=title", "/records/{}", "/notes", "/")


def measurements() -> list[Measurement]:
    """Return the measurement on both databases."""
    return [
        Measurement(
            f"pages.{database}",
            f"a page with 100,000 tickets and 1,000,000 messages in the database, {NAMES[database]}",
            partial(open_pages, database=database),
            (Goal(Unit.MILLISECONDS, 300, 100, "p95"), Goal(Unit.MILLISECONDS, figure="p50")),
        )
        for database in DATABASES
    ]


def open_pages(stage: Stage, *, database: str) -> Figures:
    """Open pages in turn, without a network between; return how many milliseconds they take."""
    installation = stage.installation(database)
    fill(installation, stage.scaled(TICKETS))
    client, ticket = _sign_in(installation)
    pages = [page.format(ticket) for page in PAGES]
    for page in pages:
        _open(client, page)
    times = [_open(client, page) for _ in range(VIEWS) for page in pages]
    return {"p50": percentile(times, 50), "p95": percentile(times, 95)}


def fill(installation: Installation, wanted: int) -> None:
    """Bring the installation to so many tickets with ten messages each, as copies of one of its own."""
    with installation.opened():
        while (there := db.session.scalar(select(func.count()).select_from(Record)) or 0) < wanted:
            _copy_tickets(min(CHUNK, wanted - there))
            db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def _copy_tickets(count: int) -> None:
    pattern = db.session.scalars(select(Record).order_by(Record.id).limit(1)).one()
    shared = _columns(pattern, {"id"})
    began = now() - timedelta(days=900)
    rows = [
        shared
        | {"title": f"The monitor of room {number} flickers", "touched_at": began + timedelta(seconds=number)}
        for number in range(count)
    ]
    ids = list(db.session.scalars(insert(Record).returning(Record.id), rows))
    for model in (RecordValue, RecordPerson):
        held = db.session.scalars(select(model).where(model.record_id == pattern.id)).all()
        copies = [_columns(one, {"unique_key"}) | {"record_id": number} for number in ids for one in held]
        db.session.execute(insert(model), copies)
    _copy_messages(ids, pattern.requester_id)


def _copy_messages(record_ids: list[int], account_id: int | None) -> None:
    moment = now()
    rows = [
        {
            "dedupe_key": f"page:{number}:{place}",
            "subject_type": "record",
            "subject_id": number,
            "rule_code": "comment.public.requester",
            "role": "requester",
            "account_id": account_id,
            "language": "en",
            "title": f"[#{number}] New comment",
            "created_at": moment,
        }
        for number in record_ids
        for place in range(MESSAGES_OF_A_TICKET)
    ]
    ids = list(db.session.scalars(insert(Message).returning(Message.id), rows))
    sent = {
        "connection_id": 1,
        "address": "person0@example.com",
        "state": DeliveryState.SENT.value,
        "due_at": moment,
        "expires_at": moment,
        "sent_at": moment,
    }
    db.session.execute(insert(Delivery), [sent | {"message_id": number} for number in ids])


def _columns(row: Base, without: set[str]) -> dict[str, object]:
    names = {column.name for column in row.__table__.columns} - without
    return {name: getattr(row, name) for name in names}


def _sign_in(installation: Installation) -> tuple[FlaskClient, int]:
    client = installation.app.test_client()
    with installation.opened():
        agent = db.session.scalars(select(Account).where(Account.role == Role.SUPPORT.value).limit(1)).one()
        lifetime = timedelta(hours=1)
        _session, token = start_session(agent, address="127.0.0.1", user_agent="", lifetime=lifetime)
        ticket = db.session.scalars(select(Record.id).order_by(Record.id.desc()).limit(1)).one()
        db.session.commit()
    client.set_cookie(SESSION_COOKIE, token)
    return client, ticket


def _open(client: FlaskClient, page: str) -> float:
    began = time.perf_counter()
    answer = client.get(page)
    spent = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise AssertionError(f"{page} answered {answer.status_code}")
    return spent
