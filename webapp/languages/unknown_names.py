"""What is said of a name that nothing has, and which one may be meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from webapp.languages.store import Named, UnknownName
from webapp.languages.values.kind import N_

#: By what the name should be of: what is said of it, and what when another one is like it.
_SAID: Final[dict[Named, tuple[str, str]]] = {
    Named.ATTRIBUTE: (
        N_("There is no attribute “%(name)s”."),
        N_("There is no attribute “%(name)s”. Is “%(nearest)s” meant?"),
    ),
    Named.TEMPLATE: (
        N_("There is no template “%(name)s”."),
        N_("There is no template “%(name)s”. Is “%(nearest)s” meant?"),
    ),
    Named.VARIABLE: (
        N_("There is no variable “%(name)s”."),
        N_("There is no variable “%(name)s”. Is “%(nearest)s” meant?"),
    ),
    Named.FUNCTION: (
        N_("There is no function %(name)s."),
        N_("There is no function %(name)s. Is %(nearest)s meant?"),
    ),
    Named.PREDICATE: (
        N_("There is no predicate %(name)s."),
        N_("There is no predicate %(name)s. Is %(nearest)s meant?"),
    ),
    Named.TERM: (
        N_("%(name)s stands for nothing here."),
        N_("%(name)s stands for nothing here. Is %(nearest)s meant?"),
    ),
}


def said_of(error: UnknownName) -> tuple[str, dict[str, str]]:
    """Return the message and its facts, as a LanguageError takes them."""
    plain, guess = _SAID[error.named]
    name = error.name[:80]
    near = get_close_matches(error.name, error.known, 1, 0.6)
    return (guess, {"name": name, "nearest": near[0]}) if near else (plain, {"name": name})
