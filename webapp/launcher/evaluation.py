"""`vestnik formula` and `vestnik n3`: a text evaluated on a record, from the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError, ProgrammingError

from webapp.app import create_app
from webapp.core.db import db, reading
from webapp.core.locales import zone_or_utc
from webapp.desk.records.models import Record
from webapp.desk.records.queries import get_record
from webapp.languages.errors import LanguageError
from webapp.launcher import environment
from webapp.launcher.environment import CannotStart
from webapp.people.accounts.models import Account
from webapp.people.accounts.queries import get_account_by_email
from webapp.people.company import settings as company
from webapp.rules.console.trials import Eyes, Language, attempt
from webapp.rules.console.values import Asked, in_words, in_words_asked
from webapp.rules.saying import say_whole


@dataclass(frozen=True)
class Wish:
    """For which record, with whose rights, in which language."""

    record_id: int | None
    email: str | None
    speech: str


def evaluate_formula(text: str, record_id: int | None, email: str | None, speech: str) -> None:
    """Print the value, an element of a list on each line. Raises CannotStart with what is wrong."""
    _evaluate(Language.FORMULA, text, Wish(record_id, email, speech))


def run_program(file: str, record_id: int | None, email: str | None, speech: str) -> None:
    """Print what the program of a file, or of the standard input for a dash, finds. Raises CannotStart."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{file} cannot be read: {error}") from None
    _evaluate(Language.PROGRAM, text, Wish(record_id, email, speech))


def _evaluate(language: Language, text: str, wish: Wish) -> None:
    app = create_app(environment.read_config())
    with app.app_context(), force_locale(wish.speech), reading():
        try:
            _print(*_evaluated(language, text, wish))
        except LanguageError as error:
            raise CannotStart(_pointed(text, error)) from None
        except (OperationalError, ProgrammingError):
            raise CannotStart(
                "the database is not prepared for this version: run `vestnik init` first"
            ) from None
        finally:
            db.session.rollback()
            db.session.remove()
            db.engine.dispose()


def _evaluated(language: Language, text: str, wish: Wish) -> tuple[Sequence[str], Sequence[Asked]]:
    account = _account(wish.email) if wish.email else None
    record = _record(wish.record_id, account)
    # Without a record there may be no database at all.
    zone = account.time_zone if account else (company.get() if record else company.Company()).time_zone
    trial = attempt(language, text, record, Eyes(account, wish.speech, zone_or_utc(zone)))
    asked = in_words_asked(trial.effects, account, wish.speech)
    return in_words(trial.value, account, wish.speech).words, asked


def _account(email: str) -> Account:
    account = get_account_by_email(email)
    if account is None:
        raise CannotStart(f"there is no account with the address {email}")
    return account


def _record(record_id: int | None, account: Account | None) -> Record | None:
    record = get_record(record_id, account) if record_id is not None else None
    if record_id is not None and record is None:
        whom = f" that {account.email} may see" if account else ""
        raise CannotStart(f"there is no record {record_id}{whom}")
    return record


def _pointed(text: str, error: LanguageError) -> str:
    """Return what is wrong, with the line and a sign under the place."""
    if error.place is None:
        return say_whole(error)
    line = text.split("\n")[error.place.line - 1]
    indent = "".join("\t" if each == "\t" else " " for each in line[: error.place.column - 1])
    return f"{say_whole(error)}\n  {line}\n  {indent}^"


def _print(words: Sequence[str], asked: Sequence[Asked]) -> None:
    for word in words:
        click.echo(word)
    for one in asked:
        click.echo(f"{one.predicate}: {one.subject} → {one.object}", err=True)
