"""A line that names people: offered while somebody types, several with semicolons between."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from webapp.desk.approvals.plans import MOST_APPROVERS
from webapp.desk.record_templates.models import Attribute
from webapp.desk.records import link_options
from webapp.desk.records.forms.typed_fields import LookupField
from webapp.desk.records.link_options import Option
from webapp.languages.values import BadValue, Reader
from webapp.languages.values.kind import N_
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account

LONGEST_SHOWN: Final = 60
#: Of names and addresses in accounts none is longer.
LONGEST_NAME: Final = 254


@cache
def people() -> Attribute:
    """Return the people who can be asked as records' forms know what can be chosen: everybody active."""
    return Attribute(system_name="approvers", kind="account", is_many=True, options={})


class PeopleField(LookupField):
    """Active people, by address or by a name that only one of them has; says whom it does not know."""

    def __init__(self, label: str, *, viewer: Account, reader: Reader, **others: Any) -> None:  # noqa: ANN401
        super().__init__(
            label,
            typed=people().typed,
            reader=reader,
            find=_find,
            words=lambda each: link_options.words_for(people(), each, ""),
            is_allowed=lambda each: link_options.is_option(people(), viewer, each),
            render_kw={"autocomplete": "off"},
            **others,
        )

    def read_texts(self) -> list[str]:
        """Return the ids of those who are named. Raises BadValue."""
        parts = [part.strip() for text in self.texts for part in text.split(";")]
        named = [part for part in parts if part]
        if len(named) > MOST_APPROVERS:
            raise BadValue(N_("A stage asks at most %(most)s people."), most=MOST_APPROVERS)
        found = {part: _find(part) for part in named}
        unknown = next((part for part in named if found[part] is None), None)
        if unknown is not None:
            raise BadValue(
                N_("There is nobody called “%(name)s”, or several are. Take a person who is offered."),
                name=unknown[:LONGEST_SHOWN],
            )
        return [str(found[part]) for part in named]

    def _name_of(self, _kind: str, thing_id: int) -> str | None:
        return "" if accounts.get_account(thing_id) else None


def offers(typed: str, viewer: Account) -> list[Option]:
    """Return whole lines to choose from: what stands before the last semicolon, and a person after it."""
    before, semicolon, beginning = typed.rpartition(";")
    kept = f"{before.rstrip()}{semicolon} " if semicolon else ""
    found = link_options.find_options(people(), viewer, beginning.strip()[:100])
    return [option._replace(words=f"{kept}{option.words}") for option in found]


def _find(text: str) -> int | None:
    by_address = link_options.chosen_id(people(), text)
    if by_address is not None:
        return by_address
    if not any(map(str.isalnum, text)) or len(text) > LONGEST_NAME:
        return None
    found = accounts.find_accounts(text, limit=2)
    return found[0].id if len(found) == 1 else None
