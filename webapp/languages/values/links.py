"""Links to accounts, teams and records, kept by id."""

from __future__ import annotations

import re

from webapp.languages.values.kind import N_, BadOption, BadValue, Kind, Options, Reader, Value
from webapp.languages.values.sort_keys import whole_key

LARGEST_ID = 2**63 - 1
_ID = re.compile(r"\d{1,19}", re.ASCII)
AMONG = frozenset({"everyone", "staff"})


class LinkKind(Kind):
    """An id of something with a name; the reader knows the names of what they may see."""

    widget = "link"
    is_sortable = False
    is_filter = True

    def parse(self, text: str, options: Options, reader: Reader) -> int | None:
        """Take the id of something that the reader knows by name."""
        text = text.strip()
        if not text:
            return None
        if (
            not _ID.fullmatch(text)
            or not 0 < int(text) <= LARGEST_ID
            or reader.name_of(self.name, int(text)) is None
        ):
            raise BadValue(N_("There is nothing like this to choose. Take one that is offered."))
        return int(text)

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Return the name; the number of what the reader may not see."""
        sign = "№ " if reader.language == "ru" else "#"
        return reader.name_of(self.name, value) or f"{sign}{value}"

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the id."""
        return str(value)

    def sort_key(self, value: Value, options: Options) -> str:
        """Only for equality: names change, ids do not."""
        return whole_key(int(value))


class AccountKind(LinkKind):
    """A person; ``role`` is the part in the record that this gives.

    ``among = "staff"`` offers only those who work for the desk.
    """

    name = "account"
    links_to = "account"
    option_names = frozenset({"among", "role"})

    def check_options(self, options: Options) -> None:
        """The group of people must be known."""
        super().check_options(options)
        if options.get("among", "everyone") not in AMONG:
            raise BadOption(f"among must be one of: {', '.join(sorted(AMONG))}")


class TeamKind(LinkKind):
    """A team."""

    name = "team"


class RecordKind(LinkKind):
    """A record of another template, named by the option ``template``."""

    name = "record"
    links_to = "record"
    option_names = frozenset({"template"})

    def check_options(self, options: Options) -> None:
        """A link says to which template."""
        super().check_options(options)
        if not isinstance(options.get("template"), str):
            raise BadOption("a link to records needs the option template")
