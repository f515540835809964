"""How much one evaluation of a formula or a program may cost."""

from __future__ import annotations

from time import monotonic
from typing import Final

from webapp.languages.errors import Unfit
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

MOST_ROWS: Final = 100_000
MOST_SECONDS: Final = 5.0
MOST_CHARACTERS: Final = 50_000_000
LONGEST_TEXT: Final = 1_000_000

#: An element of a list takes as much memory as so many characters.
_CHARACTERS_OF_ELEMENT: Final = 20


class Budget:
    """What an evaluation may still use: rows that it looks at, characters that it makes, and time.

    The time is up at ``ends_at`` of ``time.monotonic``. No single step takes longer than a moment, so that it
    is enough to look at the clock before each.
    """

    __slots__ = ("characters_left", "ends_at", "rows_left")

    def __init__(self) -> None:
        self.begin()

    def begin(self, seconds: float = MOST_SECONDS, rows: int = MOST_ROWS) -> None:
        """Begin an evaluation, with everything still to be used."""
        self.rows_left = rows
        self.characters_left = MOST_CHARACTERS
        self.ends_at = monotonic() + seconds

    def look_at_clock(self) -> None:
        """Raise Unfit when the time is up."""
        if monotonic() > self.ends_at:
            raise Unfit(N_("This takes too long."))

    def spend_rows(self, count: int) -> None:
        """Raise Unfit when these rows are too many."""
        self.rows_left -= count
        if self.rows_left < 0:
            raise Unfit(N_("These are too many values to be looked at. Ask for fewer of them."))

    def spend_characters(self, count: int) -> None:
        """Raise Unfit when these characters are too many."""
        self.characters_left -= count
        if self.characters_left < 0:
            raise Unfit(N_("All texts and lists together would be too long. Make them shorter or fewer."))

    def made(self, value: Value) -> Value:
        """Return a value that was made, once its memory is paid for. Raises Unfit."""
        if type(value) is str:
            self.spend_characters(len(value))
        elif type(value) is tuple:
            self.spend_characters(len(value) * _CHARACTERS_OF_ELEMENT)
            for each in value:
                if type(each) is tuple:
                    self.made(each)
        return value


class Growing:
    """A text that is put together of pieces, and refused before it is too long."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._room = LONGEST_TEXT

    def add(self, piece: str) -> None:
        """Put a piece at the end. Raises Unfit when the text would be too long."""
        self._room -= len(piece)
        if self._room < 0:
            raise _too_long()
        if piece:
            self._pieces.append(piece)

    def text(self) -> str:
        """Return what was put together."""
        return "".join(self._pieces)


def check_length(count: int) -> None:
    """Raise Unfit when no text may have so many characters."""
    if count > LONGEST_TEXT:
        raise _too_long()


def bounded(text: str) -> str:
    """Return the text. Raises Unfit when it is longer than any text may be."""
    check_length(len(text))
    return text


def _too_long() -> Unfit:
    return Unfit(N_("The text would be longer than %(most)s characters."), most=LONGEST_TEXT)
