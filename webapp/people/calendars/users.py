"""Who uses calendars: upper packages say what they use, and hear when a calendar changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from webapp.people.accounts.models import Account


class Use(NamedTuple):
    """One thing that uses a calendar: its name, and the address of its page."""

    name: str
    url: str


Finder = Callable[[int], list[Use]]
Listener = Callable[[Account | None], object]

AnyListener = TypeVar("AnyListener", bound=Listener)

_finders: dict[str, Finder] = {}
_listeners: dict[str, Listener] = {}


def finds_uses(finder: Finder) -> Finder:
    """Register a function that returns what uses the calendar with a number."""
    _finders[finder.__module__] = finder
    return finder


def hears_of_changes(listener: AnyListener) -> AnyListener:
    """Register a function that is called in the transaction in which somebody changed what calendars say."""
    _listeners[listener.__module__] = listener
    return listener


def uses_of(calendar_id: int) -> list[Use]:
    """Return everything that uses the calendar."""
    return [use for finder in _finders.values() for use in finder(calendar_id)]


def tell_of_change(actor: Account | None) -> None:
    """Let everybody know that a calendar says something else now."""
    for listener in _listeners.values():
        listener(actor)
