"""Brings the tables of record templates into line with TOML files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, Move, RecordTemplate, Status
from webapp.desk.record_templates.template_files import (
    AttributeEntry,
    MoveEntry,
    TemplateEntry,
    TemplateError,
    read_template,
)

BUILTIN = Path(__file__).with_name("builtin")


@dataclass
class SyncReport:
    """What a synchronisation did. ``stale`` attributes need their index over values built again."""

    created: list[str] = field(default_factory=list)
    stale: list[Attribute] = field(default_factory=list)


def sync_builtin(folder: Path | None = None) -> SyncReport:
    """Write the templates of the folder (default: those that come with Vestnik) into the tables; flushes.

    What a file has no longer is retired, never deleted: records use it. Run again, it changes nothing.
    Raises TemplateError before anything is written.
    """
    files = [read_template(path) for path in sorted((folder or BUILTIN).glob("*.toml"))]
    known = {each.system_name: each for each in db.session.scalars(select(RecordTemplate))}
    _check_links(files, set(known) | {each.system_name for each in files})
    report = SyncReport()
    for entry in files:
        _sync(entry, known.get(entry.system_name), report)
    if folder is None:
        for name in set(known) - {each.system_name for each in files}:
            known[name].is_retired = known[name].is_retired or known[name].is_builtin
    db.session.flush()
    return report


def _sync(entry: TemplateEntry, template: RecordTemplate | None, report: SyncReport) -> None:
    if template is None:
        template = RecordTemplate(system_name=entry.system_name)
        db.session.add(template)
        report.created.append(entry.system_name)
    template.names = entry.names
    template.icon = entry.icon
    template.audience = entry.audience
    template.position = entry.position
    columns = {} if entry.list_columns is None else {"list_columns": list(entry.list_columns)}
    template.options = {
        "singular": entry.singular,
        "created_by": entry.created_by,
        "fixed": list(entry.fixed),
        "roles": list(entry.roles),
        "create_label": entry.create_label,
        **columns,
    }
    template.is_builtin = True
    template.is_retired = False
    _sync_attributes(template, entry, report)
    _sync_statuses(template, entry)
    db.session.flush()  # moves need the ids of new statuses
    _sync_moves(template, entry.moves)


def _sync_attributes(template: RecordTemplate, entry: TemplateEntry, report: SyncReport) -> None:
    known = {each.system_name: each for each in template.attributes}
    for position, wanted in enumerate(entry.attributes):
        attribute = known.pop(wanted.system_name, None)
        if attribute is None:
            attribute = Attribute(system_name=wanted.system_name, kind=wanted.kind)
            template.attributes.append(attribute)
            if template.id is not None:
                report.stale.append(attribute)
        elif _is_index_stale(attribute, wanted):
            report.stale.append(attribute)
        _fill(attribute, wanted, position)
    for attribute in known.values():
        attribute.is_retired = True


def _is_index_stale(attribute: Attribute, wanted: AttributeEntry) -> bool:
    if (attribute.kind, attribute.is_many, attribute.column_name) != (
        wanted.kind,
        wanted.is_many,
        wanted.column,
    ):
        raise TemplateError(
            f"{wanted.system_name}: kind, is_many and column never change; choose a new system name"
        )
    before = (attribute.is_listed, attribute.is_unique, attribute.options)
    # While it was retired, records were made and changed without it.
    return attribute.is_retired or before != (wanted.is_listed, wanted.is_unique, wanted.options)


def _fill(attribute: Attribute, wanted: AttributeEntry, position: int) -> None:
    attribute.names = wanted.names
    attribute.hints = wanted.hints
    attribute.column_name = wanted.column
    attribute.is_many = wanted.is_many
    attribute.is_required = wanted.is_required
    attribute.is_unique = wanted.is_unique
    attribute.is_listed = wanted.is_listed
    attribute.editable_by = wanted.editable_by
    attribute.default = wanted.default
    attribute.options = wanted.options
    attribute.position = position
    attribute.is_retired = False


def _sync_statuses(template: RecordTemplate, entry: TemplateEntry) -> None:
    known = {each.system_name: each for each in template.statuses}
    for position, wanted in enumerate(entry.statuses):
        status = known.pop(wanted.system_name, None)
        if status is None:
            status = Status(system_name=wanted.system_name)
            template.statuses.append(status)
        status.kind, status.names = wanted.kind, wanted.names
        status.position, status.is_retired = position, False
    for status in known.values():
        status.is_retired = True


def _sync_moves(template: RecordTemplate, wanted: tuple[MoveEntry, ...]) -> None:
    known = {(each.from_status_id, each.to_status_id): each for each in template.moves}
    for entry in wanted:
        key = (template.status(entry.from_status).id, template.status(entry.to_status).id)
        move = known.pop(key, None)
        if move is None:
            move = Move(from_status_id=key[0], to_status_id=key[1])
            template.moves.append(move)
        move.names, move.roles, move.needs_comment = entry.names, list(entry.roles), entry.needs_comment
    for move in known.values():
        template.moves.remove(move)


def _check_links(files: list[TemplateEntry], names: set[str]) -> None:
    for entry in files:
        for attribute in entry.attributes:
            target = attribute.options.get("template") if attribute.kind == "record" else None
            if target is not None and target not in names:
                raise TemplateError(
                    f"{entry.system_name}: {attribute.system_name}: no template {target!r} to link to"
                )
