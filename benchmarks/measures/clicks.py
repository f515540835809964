"""From a click to the mail server's answer, and to the note in another browser: the whole program, idle."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from benchmarks.helpers import ROOT, HelperFailed, python
from benchmarks.measurement import Goal, Measurement, NotMeasured
from benchmarks.rounds import Figures, Unit, percentile
from benchmarks.stage import Stage
from webapp.app import create_app
from webapp.core.config import from_environment
from webapp.core.db import db
from webapp.demo.people import PASSWORD
from webapp.events.models import Event
from webapp.launcher.browser import Browser, PageRefused, wait_until
from webapp.launcher.environment import CannotStart
from webapp.launcher.trial import TrialProgram
from webapp.messaging.messages.models import Delivery, Message
from webapp.people.accounts.queries import get_account_by_email
from webapp.people.accounts.services.sessions import start_session

CLICKS = 100
STREAMS = 2000
#: So many pages of one browser keep a stream; more of them would close each other's.
STREAMS_OF_A_SESSION = 5
REST_S = 0.3
LONGEST_S = 30.0
READER, AGENT, BYSTANDER = "alice@example.com", "bob@example.com", "emma@example.com"

MAIL_GOALS = (
    Goal(Unit.MILLISECONDS, 300, 100, "mail p50"),
    Goal(Unit.MILLISECONDS, 1000, 300, "mail p95"),
)
NOTE_GOALS = (
    Goal(Unit.MILLISECONDS, 150, 50, "note p50"),
    Goal(Unit.MILLISECONDS, 500, 150, "note p95"),
)


def measurements() -> list[Measurement]:
    """Return the clicks of an idle program, and those beside two thousand open streams."""
    return [
        Measurement(
            "clicks.sqlite",
            "click to the mail server's 250 and to the push note, idle, SQLite",
            partial(click_and_wait, database="sqlite", streams=0),
            (*MAIL_GOALS, *NOTE_GOALS),
        ),
        Measurement(
            "clicks.postgresql",
            "click to the mail server's 250 and to the push note beside 2,000 open streams, PostgreSQL",
            partial(click_and_wait, database="postgresql", streams=STREAMS),
            (*MAIL_GOALS, *NOTE_GOALS),
        ),
    ]


def click_and_wait(stage: Stage, *, database: str, streams: int) -> Figures:
    """Let an agent comment again and again; return after how many milliseconds the other heard of it."""
    settings = {"WEB_CONNECTIONS": "5000"}
    if database == "postgresql":
        settings["DATABASE_URL"] = stage.postgresql.make_database(f"clicks_{time.monotonic_ns()}")
    try:
        with TrialProgram(**settings) as program, _streams(program, stage.scaled(streams) if streams else 0):
            ticket = _make_ticket(program)
            clicked, noted = _click(program, ticket, stage.scaled(CLICKS))
            mailed = _mail_moments(program, ticket, len(clicked))
    except (CannotStart, PageRefused, HelperFailed) as error:
        raise NotMeasured(str(error)) from None
    mail = [(end - begin) * 1000 for begin, end in zip(clicked, mailed, strict=True)]
    note = [(end - begin) * 1000 for begin, end in zip(clicked, noted, strict=True)]
    return {
        "mail p50": percentile(mail, 50),
        "mail p95": percentile(mail, 95),
        "note p50": percentile(note, 50),
        "note p95": percentile(note, 95),
    }


def _make_ticket(program: TrialProgram) -> int:
    reader = _signed_in(program, READER)
    page = reader.get("/records/ticket/new")
    form = page.form("/records/ticket/new")
    page = reader.submit(page, form, title="The monitor flickers", description="The lamp blinks.")
    return int(page.address.rstrip("/").rsplit("/", 1)[-1])


def _click(program: TrialProgram, ticket: int, count: int) -> tuple[list[float], list[float]]:
    """Return the moments of the clicks and those of the notes."""
    heard: list[float] = []
    _signed_in(program, READER).listen("/notes/stream", lambda event: _hear(event, heard))
    agent = _signed_in(program, AGENT)
    time.sleep(REST_S)  # what is measured is an idle system
    clicked, noted = [], []
    for number in range(count):
        page = agent.get(f"/records/{ticket}")
        form = page.form(f"/records/{ticket}/comments")
        time.sleep(REST_S)  # the note of the click before has come and gone
        heard.clear()
        clicked.append(time.time())
        agent.submit(page, form, body=f"Please look again, {number}.")
        wait_until(lambda: heard, "the push note", LONGEST_S)
        noted.append(heard[0])
    return clicked, noted


def _hear(event: str, heard: list[float]) -> None:
    if "event: connected" not in event:
        heard.append(time.time())


def _mail_moments(program: TrialProgram, ticket: int, count: int) -> list[float]:
    """Return for the last comments when the mail server's answer to their mail was written down."""
    wanted = (
        select(Delivery.sent_at)
        .join(Message, Message.id == Delivery.message_id)
        .join(Event, Event.id == Message.event_id)
        .where(Event.subject_id == ticket, Event.kind == "record.commented", Delivery.address == READER)
        .order_by(Event.id)
    )
    gives_up_at = time.monotonic() + LONGEST_S
    with _database(program):
        while True:
            moments = [moment for moment in db.session.scalars(wanted) if moment is not None]
            db.session.rollback()
            if len(moments) == count:
                return [moment.timestamp() for moment in moments]
            if time.monotonic() > gives_up_at:
                raise PageRefused(f"{len(moments)} of {count} mails were sent")
            time.sleep(0.2)  # seldom: each look would disturb what is measured


def _signed_in(program: TrialProgram, email: str) -> Browser:
    browser = Browser(program.address)
    browser.sign_in(email, PASSWORD)
    return browser


@contextmanager
def _database(program: TrialProgram) -> Iterator[None]:
    with create_app(from_environment(program.settings)).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _streams(program: TrialProgram, count: int) -> Iterator[None]:
    """Hold so many live streams open, of a person to whom nothing happens."""
    if not count:
        yield
        return
    pipe = subprocess.PIPE
    command = python("benchmarks.streams", str(program.port))
    holder = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    try:
        if holder.stdin is None or holder.stdout is None:
            raise HelperFailed("the holder of streams has no streams of its own")
        holder.stdin.write(" ".join(_tokens(program, count)) + "\n")
        holder.stdin.flush()
        if holder.stdout.readline() != "ready\n":
            raise HelperFailed(f"the streams could not be opened: {holder.communicate()[1][-500:]}")
        yield
    finally:
        holder.kill()
        holder.wait()


def _tokens(program: TrialProgram, count: int) -> list[str]:
    with _database(program):
        account = get_account_by_email(BYSTANDER)
        if account is None:
            raise HelperFailed(f"the demo has no {BYSTANDER}")
        sessions = -(-count // STREAMS_OF_A_SESSION)
        tokens = [
            start_session(account, address="127.0.0.1", user_agent="", lifetime=timedelta(hours=1))[1]
            for _ in range(sessions)
        ]
        db.session.commit()
    return [tokens[number % sessions] for number in range(count)]
