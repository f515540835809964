"""The one door to a record's values, wherever they are stored: a column, the JSON of values, or links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webapp.desk.record_templates.models import Attribute

if TYPE_CHECKING:
    from webapp.desk.records.models import Record, RecordLink

STATUS = "status"
#: Columns that hold a choice's name as a number, so that the database compares it as one.
NUMBERED = frozenset({"priority"})


def read(record: Record, name: str) -> Any:  # noqa: ANN401 - of the attribute's kind
    """Return the value of the attribute. Raises KeyError."""
    if name == STATUS:
        return record.status.system_name if record.status else None
    return _read(record, record.template.attribute(name))


def write(record: Record, name: str, value: Any) -> None:  # noqa: ANN401 - of the attribute's kind
    """Set the value of the attribute. Raises KeyError."""
    _write(record, record.template.attribute(name), value)


def snapshot(record: Record) -> dict[str, Any]:
    """Return every value and the status as JSON, sharing nothing with the record."""
    values = {
        attribute.system_name: attribute.typed.to_json(_read(record, attribute))
        for attribute in record.template.live_attributes
    }
    return {STATUS: read(record, STATUS), **values}


def _read(record: Record, attribute: Attribute) -> Any:  # noqa: ANN401
    if attribute.column_name:
        held = getattr(record, attribute.column_name)
        return str(held) if attribute.column_name in NUMBERED and held is not None else held
    if attribute.typed.kind.links_to:
        return attribute.typed.from_json(_targets(record, attribute))
    return attribute.typed.from_json(record.values.get(attribute.system_name) if record.values else None)


def _write(record: Record, attribute: Attribute, value: Any) -> None:  # noqa: ANN401
    name = attribute.system_name
    if attribute.column_name:
        is_number = attribute.column_name in NUMBERED and value is not None
        setattr(record, attribute.column_name, int(value) if is_number else value)
    elif attribute.typed.kind.links_to:
        _write_links(record, attribute, attribute.typed.each(value))
    else:
        # A new dictionary each time: a change inside the old one would not be seen and not be saved.
        others = {key: held for key, held in (record.values or {}).items() if key != name}
        stored = attribute.typed.to_json(value)
        record.values = others if stored is None else {**others, name: stored}


def _links_of(record: Record, attribute: Attribute) -> list[RecordLink]:
    return [link for link in record.links if link.attribute_id == attribute.id]


def _targets(record: Record, attribute: Attribute) -> list[int] | None:
    links = sorted(_links_of(record, attribute), key=lambda link: link.position)
    return [link.target_record_id or link.target_account_id or 0 for link in links] or None


def _write_links(record: Record, attribute: Attribute, targets: list[int]) -> None:
    from webapp.desk.records.models import RecordLink  # noqa: PLC0415 - the model is built on this door

    links = {link.position: link for link in _links_of(record, attribute)}
    for position, target in enumerate(targets):
        link = links.pop(position, None)
        if link is None:
            link = RecordLink(attribute_id=attribute.id, position=position)
            record.links.append(link)
        is_account = attribute.typed.kind.links_to == "account"
        link.target_account_id = target if is_account else None
        link.target_record_id = None if is_account else target
    for link in links.values():
        record.links.remove(link)
