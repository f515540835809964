"""What upper packages keep in step with records, in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.desk.record_templates.models import Attribute
    from webapp.desk.records.changes import Recording

Keeper = Callable[["Recording"], None]

_keepers: dict[str, Keeper] = {}
_followers: dict[str, Keeper] = {}


class Refused(Exception):
    """An upper package does not allow this value of an attribute; the text says so to the person."""

    def __init__(self, attribute: Attribute, words: str) -> None:
        super().__init__(f"{attribute.system_name}: {words}")
        self.attribute = attribute
        self.words = words


def kept_in_step(keeper: Keeper) -> Keeper:
    """Register a function that is asked whenever a record is made or changed, before the event is written.

    It may write rows of its own and set attributes of the record, which then stand among the changes of the
    event. It reads what the person changed from ``changes`` and sees the record as it will be. It may raise
    Refused.
    """
    _keepers[f"{keeper.__module__}.{keeper.__qualname__}"] = keeper
    return keeper


def follows_record(follower: Keeper) -> Keeper:
    """Register a function that is asked after everybody in ``kept_in_step``, when all that is new has its id.

    It may write rows of its own, and changes neither the record nor the event, which are written already.
    """
    _followers[f"{follower.__module__}.{follower.__qualname__}"] = follower
    return follower


def registered() -> tuple[str, ...]:
    """Return where the functions are written that are asked, in their order."""
    return tuple(sorted(_keepers))


def ask_all(change: Recording) -> None:
    """Let everybody keep in step with the change. Raises Refused."""
    for path in registered():
        _keepers[path](change)


def let_all_follow(change: Recording) -> None:
    """Let everybody follow who needs the ids of what was written."""
    for follower in _followers.values():
        follower(change)
