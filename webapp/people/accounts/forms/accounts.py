"""Forms in which technologists make and change accounts."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

from webapp.people.accounts.forms.fields import (
    ROLE_NAMES,
    TimeZoneField,
    again_field,
    email_field,
    language_field,
    name_field,
    new_password_field,
)
from webapp.people.accounts.forms.places import PlaceFields
from webapp.people.accounts.models import Role

INVITE = "invite"
SET = "set"


class AccountForm(PlaceFields, FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What technologists decide about an account."""

    name = name_field()
    email = email_field(autocomplete="off")
    role = SelectField(
        _l("Role"),
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        description=_l(
            "Users ask, support staff answer and see all records, technologists set the program up."
        ),
    )
    language = language_field(_l("Language of pages and e-mails"))
    time_zone = TimeZoneField()

    @property
    def chosen_role(self) -> Role:
        """Return the role that was chosen."""
        return Role(self.role.data)


class NewAccountForm(AccountForm):
    """A new account, and how its owner gets a password."""

    way = RadioField(
        _l("Password"),
        choices=[
            SelectChoice(INVITE, _l("Send a link by which the person sets it")),
            SelectChoice(SET, _l("Set it here")),
        ],
        default=INVITE,
    )
    password = PasswordField(
        _l("Password to set"),
        description=_l("Only if you set it here: at least 10 characters."),
        render_kw={"autocomplete": "new-password", "maxlength": 200},
    )

    def validate_password(self, field: PasswordField) -> None:
        """Require the password when it is to be set here."""
        if self.way.data == SET and not field.data:
            raise ValidationError(_("Write the password, or choose to send a link."))

    @property
    def chosen_password(self) -> str | None:
        """Return the password to be set, None when a link is to be sent."""
        return self.password.data if self.way.data == SET else None


class SetPasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A password that a technologist sets for somebody."""

    password = new_password_field()
    again = again_field()
