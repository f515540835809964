"""A formula or a program tried on a record: its value, what it read, how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Final

from webapp.core.clock import now
from webapp.desk.records.models import Record
from webapp.desk.records.record_schema import RecordSchema
from webapp.desk.records.record_store import RecordStore
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import CLASSES, Type
from webapp.languages.n3.program import compile_program
from webapp.languages.n3.running import Effect
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref, Value
from webapp.people.accounts.models import Account


class Language(StrEnum):
    """The two languages."""

    FORMULA = "formula"
    PROGRAM = "n3"


@dataclass(frozen=True)
class Trial:
    """What came of it. ``uses`` are attributes with the things that have them; nothing was changed."""

    value: Value
    hint: Hint
    uses: tuple[tuple[str, str], ...]
    effects: tuple[Effect, ...]
    seconds: float


@dataclass(frozen=True)
class Eyes:
    """Who looks: an account with its rights (none for the program itself), a language, a zone."""

    account: Account | None
    language: str
    zone: tzinfo


def attempt(language: Language, text: str, record: Record | None, eyes: Eyes) -> Trial:
    """Evaluate the text for the record. Raises LanguageError; changes nothing."""
    began = time.perf_counter()
    store = _NotingStore(eyes.account)
    user = Ref("account", eyes.account.id) if eyes.account else None
    thing = Ref("record", record.id) if record else None
    scope = Scope(store, thing, Reader(user, eyes.language, eyes.zone), now())
    value, hint, effects = _TRIALS[language](text, record, scope)
    found = hint if hint.type is not Type.ANY else _hint_of(value)
    return Trial(value, found, tuple(sorted(store.uses)), effects, time.perf_counter() - began)


Tried = tuple[Value, Hint, tuple[Effect, ...]]


def _try_formula(text: str, record: Record | None, scope: Scope) -> Tried:
    template = record.template.system_name if record else None
    formula = compile_formula(text, RecordSchema(), template)
    return formula.evaluate(scope), formula.hint, ()


def _try_program(text: str, _record: Record | None, scope: Scope) -> Tried:
    result = compile_program(text).run(scope)
    return result.value, Hint(), result.effects


_TRIALS: Final[Mapping[Language, Callable[[str, Record | None, Scope], Tried]]] = {
    Language.FORMULA: _try_formula,
    Language.PROGRAM: _try_program,
}


class _NotingStore(RecordStore):
    """Notes what is read."""

    def __init__(self, reader: Account | None) -> None:
        super().__init__(reader)
        self.uses: set[tuple[str, str]] = set()

    def read(self, things: Sequence[Ref], attribute: str) -> Mapping[Ref, Value]:
        """See ``Store.read``."""
        found = super().read(things, attribute)
        self.uses |= {(self.template_of(each) or each.kind, attribute) for each in things}
        return found

    def leading_to(
        self, template: str, attribute: str, targets: Sequence[Ref]
    ) -> Mapping[Ref, Sequence[Ref]]:
        """See ``Store.leading_to``."""
        self.uses.add((template, attribute))
        return super().leading_to(template, attribute, targets)


def _hint_of(value: Value) -> Hint:
    many = type(value) is tuple
    first = next(iter(value), None) if many else value
    kinds = {kind: name for name, kind in CLASSES.items()}
    return Hint(kinds.get(type(first), Type.ANY), many)
