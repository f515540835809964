"""What is known of a value before it is there, and who knows what attributes there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from webapp.languages.formulas.types import Type


@dataclass(frozen=True, slots=True)
class Hint:
    """A type, of a list that of its elements. ``leads_to``: the template whose attributes a thing has."""

    type: Type = Type.ANY
    is_many: bool = False
    leads_to: str | None = None

    @property
    def whole(self) -> Type:
        """The type of the value as a whole."""
        return Type.LIST if self.is_many else self.type


UNKNOWN: Final = Hint()


class Schema(Protocol):
    """The templates and their attributes; accounts, teams and documents are templates, too."""

    def attribute(self, template: str, name: str) -> Hint:
        """Return what is known of an attribute. Raises UnknownName."""

    def template(self, name: str) -> str:
        """Return the name of a template as ``attribute`` takes it. Raises UnknownName."""
