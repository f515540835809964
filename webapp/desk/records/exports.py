"""Lists of records as CSV that a spreadsheet opens without carrying out what is written in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records.lists import page_of_records
from webapp.desk.records.models import Record
from webapp.desk.records.shown import Names
from webapp.desk.records.wanted import Wanted
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account

ROWS_AT_ONCE = 500
BYTE_ORDER_MARK = "\ufeff"
#: What a spreadsheet takes for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def rows_of(
    template: RecordTemplate, viewer: Account, wanted: Wanted, reader: Reader, heads: tuple[str, ...]
) -> Iterator[str]:
    """Yield the whole list as lines of CSV, page by page; ``heads`` name number, status and the times."""
    columns = [each for each in template.live_attributes if each.is_listed and each.column_name != "title"]
    number, status, created, touched = heads
    title = template.attribute_in("title")
    titles = [
        title.label(reader.language) if title else "",
        *(each.label(reader.language) for each in columns),
    ]
    yield BYTE_ORDER_MARK + csv_line([number, status, *titles, created, touched])
    for record in _records(template, viewer, wanted, columns, reader):
        yield csv_line(_cells(record, columns, reader))


def csv_line(cells: list[str]) -> str:
    """Return one line of CSV by RFC 4180."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def guarded(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _records(
    template: RecordTemplate, viewer: Account, wanted: Wanted, columns: list[Attribute], reader: Reader
) -> Iterator[Record]:
    cursor = None
    while True:
        page = page_of_records(template, viewer, wanted, cursor=cursor, size=ROWS_AT_ONCE)
        if cursor is not None and page.previous is None:
            return  # what stood beyond the cursor went away meanwhile: this is the first page again
        if isinstance(reader.name_of, Names):
            reader.name_of.load_for(page.rows, columns)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


def _cells(record: Record, columns: list[Attribute], reader: Reader) -> list[str]:
    moments = (record.created_at, record.touched_at)
    times = [each.astimezone(reader.zone).strftime("%Y-%m-%d %H:%M") for each in moments]
    status = record.status.label(reader.language) if record.status else ""
    values = [_cell(each, record, reader) for each in columns]
    return [str(record.id), status, guarded(record.title), *values, *times]


def _cell(attribute: Attribute, record: Record, reader: Reader) -> str:
    value = record[attribute.system_name]
    if attribute.kind == "number":
        return " ".join(attribute.typed.write(value, reader))  # a negative number stays a number
    return guarded(attribute.typed.show(value, reader))
