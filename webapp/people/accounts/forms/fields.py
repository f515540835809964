"""Fields that several forms of people share, with the words for what is wrong in them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from webapp.core.locales import LANGUAGES
from webapp.mail.address import InvalidAddress, parse_address
from webapp.mail.header_text import has_control
from webapp.people.accounts import passwords
from webapp.people.accounts.models import Role
from webapp.people.accounts.time_zones import list_zones

NEW_PASSWORD = _l("New password")
LANGUAGE = _l("Language")
TIME_ZONE = _l("Time zone")

ROLE_NAMES = {
    Role.USER: _l("User"),
    Role.SUPPORT: _l("Support"),
    Role.TECHNOLOGIST: _l("Technologist"),
}

_ADDRESS_WORDS = {
    "empty": _l("Write the e-mail address."),
    "too_long": _l("The address is too long: at most 254 characters."),
    "control_character": _l("The address holds a character that cannot be seen. Type it anew."),
    "no_at": _l("An e-mail address has an @, as in name@example.com."),
    "several_addresses": _l("Write one address only."),
    "bad_local_part": _l("The part before the @ is not right."),
    "bad_domain": _l("The part after the @ is not the name of a mail domain."),
}

_PASSWORD_WORDS = {
    "too_short": _l("The password needs at least 10 characters. Several words are easy to remember."),
    "too_long": _l("The password may have at most 200 characters."),
    "common": _l("This password is among the first that are tried. Choose another."),
    "personal": _l("Name and address are known to others. Choose another password."),
}

_TURNS_TEXT_ROUND = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str | None) -> str:
    """Return the text composed and with single spaces, as names are kept."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def readable(_form: Form, field: Field) -> None:
    """Refuse characters that cannot be seen and can deceive."""
    if has_control(field.data or "") or _TURNS_TEXT_ROUND.search(field.data or ""):
        raise ValidationError(_("This holds a character that cannot be seen. Type it anew."))


def one_address(_form: Form, field: Field) -> None:
    """Require one usable e-mail address, and keep it in the form in which mail carries it."""
    try:
        field.data = parse_address(field.data or "")
    except InvalidAddress as error:
        raise ValidationError(str(_ADDRESS_WORDS[error.reason])) from None


def words_of(error: passwords.PasswordRefused) -> str:
    """Say why the password was refused and what to do."""
    return str(_PASSWORD_WORDS[error.reason])


def refuse(field: Field, message: str) -> None:
    """Write an error beside a field after the form itself was found right."""
    field.errors = [*field.errors, message]


def text_of(field: Field) -> str:
    """Return what was typed, "" when the browser sent nothing."""
    return field.data or ""


def name_field() -> StringField:
    """A person's name."""
    return StringField(
        _l("Name"),
        validators=[DataRequired(_l("Write the name.")), Length(max=120), readable],
        filters=[one_line],
        render_kw={"autocomplete": "name", "maxlength": 120},
    )


def email_field(*, autocomplete: str = "email") -> StringField:
    """An e-mail address that is checked and brought into wire form."""
    return StringField(
        _l("E-mail address"),
        validators=[DataRequired(_ADDRESS_WORDS["empty"]), one_address],
        filters=[lambda text: (text or "").strip()],
        render_kw={"autocomplete": autocomplete, "type": "email", "inputmode": "email", "maxlength": 254},
    )


def present_password_field(label: LazyString, **arguments: Any) -> PasswordField:  # noqa: ANN401 - WTForms takes what it likes
    """A password that exists already."""
    return PasswordField(label, render_kw={"autocomplete": "current-password", "maxlength": 200}, **arguments)


def new_password_field(label: LazyString = NEW_PASSWORD) -> PasswordField:
    """A password to be set; how good it is is judged by the service, which knows whose it is."""
    return PasswordField(
        label,
        validators=[InputRequired(_l("Write the password."))],
        description=_l("At least 10 characters. Several words are easy to remember and hard to guess."),
        render_kw={"autocomplete": "new-password", "minlength": 10, "maxlength": 200},
    )


def again_field(name: str = "password") -> PasswordField:
    """The same password once more, because it is not seen while it is typed."""
    return PasswordField(
        _l("The same password again"),
        validators=[EqualTo(name, _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password", "maxlength": 200},
    )


def language_field(label: LazyString = LANGUAGE) -> SelectField:
    """One of the languages that Vestnik speaks."""
    return SelectField(label, choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])


def _zone_choices(present: str | None = None) -> list[SelectChoice]:
    return [SelectChoice(zone.name, zone.label, optgroup=zone.region) for zone in list_zones(present)]


class TimeZoneField(SelectField):
    """A time zone by its place, grouped by region."""

    def __init__(self, label: LazyString = TIME_ZONE, **arguments: Any) -> None:  # noqa: ANN401
        super().__init__(label, choices=_zone_choices, **arguments)

    def keep_present(self, name: str) -> None:
        """Let the present value stay a choice, even if it is an old name of a place."""
        self.choices = _zone_choices(name)
