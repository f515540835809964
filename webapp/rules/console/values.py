"""The value of a formula or a program as a page shows it: things with their names, long lists cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flask_babel import gettext as _

from webapp.desk.records.shown import FINDERS, Names
from webapp.languages.errors import MISUSE
from webapp.languages.formulas.showing import show
from webapp.languages.n3.running import Effect
from webapp.languages.store import Ref, Value
from webapp.people.accounts.models import Account

MOST_SHOWN: Final = 100
LONGEST_SHOWN: Final = 5000


@dataclass(frozen=True)
class Shown:
    """One value, or the first ones of a list and how many there are besides."""

    words: tuple[str, ...]
    is_list: bool
    more: int = 0
    is_cut: bool = False


class Asked(NamedTuple):
    """Something that a program asks for: the predicate, of what, and with what."""

    predicate: str
    subject: str
    object: str


def in_words(value: Value, viewer: Account | None, language: str) -> Shown:
    """Return a value in words, with the names of what the viewer may see."""
    is_list = type(value) is tuple
    every = value if is_list else () if value is None else (value,)
    names = Names(viewer)
    words = [_word(each, names, language) for each in every[:MOST_SHOWN]]
    is_cut = any(len(word) > LONGEST_SHOWN for word in words)
    return Shown(tuple(word[:LONGEST_SHOWN] for word in words), is_list, len(every) - len(words), is_cut)


def in_words_asked(effects: Sequence[Effect], viewer: Account | None, language: str) -> list[Asked]:
    """Return the first things that a program asks for, in words."""
    return [
        Asked(one.kind, _line(one.subject, viewer, language), _line(one.object, viewer, language))
        for one in effects[:MOST_SHOWN]
    ]


def _line(value: Value, viewer: Account | None, language: str) -> str:
    return ", ".join(in_words(value, viewer, language).words)


def _word(value: Value, names: Names, language: str) -> str:
    if not isinstance(value, Ref) or value.kind not in FINDERS:
        return _shown_or_not(value, language)
    name = names(value.kind, value.id) or ""
    number = _("#%(number)s", number=value.id)
    return f"{number} {name}".strip()


def _shown_or_not(value: Value, language: str) -> str:
    try:
        return show(value, language)
    except MISUSE:  # such as a list whose texts together are longer than any text may be
        return str(_("(cannot be shown)"))
