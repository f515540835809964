"""A program that was read once and can be run any number of times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from webapp.languages.errors import CANNOT_BE_USED, MISUSE, Unfit
from webapp.languages.formulas.operators import equals
from webapp.languages.n3 import checking, parsing, solving
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.running import Effect, Run, Solve, each_of
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

MOST_VALUES: Final = 10_000


@dataclass(frozen=True)
class Result:
    """What a program found: each value once, in the order in which they came; and what it wants done."""

    values: tuple[Value, ...]
    effects: tuple[Effect, ...]

    @property
    def value(self) -> Value:
        """The only value, several as a list, or nothing."""
        return self.values[0] if len(self.values) == 1 else self.values or None


@dataclass(frozen=True)
class Program:
    """A compiled program."""

    text: str
    _solve: Solve = field(repr=False)

    def run(self, scope: Scope) -> Result:
        """Return what ?value is for the scope's record, which is ?item. Raises only ProgramError."""
        run = Run(scope)
        values, effects = _Distinct(), _Distinct()
        try:
            for found in self._solve(run, {checking.ITEM: scope.record}):
                for value in each_of(found.get(checking.VALUE)):
                    values.keep(value)
            for effect in run.effects:
                effects.keep(effect)
        except ProgramError:
            raise
        except Unfit as error:
            raise ProgramError(None, error.message, **error.facts) from None
        except MISUSE as error:
            raise ProgramError(None, CANNOT_BE_USED) from error
        return Result(tuple(values.kept), tuple(effects.kept))


def compile_program(text: str) -> Program:
    """Read a program. Raises ProgramError with line, column and what is probably meant."""
    body = parsing.parse(text)
    checking.check(body)
    return Program(text, solving.block(body))


class _Distinct:
    """Keeps each value once, in the order in which they come."""

    def __init__(self) -> None:
        self.kept: list[Value] = []
        self._known: set[tuple[type, Value]] = set()

    def keep(self, value: Value) -> None:
        """Keep the value unless it is there. Raises Unfit when there are too many."""
        key = (type(value), value)  # otherwise true would be 1
        try:
            is_known = key in self._known
            self._known.add(key)
        except TypeError:  # a variable with parts is no key
            is_known = any(equals(value, each) for each in self.kept)
        if not is_known:
            self.kept.append(value)
        if len(self.kept) > MOST_VALUES:
            raise Unfit(N_("The program finds more than %(most)s values."), most=MOST_VALUES)
