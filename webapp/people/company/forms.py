"""The form of the company card."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from webapp.people.accounts.forms.fields import TimeZoneField, language_field, one_line, readable, text_of
from webapp.people.company.settings import Company

MOST_PER_ADDRESS = 100_000
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


class CompanyForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What is true for everybody in the installation."""

    name = StringField(
        _l("Name of the company"),
        validators=[DataRequired(_l("Write the name.")), Length(max=120), readable],
        filters=[one_line],
        description=_l("It stands in the e-mails that Vestnik sends."),
        render_kw={"autocomplete": "organization", "maxlength": 120},
    )
    base_url = StringField(
        _l("Address of this Vestnik"),
        validators=[DataRequired(_l("Write the address.")), Length(max=200), readable],
        filters=[lambda text: (text or "").strip().rstrip("/")],
        description=_l("Links in e-mails begin with it, as in https://desk.example.com."),
        render_kw={"inputmode": "url", "maxlength": 200},
    )
    default_language = language_field(_l("Language for people without an account"))
    time_zone = TimeZoneField()
    notify_unregistered = BooleanField(
        _l("Write to people without an account"),
        description=_l("E-mails about a ticket also go to an address that has no account here."),
    )
    most_per_address = IntegerField(
        _l("E-mails to one address in ten minutes"),
        [
            Optional(),
            NumberRange(1, MOST_PER_ADDRESS, _l("Write a number from 1 to 100,000, or leave it empty.")),
        ],
        description=_l(
            "What is more is held until somebody looks: it may go round in circles. Empty is no limit."
        ),
        render_kw={"inputmode": "numeric"},
    )

    def validate_base_url(self, field: StringField) -> None:
        """Require an address that links can begin with."""
        if not is_base_address(text_of(field)):
            raise ValidationError(
                _("Write an address that begins with http:// or https:// and has neither ? nor #.")
            )

    def card(self) -> Company:
        """Return the card as it was typed."""
        return Company(
            name=text_of(self.name),
            base_url=text_of(self.base_url),
            default_language=self.default_language.data,
            time_zone=self.time_zone.data,
            notify_unregistered=bool(self.notify_unregistered.data),
            most_per_address=self.most_per_address.data,
        )


def is_base_address(text: str) -> bool:
    """Tell whether links can begin with the text."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    is_plain = re.fullmatch(r"[A-Za-z0-9./_~%-]*", parts.path) is not None and "//" not in parts.path
    is_bare = not parts.query and not parts.fragment and "?" not in text and "#" not in text
    return parts.scheme in {"http", "https"} and _HOST.fullmatch(host) is not None and is_plain and is_bare
