"""What formulas and programs read of records, people and teams beside the attributes of a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import Type
from webapp.languages.store import Ref, Value

ACCOUNT, RECORD, TEAM = "account", "record", "team"

_TEXT: Final = Hint(Type.TEXT)
_MOMENT: Final = Hint(Type.MOMENT)
_BOOLEAN: Final = Hint(Type.BOOLEAN)
_PERSON: Final = Hint(Type.THING, leads_to=ACCOUNT)


class Known(NamedTuple):
    """How an attribute is read of its thing, and what is known of the value."""

    read: Callable[[Any], Value]
    hint: Hint


def ref(kind: str, number: int | None) -> Ref | None:
    """Return the thing with the number, nothing for no number."""
    return None if number is None else Ref(kind, number)


#: What every record has beside the attributes of its template, by the documents' names.
OF_RECORDS: Final[Mapping[str, Known]] = {
    "id": Known(lambda record: Ref(RECORD, record.id), Hint(Type.THING)),
    "ID": Known(lambda record: Ref(RECORD, record.id), Hint(Type.THING)),
    "_creationDate": Known(lambda record: record.created_at, _MOMENT),
    "_lastWriteDate": Known(lambda record: record.touched_at, _MOMENT),
    "_creator": Known(lambda record: ref(ACCOUNT, record.author_id), _PERSON),
    "_isDisabled": Known(lambda record: record.is_archived, _BOOLEAN),
    "_template": Known(lambda record: record.template.system_name, _TEXT),
}
OF_PEOPLE: Final[Mapping[str, Known]] = {
    "id": Known(lambda account: Ref(ACCOUNT, account.id), _PERSON),
    "fullName": Known(lambda account: account.name, _TEXT),
    "displayName": Known(lambda account: account.name, _TEXT),
    "language": Known(lambda account: account.language, _TEXT),
    "timeZone": Known(lambda account: account.time_zone, _TEXT),
    "active": Known(lambda account: account.is_active, _BOOLEAN),
    "manager": Known(lambda account: ref(ACCOUNT, account.manager_id), _PERSON),
    "title": Known(lambda account: account.title, _TEXT),
    "department": Known(lambda account: account.department, _TEXT),
    "office": Known(lambda account: account.office, _TEXT),
    "userGroupMembership": Known(
        lambda account: tuple(Ref(TEAM, team.id) for team in account.teams),
        Hint(Type.THING, is_many=True, leads_to=TEAM),
    ),
}
#: What only staff and the person may know.
PRIVATE: Final[Mapping[str, Known]] = {
    "mbox": Known(lambda account: account.email, _TEXT),
    "username": Known(lambda account: account.email, _TEXT),
    "phone": Known(lambda account: account.phone, _TEXT),
}
OF_TEAMS: Final[Mapping[str, Known]] = {
    "id": Known(lambda team: Ref(TEAM, team.id), Hint(Type.THING, leads_to=TEAM)),
    "groupName": Known(lambda team: team.name, _TEXT),
    "groupUsers": Known(
        lambda team: tuple(Ref(ACCOUNT, account.id) for account in team.members),
        Hint(Type.THING, is_many=True, leads_to=ACCOUNT),
    ),
}
