"""What can be chosen for an attribute that links: a few as a list, many by typing a part of the name."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Select, select

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records import indexes
from webapp.desk.records.access import visible_to
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.languages.values.links import LARGEST_ID
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account, sort_key_of

FEW = 100
FOUND_AT_ONCE = 20
_NUMBER = re.compile(r"[\s№#]*(\d{1,19})\b")


class Option(NamedTuple):
    """One thing that can be chosen: ``name`` for a list, ``words`` for a line that ``chosen_id`` reads."""

    id: int
    name: str
    words: str


def list_options(attribute: Attribute, viewer: Account) -> list[Option] | None:
    """Return everything that can be chosen; None when that is too much for a list."""
    options = _list(attribute, viewer, "", FEW + 1)
    return options if len(options) <= FEW else None


def find_options(attribute: Attribute, viewer: Account, text: str) -> list[Option]:
    """Return the first things whose name holds what was typed."""
    return _list(attribute, viewer, text, FOUND_AT_ONCE)


def is_option(attribute: Attribute, viewer: Account, thing_id: int) -> bool:
    """Whether the thing may be chosen."""
    if attribute.kind == "record":
        query = _records(attribute, viewer).where(Record.id == thing_id)
        return db.session.scalar(query.with_only_columns(Record.id)) is not None
    if attribute.kind == "team":
        return any(team.id == thing_id for team in accounts.list_teams())
    account = accounts.get_account(thing_id)
    return account is not None and account.is_active and (account.is_staff or not _is_for_staff(attribute))


def words_for(attribute: Attribute, thing_id: int, name: str) -> str:
    """Return how a chosen thing stands in a line of text."""
    if attribute.kind == "account":
        account = accounts.get_account(thing_id)
        return _addressed(account) if account else name
    return _numbered(thing_id, name)


def chosen_id(attribute: Attribute, text: str) -> int | None:
    """Return the id that a line of text means: by a number in front, or by an e-mail address."""
    if attribute.kind == "account":
        account = accounts.get_account_named(text)
        return account.id if account else None
    number = _NUMBER.match(text)
    return int(number.group(1)) if number and int(number.group(1)) <= LARGEST_ID else None


def _is_for_staff(attribute: Attribute) -> bool:
    return bool(attribute.options.get("among") == "staff")


def _numbered(thing_id: int, title: str) -> str:
    # Several things stand in one line with semicolons between them.
    return f"{_('#%(number)s', number=thing_id)} {title.replace(';', ',')}"


def _addressed(account: Account) -> str:
    return f"{account.name.replace(';', ',')} <{account.email}>"


def _list(attribute: Attribute, viewer: Account, text: str, limit: int) -> list[Option]:
    if attribute.kind == "record":
        return _list_records(attribute, viewer, text, limit)
    if attribute.kind == "team":
        teams = [each for each in accounts.list_teams() if _holds(each.name, text)]
        return [Option(each.id, each.name, _numbered(each.id, each.name)) for each in teams][:limit]
    if _is_for_staff(attribute):
        staff = [each for each in accounts.list_active_staff() if _holds(f"{each.name} {each.email}", text)]
        return [Option(each.id, each.name, _addressed(each)) for each in staff][:limit]
    people = accounts.find_accounts(text, limit=limit)
    return [Option(each.id, _addressed(each), _addressed(each)) for each in people]


def _holds(name: str, text: str) -> bool:
    return sort_key_of(text.strip()) in sort_key_of(name)


def _list_records(attribute: Attribute, viewer: Account, text: str, limit: int) -> list[Option]:
    query = _records(attribute, viewer)
    found = indexes.find_ids(text) if text else None
    if found is not None:
        query = query.where(Record.id.in_(found))
    rows = db.session.execute(
        query.with_only_columns(Record.id, Record.title).order_by(Record.id.desc()).limit(limit)
    )
    numbered = [(row.id, _numbered(row.id, row.title)) for row in rows]
    return [Option(record_id, words, words) for record_id, words in numbered]


def _records(attribute: Attribute, viewer: Account) -> Select[Any]:
    target = select(RecordTemplate.id).where(RecordTemplate.system_name == attribute.options["template"])
    return select(Record).where(Record.template_id == target.scalar_subquery(), IS_ALIVE, visible_to(viewer))
