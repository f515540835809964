"""For what and for whom a formula or a program is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from webapp.languages.budget import Budget
from webapp.languages.store import Ref, Store, Value


@dataclass(frozen=True)
class Reader:
    """Who reads the values: an account (none for the program itself), a language, a zone."""

    user: Ref | None = None
    language: str = "en"
    zone: tzinfo = UTC


class Scope:
    """One record, one reader, one moment. What was read once is not read again.

    Things that came from one reading are read together the next time, so that a path over many records costs
    as many queries as it has steps.
    """

    def __init__(self, store: Store, record: Ref | None, reader: Reader, now: datetime) -> None:
        self.store = store
        self.record = record
        self.user = reader.user
        self.language = reader.language
        self.zone = reader.zone
        self.now = now.astimezone(reader.zone)
        #: The variables of the queries around, while they run.
        self.locals: dict[str, Value] = {}
        #: What the evaluation that goes on may still use; each begins it anew.
        self.budget = Budget()
        self._read: dict[str, dict[Ref, Value]] = {}
        self._records: dict[str, tuple[Ref, ...]] = {}
        self._with_text: dict[tuple[str, str], dict[str, tuple[Ref, ...]]] = {}
        self._together: dict[Ref, Sequence[Ref]] = {}

    def read(self, thing: Ref, attribute: str) -> Value:
        """Return the attribute of a thing. Raises UnknownName."""
        known = self._read.get(attribute)
        if known is None:
            known = self._read[attribute] = {}
        try:
            return known[thing]
        except KeyError:
            self._read_together(thing, attribute, known)
            return known[thing]

    def records_of(self, template: str) -> tuple[Ref, ...]:
        """Return all records of a template. Raises UnknownName, TooMany."""
        if template not in self._records:
            self.budget.look_at_clock()
            self._records[template] = tuple(self.store.records_of(template))
            self.keep_together(self._records[template])
        return self._records[template]

    def find(self, template: str, attribute: str, text: str) -> tuple[Ref, ...]:
        """Return the template's records whose attribute has this text. Raises UnknownName, TooMany."""
        by_text = self._with_text.get((template, attribute))
        if by_text is None:
            by_text = self._with_text[template, attribute] = self._by_text(template, attribute)
        return by_text.get(text, ())

    def leading_to(self, thing: Ref, template: str, attribute: str) -> Value:
        """Return the template's records whose attribute leads to the thing. Raises UnknownName, TooMany."""
        known = self._read.setdefault(f"<-{template}:{attribute}", {})
        if thing not in known:
            group = [each for each in self._together.get(thing, (thing,)) if each not in known]
            self.budget.look_at_clock()
            found = self.store.leading_to(template, attribute, group)
            known.update({each: tuple(found.get(each, ())) for each in group})
            self.keep_together([record for each in group for record in known[each]])
        return known[thing]

    def read_each(self, things: Iterable[Value], attribute: str) -> tuple[Value, ...]:
        """Return the attribute of each thing, what is many as one list. Raises UnknownName."""
        found: list[Value] = []
        for thing in things:
            value = self.read(thing, attribute)
            if type(value) is tuple:
                found += value
            elif value is not None:
                found.append(value)
        return tuple(found)

    def keep_together(self, things: Sequence[Value]) -> None:
        """Remember that these are read together."""
        refs = tuple(each for each in dict.fromkeys(things) if isinstance(each, Ref))
        if len(refs) > 1:
            self._together.update(dict.fromkeys(refs, refs))

    def local(self, value: Value) -> Value:
        """Return a moment in the reader's zone, and a day as the moment when it begins there."""
        if isinstance(value, datetime):
            return value.astimezone(self.zone)
        if isinstance(value, date):
            return datetime.combine(value, time(), self.zone)
        if type(value) in {tuple, list}:  # a Ref is a tuple, too, of a class of its own
            return tuple(map(self.local, value))
        return value

    def _by_text(self, template: str, attribute: str) -> dict[str, tuple[Ref, ...]]:
        found: dict[str, list[Ref]] = {}
        records = self.records_of(template)
        values = self.store.read(records, attribute)
        for record in records:
            value = values.get(record)
            if isinstance(value, str):
                found.setdefault(value, []).append(record)
        return {text: tuple(records) for text, records in found.items()}

    def _read_together(self, thing: Ref, attribute: str, known: dict[Ref, Value]) -> None:
        group = [each for each in self._together.get(thing, (thing,)) if each not in known]
        self.budget.look_at_clock()
        values = self.store.read(group, attribute)
        known.update({each: self.local(values.get(each)) for each in group})
        reached: list[Value] = []
        for each in group:
            value = known[each]
            reached += value if type(value) is tuple else (value,)
        self.keep_together(reached)
