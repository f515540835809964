"""A store that holds everything in memory: for samples, tests and measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.languages.store import Named, Ref, UnknownName, Value


class MemoryStore:
    """Templates with their records, accounts, and variables; counts how often it was asked."""

    def __init__(self, variables: Mapping[str, Value] | None = None) -> None:
        self.things: dict[Ref, dict[str, Value]] = {}
        self.templates: dict[str, list[Ref]] = {}
        self.variables = dict(variables or {})
        self.questions = 0

    def add(self, kind: str, template: str = "", /, **values: Any) -> Ref:  # noqa: ANN401 - any values
        """Add a thing and return it; ``id`` may be given."""
        number = values.get("id") or 1 + max(
            (each.id for each in self.things if each.kind == kind), default=0
        )
        ref = Ref(kind, number)
        self.things[ref] = {"id": ref, **values}
        if template:
            self.templates.setdefault(template, []).append(ref)
        return ref

    def read(self, things: Sequence[Ref], attribute: str) -> Mapping[Ref, Value]:
        """See ``Store.read``."""
        self.questions += 1
        found = {each: self.things[each] for each in things if each in self.things}
        for values in found.values():
            if attribute not in values:
                raise UnknownName(attribute, sorted(values))
        return {each: values[attribute] for each, values in found.items()}

    def records_of(self, template: str) -> Sequence[Ref]:
        """See ``Store.records_of``."""
        self.questions += 1
        if template not in self.templates:
            raise UnknownName(template, sorted(self.templates), Named.TEMPLATE)
        return self.templates[template]

    def leading_to(
        self, template: str, attribute: str, targets: Sequence[Ref]
    ) -> Mapping[Ref, Sequence[Ref]]:
        """See ``Store.leading_to``."""
        found: dict[Ref, list[Ref]] = {}
        values = self.read(self.records_of(template), attribute)
        for record, value in values.items():
            for target in value if type(value) is tuple else (value,):
                if target in targets:
                    found.setdefault(target, []).append(record)
        return found

    def variable(self, name: str) -> Value:
        """See ``Store.variable``."""
        if name not in self.variables:
            raise UnknownName(name, sorted(self.variables), Named.VARIABLE)
        return self.variables[name]
