"""The form of a record, built from the attributes that this person may fill in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from wtforms.form import BaseForm

from webapp.core.clock import now
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records import link_options
from webapp.desk.records.forms.typed_fields import (
    DateField,
    LineField,
    LinesField,
    LookupField,
    MomentField,
    SelectManyField,
    SelectOneField,
)
from webapp.desk.records.models import Record
from webapp.desk.records.permissions import changeable_attributes, editable_attributes
from webapp.desk.records.services import EditConflict
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account

#: Names of the form's own fields begin with _, which no attribute does.
VERSION, SHOWN, NONCE, TAKE = "_version", "_shown", "_nonce", "_take_"
THEIRS = "theirs"
LONGEST_NONCE = 100


class RecordForm(BaseForm):
    """Fields by system name, and beside them what was shown, so that another editor's save is noticed.

    ``given`` are values with which the form of a new record begins.
    """

    def __init__(  # noqa: PLR0913 - by name but for the first three
        self,
        template: RecordTemplate,
        viewer: Account,
        reader: Reader,
        *,
        record: Record | None = None,
        typed: Any = None,  # noqa: ANN401 - the form data, as werkzeug gives it
        given: Mapping[str, Any] | None = None,
    ) -> None:
        shown = editable_attributes if record is None else changeable_attributes
        attributes = shown(template, viewer)
        earliest = None if record else now()
        super().__init__({each.system_name: _field(each, viewer, reader, earliest) for each in attributes})
        self.attributes = {each.system_name: each for each in attributes}
        self.record = record
        self.reader = reader
        self.posted = typed or {}
        #: Whether the page shows the record as it is now; an error page still shows what the form began with.
        self.is_fresh = not typed
        self.conflicts = self._decided()
        self.nonce = str(self.posted.get(NONCE) or secrets.token_urlsafe(24))[:LONGEST_NONCE]
        self.process(typed, data={**self._held(template), **(given or {})})

    @property
    def values(self) -> dict[str, Any]:
        """The values to save: what was changed here, unless the other editor's was preferred."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if not self.takes_theirs(name) and not self._is_untouched(name)
        }

    @property
    def version(self) -> int:
        """The version with which the form that is shown now began."""
        if not self.is_fresh:
            return self.version_seen
        return self.record.version if self.record else 0

    @property
    def shown(self) -> str:
        """The values with which the form that is shown now began, as JSON."""
        return json.dumps(self._held_json() if self.is_fresh else self.values_seen, ensure_ascii=False)

    def takes_theirs(self, name: str) -> bool:
        """Whether the other editor's value was preferred."""
        return bool(self.posted.get(f"{TAKE}{name}") == THEIRS)

    @property
    def version_seen(self) -> int:
        """The version that the sent form had shown; 0 when it says nothing sensible."""
        text = str(self.posted.get(VERSION, ""))
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    @cached_property
    def values_seen(self) -> dict[str, Any]:
        """The values that the sent form had shown, as JSON."""
        try:
            seen = json.loads(self.posted.get(SHOWN, ""))
        except (ValueError, RecursionError):
            return {}
        return seen if isinstance(seen, dict) else {}

    def show_conflict(self, conflict: EditConflict) -> None:
        """Put the other editor's values beside those typed here, and renew what nobody touched here."""
        self.is_fresh = True
        self.conflicts = {name: self._theirs(name) for name in [*self.conflicts, *conflict.conflicts]}
        for name, field in self._fields.items():
            if self._is_untouched(name):
                field.process_data(self.record[name] if self.record else None)

    def _decided(self) -> dict[str, str]:
        """Return the values of others between which and those typed here somebody chose already."""
        return {name: self._theirs(name) for name in self.attributes if self.posted.get(f"{TAKE}{name}")}

    def _is_untouched(self, name: str) -> bool:
        seen = self.values_seen if self.record else {}
        field: Any = self._fields[name]
        return name in seen and bool(field.reads_as(seen[name]))

    def _theirs(self, name: str) -> str:
        held = self.record[name] if self.record else None
        return self.attributes[name].typed.show(held, self.reader)

    def _held(self, template: RecordTemplate) -> Mapping[str, Any]:
        if self.record is not None:
            return {name: self.record[name] for name in self.attributes}
        defaults = {name: each.default for name, each in self.attributes.items() if each.default}
        typed = {
            name: template.attribute(name).typed
            for name in defaults
            if not template.attribute(name).typed.kind.links_to
        }
        return {name: each.parse([defaults[name] or ""], self.reader) for name, each in typed.items()}

    def _held_json(self) -> dict[str, Any]:
        if self.record is None:
            return {}
        return {name: each.typed.to_json(self.record[name]) for name, each in self.attributes.items()}


def _field(attribute: Attribute, viewer: Account, reader: Reader, earliest: datetime | None) -> Any:  # noqa: ANN401 - an unbound field
    name = attribute.system_name
    common = {
        "label": attribute.label(reader.language),
        "description": attribute.hint(reader.language),
        "id": f"field-{name.replace('_', '-')}",
        "typed": attribute.typed,
        "reader": reader,
        "is_needed": attribute.is_required,
    }
    if attribute.options.get("from_now"):
        common["earliest"] = earliest
    return WIDGETS[attribute.typed.kind.widget](attribute, viewer, common)


def _line(attribute: Attribute, _viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401 - an unbound field
    attributes = {"maxlength": attribute.options.get("max_length", 255)} if attribute.kind == "text" else {}
    if attribute.kind == "number":
        attributes = {"inputmode": "decimal"}
    if attribute.options.get("format") == "email":
        attributes |= {"inputmode": "email", "autocomplete": "off"}
    return LineField(**common, render_kw=attributes)


def _lines(_attribute: Attribute, _viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401
    return LinesField(**common, render_kw={"rows": 6, "data-autosize": True})


def _select(attribute: Attribute, _viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401
    kind: Any = attribute.typed.kind
    options = kind.choices(attribute.options, common["reader"])
    return (SelectManyField if attribute.is_many else SelectOneField)(**common, options=options)


def _link(attribute: Attribute, viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401
    common = {**common, "is_allowed": partial(link_options.is_option, attribute, viewer)}
    options = link_options.list_options(attribute, viewer)
    if options is not None:
        pairs = [(str(option.id), option.name) for option in options]
        return (SelectManyField if attribute.is_many else SelectOneField)(**common, options=pairs)
    return LookupField(
        **common,
        find=partial(link_options.chosen_id, attribute),
        words=lambda each: link_options.words_for(
            attribute, each, common["reader"].name_of(attribute.kind, each) or ""
        ),
        render_kw={"autocomplete": "off"},
    )


def _date(_attribute: Attribute, _viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401
    return DateField(**common)


def _moment(_attribute: Attribute, _viewer: Account, common: dict[str, Any]) -> Any:  # noqa: ANN401
    return MomentField(**common)


#: Which field a kind's values are typed into.
WIDGETS = {"line": _line, "lines": _lines, "date": _date, "moment": _moment, "select": _select, "link": _link}
