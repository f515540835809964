"""What the editor offers while somebody writes: attributes of templates, functions, predicates."""

from __future__ import annotations

from typing import Any

from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.record_templates.queries import list_templates
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.record_schema import PEOPLE, RecordSchema
from webapp.languages.formulas import catalogue
from webapp.languages.n3.catalogue import predicates
from webapp.rules.saying import say_type


def names_for(language: str) -> dict[str, Any]:
    """Return attributes by template, functions and predicates, with words in the language."""
    templates = list_templates()
    attributes = {
        each.system_name: _attributes(each.system_name, _labels(each, language)) for each in templates
    }
    attributes |= {name: _attributes(name, {}) for name in PEOPLE}
    functions = [
        {"name": each.name, "signature": each.signature, "words": each.words[language]}
        for each in catalogue.functions().values()
    ]
    offered = [
        {"name": name.rstrip("*"), "words": each.words[language]}
        for name, each in sorted(predicates().items())
    ]
    return {"attributes": attributes, "functions": functions, "predicates": offered}


def _labels(template: RecordTemplate, language: str) -> dict[str, str]:
    return {each.system_name: each.label(language) for each in template.live_attributes}


def _attributes(template: str, labels: dict[str, str]) -> list[dict[str, Any]]:
    schema = RecordSchema()
    found = []
    for name in schema.names(template):
        hint = schema.attribute(template, name)
        words = ", ".join(filter(None, (labels.get(name, ""), say_type(hint))))
        found.append({"name": name, "words": words, "leads_to": hint.leads_to})
    return sorted(found, key=lambda one: (one["name"] not in labels and one["name"] != STATUS, one["name"]))
