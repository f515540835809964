"""`vestnik demo`: a ticket changes its status, an e-mail and a push note arrive; real parts, no browser."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click

from webapp.core.config import from_environment
from webapp.demo import mailbox, mailbox_files, reading
from webapp.demo.mailbox_files import StoredMail
from webapp.demo.people import PASSWORD
from webapp.launcher.browser import Browser, PageRefused, wait_until
from webapp.launcher.environment import CannotStart
from webapp.launcher.trial import TrialProgram

REQUESTER, AGENT = "alice@example.com", "bob@example.com"
TITLE = "Не включается монитор"
STATUS = "in_progress"
STATUS_IN_TEXTS = "в работ"  # "взята в работу" in the mail, "в работе" in the note
LONGEST_MAIL_S = 30.0


def demonstrate() -> int:
    """Play the main job in a temporary instance and print what happened; return the exit code."""
    try:
        with TrialProgram() as program:
            return play(program)
    except CannotStart as error:
        click.echo(f"The main job could not be shown: {error}", err=True)
        return 1


def play(program: TrialProgram) -> int:
    """Play the main job in a program that runs, and print it; return the exit code."""
    try:
        _Story(program).play()
    except PageRefused as error:
        said = program.output[-4000:]
        click.echo(f"The main job could not be shown: {error}.\n\nWhat the program said:\n{said}", err=True)
        return 1
    return 0


class _Story:
    """What is done and what is seen, with the time of each."""

    def __init__(self, program: TrialProgram) -> None:
        self.program = program
        self.began = time.monotonic()
        self.ticket = 0
        self.notes = _Notes()

    def play(self) -> None:
        """Do it all and print it. Raises PageRefused with what did not happen."""
        self._say(f"the program answers at {self.program.address}")
        alice = self._sign_in(REQUESTER)
        self._create_ticket(alice)
        alice.listen("/notes/stream", self.notes.add)
        wait_until(lambda: self.notes.count, "the stream's first state", 10)
        self._say("Alice's page holds its stream open")
        changed_at = self._change_status(self._sign_in(AGENT))
        note_at = self._wait_for_note()
        mail_at, mail = self._wait_for_mail()
        self._print_outcome(mail, note_at - changed_at, mail_at - changed_at)

    def _sign_in(self, email: str) -> Browser:
        browser = Browser(self.program.address)
        browser.sign_in(email, PASSWORD)
        self._say(f"{email} has signed in")
        return browser

    def _create_ticket(self, browser: Browser) -> None:
        page = browser.get("/records/ticket/new")
        form = page.form("/records/ticket/new")
        page = browser.submit(page, form, title=TITLE, description="Индикатор мигает, картинки нет.")
        number = page.address.rstrip("/").rsplit("/", 1)[-1]
        if not number.isdigit():
            raise PageRefused(f"the ticket was not registered; the page is {page.address}")
        self.ticket = int(number)
        self._say(f"Alice has registered ticket #{self.ticket}: {TITLE}")

    def _change_status(self, browser: Browser) -> float:
        self.notes.forget()
        page = browser.get(f"/records/{self.ticket}")
        began = time.monotonic()
        browser.submit(page, page.form(f"/records/{self.ticket}/status"), status=STATUS)
        self._say("Bob has changed its status to “in progress”")
        return began

    def _wait_for_note(self) -> float:
        wait_until(lambda: self.notes.has(self._is_about_us), "the push note", LONGEST_MAIL_S)
        self._say("the push note is on Alice's open page")
        return time.monotonic()

    def _wait_for_mail(self) -> tuple[float, StoredMail]:
        wait_until(self._find_mail, "the e-mail", LONGEST_MAIL_S)
        found = self._find_mail()
        assert found is not None  # noqa: S101 - it was there a moment ago
        self._say("the e-mail is in the mailbox")
        return time.monotonic(), found

    def _find_mail(self) -> StoredMail | None:
        folder = mailbox.open_in(self.program.instance).mail_folder
        for name in mailbox_files.names(folder):
            mail = mailbox_files.read(folder, name)
            if mail and REQUESTER in mail.envelope.recipients and self._is_about_us(_subject(mail)):
                return mail
        return None

    def _is_about_us(self, text: str) -> bool:
        return bool(re.search(rf"(№\s|#){self.ticket}\b[^\n]*{STATUS_IN_TEXTS}", text))

    def _print_outcome(self, mail: StoredMail, note_s: float, mail_s: float) -> None:
        from webapp.launcher import road  # noqa: PLC0415 - needs the application, which the wait need not load

        click.echo("\nThe e-mail")
        parts = reading.read(mail.content)
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            click.echo(f"  {name}: {dict(parts.headers).get(name, '')}")
        click.echo("\n".join(f"  | {line}" for line in parts.text.strip().splitlines()))
        click.echo("\nWhat they went through, by the database")
        for moment, words in road.list_steps(from_environment(self.program.settings), self.ticket):
            click.echo(f"  {moment:%H:%M:%S}.{moment.microsecond // 1000:03}  {words}")
        click.echo(f"\nAfter the change of status: push note {note_s:.2f} s, e-mail {mail_s:.2f} s.")

    def _say(self, words: str) -> None:
        click.echo(f"{datetime.now(UTC):%H:%M:%S}  +{time.monotonic() - self.began:5.2f} s  {words}")


class _Notes:
    """What came over the stream, from whichever thread."""

    def __init__(self) -> None:
        self._events: list[str] = []
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        return len(self._events)

    def add(self, event: str) -> None:
        with self._lock:
            self._events.append(event)

    def forget(self) -> None:
        with self._lock:
            self._events.clear()

    def has(self, condition: Callable[[str], bool]) -> bool:
        with self._lock:
            return any(condition(event) for event in self._events)


def _subject(mail: StoredMail) -> str:
    return reading.read_headers(mail.content).subject
