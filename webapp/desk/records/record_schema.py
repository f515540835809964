"""What formulas can know of records, people and teams before any value is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from webapp.desk.record_templates.models import Attribute
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.record_store import names_of, template_named
from webapp.desk.records.system_attributes import (
    ACCOUNT,
    OF_PEOPLE,
    OF_RECORDS,
    OF_TEAMS,
    PRIVATE,
    TEAM,
    Known,
)
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import Type
from webapp.languages.store import UnknownName

#: Templates that are no record templates.
PEOPLE: Final[Mapping[str, Mapping[str, Known]]] = {ACCOUNT: {**OF_PEOPLE, **PRIVATE}, TEAM: OF_TEAMS}
_TYPES: Final[Mapping[str, Type]] = {
    "text": Type.TEXT,
    "long_text": Type.TEXT,
    "choice": Type.TEXT,
    "number": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "date": Type.MOMENT,
    "datetime": Type.MOMENT,
    "account": Type.THING,
    "team": Type.THING,
    "record": Type.THING,
}


class RecordSchema:
    """See ``Schema`` of formulas: the record templates of the installation, accounts and teams."""

    def attribute(self, template: str, name: str) -> Hint:
        """See ``Schema.attribute``. Retired attributes are known as long as records have their values."""
        if template in PEOPLE:
            known = PEOPLE[template].get(name)
            if known is None:
                raise UnknownName(name, sorted(PEOPLE[template]))
            return known.hint
        return self._of_records(template, name)

    def template(self, name: str) -> str:
        """See ``Schema.template``."""
        return name if name in PEOPLE else template_named(name).system_name

    def names(self, template: str) -> list[str]:
        """Return the attributes that a formula may name. Raises UnknownName."""
        return sorted(PEOPLE[template]) if template in PEOPLE else names_of(template_named(template))

    def _of_records(self, template: str, name: str) -> Hint:
        if name == STATUS:
            return Hint(Type.TEXT)
        if name in OF_RECORDS:
            hint = OF_RECORDS[name].hint
            return hint if hint != Hint(Type.THING) else Hint(Type.THING, leads_to=template)
        known = template_named(template)
        try:
            return hint_of(known.attribute(name))
        except KeyError:
            raise UnknownName(name, names_of(known)) from None


def hint_of(attribute: Attribute) -> Hint:
    """Return what is known of an attribute's values."""
    return Hint(_TYPES.get(attribute.kind, Type.ANY), attribute.is_many, _target(attribute))


def _target(attribute: Attribute) -> str | None:
    if attribute.kind == "record":
        return str(attribute.options["template"])
    return attribute.kind if attribute.kind in PEOPLE else None
