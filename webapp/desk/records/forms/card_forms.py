"""The small forms on a record's card: a move with its comment, a comment, an assignment."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import InputRequired, ValidationError

from webapp.core.locales import page_language
from webapp.desk.records.forms.file_forms import FilesField
from webapp.desk.records.models import Record
from webapp.languages.values import KINDS, BadValue, Reader
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account, Team

PUBLIC, INTERNAL = "public", "internal"
#: Digits of an id that every database can compare.
LONGEST_ID = 18


def clean_text(_form: Form, field: Field) -> None:
    """Read the field as a long text: cleaned, within the limit. Validator."""
    try:
        field.data = KINDS["long_text"].parse(field.data or "", {}, Reader())
    except BadValue as error:
        raise ValidationError(_(error.message, **error.facts)) from None


class MoveForm(Form):
    """A move to another status."""

    status = StringField(validators=[InputRequired()])
    comment = TextAreaField(_l("Comment"), validators=[clean_text])


class CommentForm(Form):
    """A comment for everybody who sees the record, or a note among staff."""

    body = TextAreaField(
        _l("Comment"),
        validators=[clean_text],
        description=_l("@ and a name mentions somebody: they are told of the comment."),
    )
    audience = RadioField(
        _l("Who reads it"),
        choices=[
            SelectChoice(PUBLIC, _l("Everybody who sees the record")),
            SelectChoice(INTERNAL, _l("Staff only")),
        ],
        default=PUBLIC,
    )
    files = FilesField(_l("Files"))
    nonce = HiddenField(default=lambda: secrets.token_urlsafe(24))

    def validate_body(self, field: Field) -> None:
        """A comment has words."""
        if not field.data:
            raise ValidationError(_("Write something first."))

    @property
    def is_internal(self) -> bool:
        """Whether only staff will read it."""
        return bool(self.audience.data == INTERNAL)


class AssignForm(Form):
    """Who answers for the record, and beside it who did when the form was shown."""

    assignee = SelectField(_l("Assignee"), validate_choice=False)
    team = SelectField(_l("Team"), validate_choice=False)
    assignee_shown = HiddenField()
    team_shown = HiddenField()

    @classmethod
    def of(cls, record: Record, typed: Any = None) -> AssignForm:  # noqa: ANN401 - form data
        """Return the form with everybody who can be chosen, and who is."""
        held = {"assignee": str(record.assignee_id or ""), "team": str(record.team_id or "")}
        shown = {f"{name}_shown": value for name, value in held.items()}
        form = cls(typed, data={**held, **shown})
        staff = [(str(each.id), each.name) for each in accounts.list_active_staff()]
        teams = [(str(each.id), each.name) for each in accounts.list_teams()]
        form.assignee.choices = _with_present(staff, record.assignee)
        form.team.choices = _with_present(teams, record.team)
        for name in held:
            attribute = record.template.attribute_in(f"{name}_id")
            if attribute is None:
                del form[name], form[f"{name}_shown"]
            else:
                form[name].label.text = attribute.label(page_language())
        return form

    @property
    def chosen_assignee(self) -> Account | None:
        """The account chosen; None for nobody."""
        chosen = _id_of(self.assignee) if self.assignee else None
        return accounts.get_account(chosen) if chosen else None

    @property
    def chosen_team(self) -> Team | None:
        """The team chosen; None for none."""
        chosen = _id_of(self.team) if self.team else None
        return accounts.get_team(chosen) if chosen else None

    @property
    def shown(self) -> dict[str, int | None]:
        """The ids that were chosen when the form was shown, by the column of the record."""
        return {f"{name}_id": _id_of(self[f"{name}_shown"]) for name in self._names}

    def after_conflict(self, record: Record, columns: Collection[str]) -> AssignForm:
        """Return a form that shows what others chose, and keeps what was chosen here instead."""
        fresh = AssignForm.of(record)
        for name in self._names:
            if _id_of(self[name]) == _id_of(self[f"{name}_shown"]):
                continue
            if f"{name}_id" in columns:
                fresh[name].errors = [_meanwhile(fresh[name])]
            fresh[name].data = self[name].data
        return fresh

    def validate_assignee(self, field: Field) -> None:
        """Only people on the list answer for records."""
        _require_offered(field, self.assignee_shown)

    def validate_team(self, field: Field) -> None:
        """Only teams on the list answer for records."""
        _require_offered(field, self.team_shown)

    @property
    def _names(self) -> list[str]:
        return [name for name in ("assignee", "team") if name in self]


def _id_of(field: Any) -> int | None:  # noqa: ANN401 - a field
    text = str(field.data or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else None


def _meanwhile(field: Any) -> str:  # noqa: ANN401 - a select that shows what others chose
    name = next(str(choice.label) for choice in field.choices if choice.value == field.data)
    words = _(
        "Somebody chose “%(name)s” meanwhile. Press the button again to have your choice instead.", name=name
    )
    return str(words)


def _with_present(options: list[tuple[str, str]], present: Account | Team | None) -> list[SelectChoice]:
    known = {value for value, _name in options}
    kept = [(str(present.id), present.name)] if present is not None and str(present.id) not in known else []
    return [SelectChoice(value, name) for value, name in [("", "—"), *options, *kept]]


def _require_offered(field: Any, shown: Any) -> None:  # noqa: ANN401 - a select, a hidden field
    if field.data not in {shown.data, *(choice.value for choice in field.choices)}:
        raise ValidationError(_("There is nothing like this to choose. Take one that is offered."))
