"""What a new record has where its author filled in nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account


def with_defaults(template: RecordTemplate, values: Mapping[str, Any], author: Account) -> dict[str, Any]:
    """Return the values with those that the template's attributes have by themselves."""
    filled = dict(values)
    address = template.attribute_in("requester_address")
    for attribute in template.live_attributes:
        if filled.get(attribute.system_name) is not None:
            continue
        is_known_by_address = (
            attribute.column_name == "requester_id" and address and filled.get(address.system_name)
        )
        if attribute.column_name == "author_id":
            filled[attribute.system_name] = author.id
        elif attribute.default and not is_known_by_address:
            filled[attribute.system_name] = _default(attribute, author)
    return filled


def _default(attribute: Attribute, author: Account) -> Any:  # noqa: ANN401 - of the attribute's kind
    if attribute.default == "author" and attribute.kind == "account":
        return author.id
    return attribute.typed.parse([attribute.default or ""], Reader())
