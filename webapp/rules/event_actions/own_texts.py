"""The own texts of rows: which one counts, its versions, and what a change of it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from webapp.core.db import db
from webapp.core.locales import LANGUAGES
from webapp.messaging.messages.orders import MessageText
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionText
from webapp.rules.event_actions.wording import Wording, is_sound, original

LARGEST_VERSION = 2**31 - 1
SHOWN_VERSIONS = 100
Key = tuple[str, str]


class OwnTexts:
    """The latest own text of each row and language that has one."""

    def __init__(self, wordings: Mapping[Key, Wording]) -> None:
        self._wordings = wordings
        # What a later program cannot fill any more would leave in braces: there its own words speak.
        self._texts = {key: one.as_text(key[1]) for key, one in wordings.items() if is_sound(one)}

    def text_of(self, row: EventAction, language: str) -> MessageText:
        """Return what the row says: its own text, or what the program says."""
        return self._texts.get((row.code, language)) or catalogue.words(language).texts[row.text]

    def wording_of(self, row: EventAction, language: str) -> Wording:
        """Return the words that stand in the editor."""
        return self._wordings.get((row.code, language)) or original(row, language)

    def languages_of(self, row: EventAction) -> tuple[str, ...]:
        """Return the languages in which the row has an own text."""
        return tuple(language for language in LANGUAGES if (row.code, language) in self._wordings)

    def is_broken(self, row: EventAction) -> bool:
        """Whether some own text of the row cannot be filled any more, so that the program's speaks."""
        return any((row.code, language) not in self._texts for language in self.languages_of(row))


def get_own_texts() -> OwnTexts:
    """Return all own texts, in one query."""
    newest = select(EventActionText.code, EventActionText.language, func.max(EventActionText.version))
    newest = newest.group_by(EventActionText.code, EventActionText.language)
    key = tuple_(EventActionText.code, EventActionText.language, EventActionText.version)
    found = db.session.scalars(select(EventActionText).where(key.in_(newest), ~EventActionText.is_original))
    return OwnTexts({(one.code, one.language): Wording.stored_in(one) for one in found})


def latest_version(row: EventAction, language: str) -> EventActionText | None:
    """Return the version that counts; None when nobody ever wrote one."""
    found: EventActionText | None = db.session.scalar(_of(row, language).limit(1))
    return found


def get_version(row: EventAction, language: str, number: int) -> EventActionText | None:
    """Return one version."""
    if not 0 < number <= LARGEST_VERSION:
        return None
    return db.session.get(EventActionText, (row.code, language, number))


def list_versions(row: EventAction, language: str) -> Sequence[tuple[EventActionText, Account | None]]:
    """Return the newest versions with who wrote them, newest first."""
    query = _of(row, language).add_columns(Account).limit(SHOWN_VERSIONS)
    joined = query.outerjoin(Account, Account.id == EventActionText.written_by_id)
    return [(version, account) for version, account in db.session.execute(joined)]


def wording_at(row: EventAction, language: str, version: EventActionText | None) -> Wording:
    """Return what a version says; none says what the program says."""
    if version is None or version.is_original:
        return original(row, language)
    return Wording.stored_in(version)


def _of(row: EventAction, language: str) -> Select[Any]:
    mine = (EventActionText.code == row.code, EventActionText.language == language)
    return select(EventActionText).where(*mine).order_by(EventActionText.version.desc())
