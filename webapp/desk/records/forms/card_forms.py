"""The small forms on a record's card: a move with its comment, a comment, an assignment."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import InputRequired, ValidationError

from webapp.desk.records.models import Record
from webapp.languages.values import KINDS, BadValue, Reader
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account, Team

PUBLIC, INTERNAL = "public", "internal"
LONGEST_NONCE = 100


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

    body = TextAreaField(_l("Comment"), validators=[clean_text])
    audience = RadioField(
        _l("Who reads it"),
        choices=[
            SelectChoice(PUBLIC, _l("Everybody who sees the record")),
            SelectChoice(INTERNAL, _l("Staff only")),
        ],
        default=PUBLIC,
    )
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
    """Who answers for the record."""

    assignee = SelectField(_l("Assignee"), validate_choice=False)
    team = SelectField(_l("Team"), validate_choice=False)

    @classmethod
    def of(cls, record: Record, typed: Any = None) -> AssignForm:  # noqa: ANN401 - form data
        """Return the form with everybody who can be chosen, and who is."""
        form = cls(typed, assignee=str(record.assignee_id or ""), team=str(record.team_id or ""))
        staff = [(str(each.id), each.name) for each in accounts.list_active_staff()]
        teams = [(str(each.id), each.name) for each in accounts.list_teams()]
        form.assignee.choices = _with_present(staff, record.assignee)
        form.team.choices = _with_present(teams, record.team)
        return form

    @property
    def chosen_assignee(self) -> Account | None:
        """The account chosen; None for nobody."""
        return accounts.get_account(int(self.assignee.data)) if self.assignee.data else None

    @property
    def chosen_team(self) -> Team | None:
        """The team chosen; None for none."""
        return accounts.get_team(int(self.team.data)) if self.team.data else None

    def validate_assignee(self, field: Field) -> None:
        """Only people on the list answer for records."""
        _require_offered(field)

    def validate_team(self, field: Field) -> None:
        """Only teams on the list answer for records."""
        _require_offered(field)


def _with_present(options: list[tuple[str, str]], present: Account | Team | None) -> list[SelectChoice]:
    known = {value for value, _name in options}
    kept = [(str(present.id), present.name)] if present is not None and str(present.id) not in known else []
    return [SelectChoice(value, name) for value, name in [("", "—"), *options, *kept]]


def _require_offered(field: Any) -> None:  # noqa: ANN401 - a select
    if field.data and field.data not in {choice.value for choice in field.choices}:
        raise ValidationError(_("There is nothing like this to choose. Take one that is offered."))
