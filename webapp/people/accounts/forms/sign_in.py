"""Forms for people who are not signed in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.people.accounts.forms.fields import (
    TimeZoneField,
    again_field,
    email_field,
    language_field,
    name_field,
    new_password_field,
    present_password_field,
)


class SignInForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """Address and password. Nothing is said about the address: that would tell who has an account."""

    next = HiddenField()
    email = StringField(
        _l("E-mail address"),
        validators=[DataRequired(_l("Write your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username", "type": "email", "inputmode": "email", "maxlength": 254},
    )
    password = present_password_field(_l("Password"), validators=[InputRequired(_l("Write your password."))])


class FirstTechnologistForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """The person who sets up an empty system."""

    name = name_field()
    email = email_field(autocomplete="username")
    password = new_password_field(_l("Password"))
    again = again_field()
    language = language_field()
    time_zone = TimeZoneField()


class ForgottenPasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """The address to which the link is sent."""

    email = email_field(autocomplete="username")


class NewPasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A password to be set by a link."""

    password = new_password_field()
    again = again_field()
