"""The filters above a list, each with what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records import link_options
from webapp.desk.records.permissions import has_assignment
from webapp.desk.records.wanted import EVERY_STATUS, MYSELF, NOTHING, Wanted, filters_of, role_of
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class ListFilter:
    """One select above a list."""

    name: str
    label: str
    choices: Choices
    value: str


def filters_for(
    template: RecordTemplate, wanted: Wanted, viewer: Account, reader: Reader
) -> list[ListFilter]:
    """Return the filters of the template's list, as the person has set them."""
    found = []
    if template.live_statuses:
        found.append(ListFilter("status", _("Status"), _statuses(template, reader), wanted.status))
    if template.live_statuses or has_assignment(template):
        found.append(ListFilter("part", _("My part"), _parts(template, viewer), wanted.part))
    for attribute in filters_of(template):
        value = wanted.values.get(attribute.system_name, "")
        choices = _choices(attribute, viewer, reader)
        if choices is not None or value:
            found.append(_filter(attribute, choices or [], value, reader))
    return found


def _filter(attribute: Attribute, choices: Choices, value: str, reader: Reader) -> ListFilter:
    label = attribute.label(reader.language)
    options = [("", _("All")), *choices]
    if not attribute.is_required:
        options.append((NOTHING, _("Not set")))
    if value and value not in {key for key, _words in options}:
        options.append((value, value))
    return ListFilter(attribute.system_name, label, options, value)


def _choices(attribute: Attribute, viewer: Account, reader: Reader) -> Choices | None:
    """Return what can be chosen; None when that is too much for a list, or not for everybody's eyes."""
    kind = attribute.typed.kind
    if hasattr(kind, "choices"):
        return list(kind.choices(attribute.options, reader))
    if attribute.kind == "account":
        myself = [(MYSELF, _("Me"))]
        if not viewer.is_staff or attribute.options.get("among") != "staff":
            return myself
        return [
            *myself,
            *((str(each.id), each.name) for each in link_options.list_options(attribute, viewer) or []),
        ]
    options = link_options.list_options(attribute, viewer)
    return None if options is None else [(str(option.id), option.name) for option in options]


def _statuses(template: RecordTemplate, reader: Reader) -> Choices:
    groups = [("", _("Open")), ("waiting", _("Waiting")), ("done", _("Done")), (EVERY_STATUS, _("All"))]
    return [*groups, *((each.system_name, each.label(reader.language)) for each in template.live_statuses)]


def _parts(template: RecordTemplate, viewer: Account) -> Choices:
    there = [
        ("assigned", _("Assigned to me"), viewer.is_staff and role_of(template, "assigned")),
        ("team", _("Of my teams"), viewer.is_staff and template.attribute_in("team_id")),
        ("requested", _("Requested by me"), role_of(template, "requested")),
        ("awaited", _("Waiting for my vote"), role_of(template, "awaited")),
        ("observed", _("I am subscribed"), True),
    ]
    return [("", _("All")), *((part, words) for part, words, is_there in there if is_there)]
