"""A formula that was read once and can be evaluated any number of times."""

from __future__ import annotations

from dataclasses import dataclass, field

from webapp.languages.budget import MOST_SECONDS
from webapp.languages.errors import CANNOT_BE_USED, MISUSE, Unfit
from webapp.languages.formulas import parsing
from webapp.languages.formulas.compiler import Compiler, Evaluate
from webapp.languages.formulas.compiling import COMPILERS
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.hints import Hint, Schema
from webapp.languages.scope import Scope
from webapp.languages.store import Value


@dataclass(frozen=True)
class Formula:
    """A compiled formula. ``uses`` has the templates and attributes whose values it reads, by their names."""

    text: str
    hint: Hint
    uses: frozenset[tuple[str, str]]
    _work: Evaluate = field(repr=False)

    def evaluate(self, scope: Scope, most_seconds: float = MOST_SECONDS) -> Value:
        """Return the value for a record and a reader. Raises only FormulaError."""
        scope.budget.begin(most_seconds)
        try:
            return self._work(scope)
        except FormulaError:
            raise
        except Unfit as error:
            raise FormulaError(None, error.message, **error.facts) from None
        except MISUSE as error:
            raise FormulaError(None, CANNOT_BE_USED) from error


def compile_formula(text: str, schema: Schema | None = None, template: str | None = None) -> Formula:
    """Read a formula about records of a template. Raises FormulaError with line, column and the nearest name.

    Without a schema it is found out only when it is evaluated whether its attributes exist.
    """
    compiler = Compiler(COMPILERS, schema, template)
    part = compiler.compile(parsing.parse(text))
    return Formula(text, part.hint, frozenset(compiler.uses), part.evaluate)
