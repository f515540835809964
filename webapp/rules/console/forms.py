"""The form of the console: a text in one of the languages, and the record to try it on."""

from __future__ import annotations

import re
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from webapp.desk.records.models import Record
from webapp.desk.records.queries import get_record
from webapp.languages.values.links import LARGEST_ID
from webapp.people.accounts.models import Account
from webapp.rules.console import records

_NUMBER: Final = re.compile(r"[\s№#]*(\d{1,19})\b")


class ConsoleForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """What to evaluate, and for which record."""

    record = StringField(
        _l("Record"),
        description=_l("Its number, or a part of the list that opens; empty when the text needs no record"),
        render_kw={"list": "console-records", "autocomplete": "off"},
    )
    text = TextAreaField(_l("Text"), render_kw={"rows": 12, "spellcheck": "false"})

    def __init__(self, viewer: Account, **others: Any) -> None:  # noqa: ANN401 - of the form
        super().__init__(**others)
        self._viewer = viewer
        self.chosen: Record | None = None

    def validate_record(self, field: StringField) -> None:
        """Find the record by the number in front."""
        self.choose(field.data or "")

    def choose(self, line: str) -> None:
        """Choose the record that a line names; none for an empty one. Raises ValidationError."""
        written = line.strip()
        if not written:
            return
        number = _NUMBER.match(written)
        found = int(number[1]) if number and int(number[1]) <= LARGEST_ID else 0
        self.chosen = get_record(found, self._viewer)
        if self.chosen is None:
            raise ValidationError(_("There is no such record. Write its number."))

    def choose_newest(self, template: str | None = None) -> None:
        """Choose the newest record, if there is any."""
        self.chosen = records.newest(self._viewer, template)
        self.record.data = records.line_of(self.chosen) if self.chosen else ""
