"""What is wrong with a formula or a program, and where."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from webapp.languages.values.kind import N_


class Place(NamedTuple):
    """A place in a text: line and column begin with 1."""

    line: int
    column: int


class LanguageError(ValueError):
    """A text cannot be read or has no value.

    ``message`` is English with ``%(name)s`` for ``facts``; whoever shows it translates it. ``place`` is None
    for what concerns the text as a whole.
    """

    def __init__(self, place: Place | None, message: str, **facts: Any) -> None:  # noqa: ANN401 - shown as it is
        where = f"{place.line}:{place.column}: " if place else ""
        super().__init__(where + message % facts)
        self.place = place
        self.message = message
        self.facts = facts


class Unfit(ValueError):
    """These values cannot be used so. Whoever knows the place in the text makes a LanguageError of it."""

    def __init__(self, message: str, **facts: Any) -> None:  # noqa: ANN401 - shown as it is
        super().__init__(message % facts)
        self.message = message
        self.facts = facts


CANNOT_BE_USED: Final = N_("These values cannot be used so.")
#: What Python raises for values that do not go together or grow beyond its bounds.
MISUSE: Final = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError,
)  # fmt: skip
