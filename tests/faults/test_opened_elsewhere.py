"""A database that is started under another address is a copy: it writes to nobody until a person lets it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from tests.conftest import ENGINES
from tests.faults.desk import QUICK, Desk
from tests.faults.visitor import Visitor
from tests.support import mail, people
from tests.support.processes import RunningProgram
from tests.support.smtp_sink import SmtpSink
from webapp.app import create_app
from webapp.core.config import PROJECT_ROOT, from_environment
from webapp.core.db import db
from webapp.launcher.browser import wait_until
from webapp.people.accounts.models import Account

pytestmark = [pytest.mark.process, pytest.mark.faults]

HOME = "http://desk.example.com"
#: As a trial beside the original, and as somebody starts a copy on a machine of their own.
ELSEWHERE = {"postgresql": "http://trial.example.com", "sqlite": ""}
PAGE = "/settings/silent-mode"
PASSWORD = "four words are enough"


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest) -> Iterator[tuple[Desk, str]]:
    """A program of the test's own, without demo data, and the address of its copy."""
    settings = QUICK | {"DEMO": "0", "BASE_URL": HOME, "MAIL_LOOPBACK": "1", "MAIL_PORTS": "1024-65535"}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        name = f"elsewhere_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        settings["DATABASE_URL"] = server.start(name)
    with RunningProgram(**settings) as program:
        yield Desk(program), ELSEWHERE[request.param]


def test_a_copy_started_elsewhere_writes_to_nobody_until_a_technologist_accepts_the_address(
    desk: tuple[Desk, str],
) -> None:
    here, elsewhere = desk
    with SmtpSink() as sink:
        make_carol(here.program)
        with inside(here.program):
            mail.make_connection(sink.port)
            people.make_account("Alice Smirnova")
        wait_until(lambda: here.ask("SELECT 1 FROM silent_mode WHERE home IS NOT NULL"), "the home", 30)
        write(here)
        wait_until(lambda: states(here) == ["sent"], "the first mail", 30)
        here.program.stop()
        write(here)
        here.program.settings["BASE_URL"] = elsewhere
        here.program.start()
        wait_until(lambda: states(here) == ["sent", "suppressed"], "the silence", 30)
        write(here)
        time.sleep(3)  # the clock rings each second
        assert states(here) == ["sent", "suppressed", "suppressed"]
        assert len(sink.ledger) == 1
        carol = Visitor(here.program.address)
        carol.sign_in("carol@example.com", PASSWORD)
        for address in ("/", "/deliveries", PAGE):
            words = carol.get(address).words
            assert "This database was made for desk.example.com" in words, address
            assert "2 e-mails are suppressed" in words
        page = carol.get(PAGE)
        carol.submit(page, page.form(f"{PAGE}/turn-off"))
        write(here)
        wait_until(lambda: len(sink.ledger) == 2, "the mail of the accepted address", 30)
        wait_until(lambda: states(here) == ["sent", "suppressed", "suppressed", "sent"], "the end", 30)
        here.program.stop()
        here.program.start()
        write(here)
        wait_until(lambda: states(here)[-1] == "sent", "mail after another start", 30)


def make_carol(program: RunningProgram) -> None:
    """Make a technologist by the command line."""
    account = ["create-account", "carol@example.com", "Carol", "--role", "technologist", "--language", "en"]
    command = [sys.executable, "-m", "webapp.cli", *account, "--password", PASSWORD]
    subprocess.run(command, cwd=PROJECT_ROOT, env=program.settings, check=True, capture_output=True)


def write(desk: Desk) -> None:
    """Write a mail to Alice, as the program does."""
    with inside(desk.program):
        mail.create(mail.make_order(db.session.scalars(select(Account).where(Account.name != "Carol")).one()))


@contextmanager
def inside(program: RunningProgram) -> Iterator[None]:
    """Work with the program's own database and settings."""
    app = create_app(from_environment(program.settings))
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def states(desk: Desk) -> list[str]:
    return [row.state for row in desk.ask("SELECT state FROM delivery ORDER BY id")]
