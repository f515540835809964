"""Where functions announce themselves, and what a call of one needs to know."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

#: Takes a scope and the values of the arguments (of a lazy function: what evaluates them).
Work = Callable[..., Any]
AnyWork = TypeVar("AnyWork", bound=Work)


@dataclass(frozen=True)
class Code:
    """The work of a function. *Lazy*: it decides itself which arguments are evaluated.

    A function that does not take empty values is empty itself as soon as an argument is.
    """

    work: Work
    takes_empty: bool
    is_lazy: bool


CODE: Final[dict[str, Code]] = {}


def function(*names: str, takes_empty: bool = False, is_lazy: bool = False) -> Callable[[AnyWork], AnyWork]:
    """Register the work of a function; it gets the scope if its first argument is called so."""

    def register(work: AnyWork) -> AnyWork:
        wants_scope = next(iter(inspect.signature(work).parameters), "") == "scope"
        CODE.update(
            dict.fromkeys(names, Code(work if wants_scope else _scopeless(work), takes_empty, is_lazy))
        )
        return work

    return register


def _scopeless(work: Work) -> Work:
    return lambda _scope, *values: work(*values)
