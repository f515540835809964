"""Forms in which people change their own account."""

from __future__ import annotations

from typing import Self

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from webapp.people.accounts.forms.fields import (
    TimeZoneField,
    again_field,
    email_field,
    language_field,
    name_field,
    new_password_field,
    present_password_field,
)
from webapp.people.accounts.forms.places import PlaceFields, remove_places
from webapp.people.accounts.models import Account


class ProfileForm(PlaceFields, FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What people say about themselves; technologists also where they stand in the company."""

    name = name_field()
    email = email_field()
    present_password = present_password_field(
        _l("Present password"),
        description=_l("Only needed when you change the address: links to a new password are sent there."),
    )
    language = language_field()
    time_zone = TimeZoneField(description=_l("Times are shown in it, also in e-mails."))

    @classmethod
    def of(cls, account: Account) -> Self:
        """Return the form with what is known, and the fields that the account may change."""
        form = cls(obj=account)
        form.time_zone.keep_present(account.time_zone)
        if not account.is_technologist:
            remove_places(form)
        return form


class ChangePasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A new password, and the present one as proof."""

    present = present_password_field(
        _l("Present password"), validators=[InputRequired(_l("Write your present password."))]
    )
    password = new_password_field()
    again = again_field()
