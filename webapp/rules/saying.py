"""What formulas and programs say, in the reader's language: errors, types, values."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.languages.errors import LanguageError, Place
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import Type

#: Facts of errors that are words themselves.
_WORDS: Final = frozenset({"type", "left", "right"})
TYPES: Final[dict[Type, LazyString]] = {
    Type.NUMBER: _l("number"),
    Type.TEXT: _l("text"),
    Type.BOOLEAN: _l("logical value"),
    Type.MOMENT: _l("date and time"),
    Type.DURATION: _l("duration"),
    Type.THING: _l("record"),
    Type.LIST: _l("list"),
    Type.ANY: _l("anything"),
}


def say(error: LanguageError) -> str:
    """Return what is wrong as a sentence, without its place."""
    facts = {name: _(fact) if name in _WORDS else fact for name, fact in error.facts.items()}
    sentence: str = _(error.message, **facts)
    return sentence


def say_place(place: Place | None) -> str:
    """Return where something is wrong; nothing for what concerns the whole text."""
    return (
        "" if place is None else _("Line %(line)s, column %(column)s", line=place.line, column=place.column)
    )


def say_whole(error: LanguageError) -> str:
    """Return place and sentence."""
    place = say_place(error.place)
    return f"{place}: {say(error)}" if place else say(error)


def say_type(hint: Hint) -> str:
    """Return the type of a value in words."""
    word = str(TYPES[hint.type])
    return _("list: %(type)s", type=word) if hint.is_many else word
