"""Reads of push notes: always one person's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from webapp.core.db import db
from webapp.messaging.push.models import PushNote

LATEST = 20

Group = tuple[PushNote, ...]


@dataclass(frozen=True)
class BellState:
    """What one person's bell shows: how many notes are unread, and the latest ones, newest first."""

    unread: int
    notes: tuple[PushNote, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return the notes by what they are about; the group with the newest note comes first."""
        return group_by_subject(self.notes)

    @property
    def newest_id(self) -> int:
        """Return the highest id, 0 when there is no note."""
        return max((note.id for note in self.notes), default=0)


def find_notes(account_id: int, *, only_unread: bool = False) -> Select[PushNote]:
    """Return the statement that finds a person's notes, for paging."""
    statement = select(PushNote).where(PushNote.account_id == account_id)
    return statement.where(PushNote.read_at.is_(None)) if only_unread else statement


def get_note(note_id: int, account_id: int) -> PushNote | None:
    """Return the note if it is that person's."""
    return db.session.scalar(find_notes(account_id).where(PushNote.id == note_id))


def count_unread(account_id: int) -> int:
    """Return how many notes the person has not read."""
    unread = select(func.count()).select_from(PushNote)
    return db.session.scalar(unread.where(PushNote.account_id == account_id, PushNote.read_at.is_(None))) or 0


def get_bell_state(account_id: int) -> BellState:
    """Return what the person's bell shows at this moment."""
    latest = db.session.scalars(find_notes(account_id).order_by(PushNote.id.desc()).limit(LATEST))
    return BellState(count_unread(account_id), tuple(latest))


def group_by_subject(notes: Iterable[PushNote]) -> tuple[Group, ...]:
    """Return the notes in groups about the same thing, in the order in which each thing comes first."""
    groups: dict[tuple[str | None, int | None], list[PushNote]] = {}
    for note in notes:
        # A note about nothing in particular stands for itself.
        key = (note.subject_type, note.subject_id) if note.subject_id is not None else (None, -note.id)
        groups.setdefault(key, []).append(note)
    return tuple(tuple(group) for group in groups.values())
