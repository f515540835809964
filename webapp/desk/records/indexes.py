"""What is derived from a record's values so that lists, search and rights are quick."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, column, delete, func, insert, select, table, text, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute
from webapp.desk.records.models import SORT_KEY_LENGTH, Record, RecordPerson, RecordValue
from webapp.languages.values.sort_keys import words

OBSERVER = "observer"
#: Parts that no attribute gives: people take the one themselves, approvals give the others.
APPROVER, VOTER = "approver", "voter"
GIVEN_ELSEWHERE = (OBSERVER, APPROVER, VOTER)
LONGEST_WORD = 60
MOST_WORDS = 5_000
REBUILD_AT_ONCE = 500
MOST_STARTS = 8

SEARCH = table("record_search", column("record_id"), column("rowid"), column("body"))


def refresh(record: Record, names: Iterable[str]) -> None:
    """Bring everything derived into step with the named attributes of the record; flushes first."""
    db.session.flush()
    attributes = [each for each in record.template.live_attributes if each.system_name in set(names)]
    refresh_values(record, [each for each in attributes if is_indexed(each)])
    _refresh_people_and_search(record, {each.kind for each in attributes})


def is_indexed(attribute: Attribute) -> bool:
    """Whether the attribute's values stand in ``record_value``; links have their own indexes."""
    return (attribute.is_listed or attribute.is_unique) and attribute.typed.kind.links_to is None


def refresh_people(record: Record) -> None:
    """Write who has which part by the record's attributes; parts given elsewhere are kept."""
    wanted = set()
    for attribute in record.template.live_attributes:
        role = attribute.options.get("role")
        if role:
            wanted |= {
                (account_id, role) for account_id in attribute.typed.each(record[attribute.system_name])
            }
    query = select(RecordPerson.account_id, RecordPerson.role)
    held = {
        (row.account_id, row.role)
        for row in db.session.execute(
            query.where(RecordPerson.record_id == record.id, RecordPerson.role.not_in(GIVEN_ELSEWHERE))
        )
    }
    gone = tuple_(RecordPerson.account_id, RecordPerson.role).in_(held - wanted)
    if held - wanted:
        db.session.execute(delete(RecordPerson).where(RecordPerson.record_id == record.id, gone))
    _insert(
        RecordPerson,
        [
            {"account_id": account, "role": role, "record_id": record.id}
            for account, role in sorted(wanted - held)
        ],
    )


def refresh_values(record: Record, attributes: list[Attribute]) -> None:
    """Write the sort keys of the attributes: one row for each value, and one with an empty key for none."""
    ids = [attribute.id for attribute in attributes]
    if not ids:
        return
    mine = RecordValue.record_id == record.id
    db.session.execute(delete(RecordValue).where(mine, RecordValue.attribute_id.in_(ids)))
    _insert(RecordValue, [row for attribute in attributes for row in _value_rows(record, attribute)])


def refresh_search(record: Record) -> None:
    """Write the words by which the record is found: its number and everything textual in its attributes."""
    texts = [
        attribute.typed.search_text(record[attribute.system_name])
        for attribute in record.template.live_attributes
    ]
    found = dict.fromkeys(word[:LONGEST_WORD] for word in words(" ".join([str(record.id), *texts])))
    body = list(found)[:MOST_WORDS]
    if db.engine.dialect.name == "sqlite":
        db.session.execute(delete(SEARCH).where(SEARCH.c.rowid == record.id))
        db.session.execute(insert(SEARCH).values(rowid=record.id, body=" ".join(body)))
        return
    row = postgresql_insert(SEARCH).values(record_id=record.id, body=func.array_to_tsvector(body))
    db.session.execute(
        row.on_conflict_do_update(index_elements=["record_id"], set_={"body": row.excluded.body})
    )


def unique_key(attribute: Attribute, value: object) -> str | None:
    """Return the key under which a value must stand only once; None for no value."""
    key = attribute.typed.sort_key(value)
    return hashlib.sha256(key.encode()).hexdigest() if key else None


def rebuild(attribute: Attribute) -> int:
    """Write what is derived from the attribute anew for every record of its template; returns how many."""
    db.session.execute(delete(RecordValue).where(RecordValue.attribute_id == attribute.id))
    if attribute.is_retired:
        return 0
    query = select(Record).where(Record.template_id == attribute.template_id).order_by(Record.id)
    count, last = 0, 0
    while records := db.session.scalars(query.where(Record.id > last).limit(REBUILD_AT_ONCE)).all():
        if is_indexed(attribute):
            _insert(RecordValue, [row for record in records for row in _value_rows(record, attribute)])
        for record in records:
            if record[attribute.system_name] is not None:
                _refresh_people_and_search(record, {attribute.kind})
        count, last = count + len(records), records[-1].id
    return count


def find_ids(typed: str) -> Select[Any] | None:
    """Return the query for ids of records with words beginning as those typed; None without any word."""
    # "№" would be read as the word "no", which stands in no record's number.
    starts = [word[:LONGEST_WORD] for word in words(typed.replace("№", " "))][:MOST_STARTS]
    if not starts:
        return None
    if db.engine.dialect.name == "sqlite":
        phrase = " AND ".join(f'"{word}"*' for word in starts)
        return select(SEARCH.c.rowid.label("id")).where(
            text("record_search MATCH :phrase").bindparams(phrase=phrase)
        )
    phrase = " & ".join(f"'{word}':*" for word in starts)
    return select(SEARCH.c.record_id.label("id")).where(
        text("record_search.body @@ CAST(:phrase AS tsquery)").bindparams(phrase=phrase)
    )


def _refresh_people_and_search(record: Record, kinds: Collection[str]) -> None:
    if "account" in kinds:
        refresh_people(record)
    if "text" in kinds or "long_text" in kinds:
        refresh_search(record)


def _value_rows(record: Record, attribute: Attribute) -> list[dict[str, object]]:
    typed = attribute.typed
    value = record[attribute.system_name]
    keys = [typed.kind.sort_key(each, typed.options)[:SORT_KEY_LENGTH] for each in typed.each(value)] or [""]
    unique = unique_key(attribute, value) if attribute.is_unique else None
    ids = {"attribute_id": attribute.id, "record_id": record.id, "unique_key": unique}
    return [{**ids, "position": position, "sort_key": key} for position, key in enumerate(keys)]


def _insert(model: type, rows: list[dict[str, object]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)
