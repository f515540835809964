"""A formula that was read once and can be evaluated any number of times."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from webapp.languages.formulas import parsing
from webapp.languages.formulas.compiler import Compiler, Evaluate
from webapp.languages.formulas.compiling import COMPILERS
from webapp.languages.formulas.hints import Hint, Schema
from webapp.languages.scope import Scope
from webapp.languages.store import Value

MOST_ROWS: Final = 100_000
MOST_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Formula:
    """A compiled formula. ``uses`` has the templates and attributes whose values it reads, by their names."""

    text: str
    hint: Hint
    uses: frozenset[tuple[str, str]]
    _work: Evaluate = field(repr=False)
    _is_long: bool

    def evaluate(self, scope: Scope, most_seconds: float | None = None) -> Value:
        """Return the value for a record and a reader. Raises FormulaError."""
        if self._is_long:
            scope.rows_left = MOST_ROWS
            scope.ends_at = time.monotonic() + (most_seconds or MOST_SECONDS)
        return self._work(scope)


def compile_formula(text: str, schema: Schema | None = None, template: str | None = None) -> Formula:
    """Read a formula about records of a template. Raises FormulaError with line, column and the nearest name.

    Without a schema it is found out only when it is evaluated whether its attributes exist.
    """
    compiler = Compiler(COMPILERS, schema, template)
    part = compiler.compile(parsing.parse(text))
    return Formula(text, part.hint, frozenset(compiler.uses), part.evaluate, compiler.is_long)
