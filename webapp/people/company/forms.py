"""The forms of the company card: its settings, the signatures, the logo."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from webapp.languages.values import BadValue
from webapp.people.accounts.forms.fields import TimeZoneField, language_field, one_line, readable, text_of
from webapp.people.company import logo_picture, signature
from webapp.people.company.logo_picture import LogoPicture, LogoRefused
from webapp.people.company.settings import Company
from webapp.people.company.signature import Signature

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

    def card(self, present: Company) -> Company:
        """Return the present card with what was typed."""
        return replace(
            present,
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


class SignatureField(TextAreaField):
    """HTML of a signature."""

    @property
    def signature(self) -> Signature:
        """What may be sent of what was typed; nothing of what is refused."""
        try:
            return signature.sanitised(text_of(self)[: signature.LONGEST])
        except BadValue:
            return Signature("")

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 - as WTForms calls it
        """Refuse what no mail could hold, and what is too long before or after it was cleaned."""
        try:
            longest = max(text_of(self), signature.sanitised(text_of(self)).html, key=len)
        except BadValue as error:
            raise ValidationError(_(error.args[0])) from None
        if len(longest) > signature.LONGEST:
            raise ValidationError(_TOO_LONG)


_TOO_LONG: Final = _l("The signature is too long: at most 10,000 characters together with its markup.")


def _signature_field(label: LazyString) -> SignatureField:
    return SignatureField(label, render_kw={"rows": 8, "maxlength": signature.LONGEST, "spellcheck": "true"})


class SignatureForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """The signatures of mails, one for each language."""

    signature_ru = _signature_field(_l("Signature in Russian e-mails"))
    signature_en = _signature_field(_l("Signature in English e-mails"))

    def taken_out(self) -> list[str]:
        """Return the names of what was typed and may not be sent, each once."""
        names = {*self.signature_ru.signature.taken_out, *self.signature_en.signature.taken_out}
        return sorted(names)


_LOGO_WORDS: Final = {
    "too_large": _l("The file is too large: at most 2 MB."),
    "too_many_pixels": _l("The picture has too many pixels: at most 12 million."),
    "no_picture": _l("This is not a picture that can be read. Choose a PNG, JPEG, GIF or WebP file."),
}


class LogoForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A picture to be the logo of mails; once validated, ``logo`` is what was made of it."""

    picture = FileField(
        _l("Picture"),
        validators=[FileRequired(_l("Choose a picture."))],
        description=_l("PNG, JPEG, GIF or WebP, at most 2 MB. It is made to fit into 240 × 80 points."),
        render_kw={"accept": "image/png,image/jpeg,image/gif,image/webp"},
    )
    logo: LogoPicture | None = None

    def validate_picture(self, field: FileField) -> None:
        """Make the logo, so that what cannot be one is told beside the field."""
        try:
            self.logo = logo_picture.make_logo(field.data.stream.read(logo_picture.MOST_OCTETS + 1))
        except LogoRefused as error:
            raise ValidationError(str(_LOGO_WORDS[error.reason])) from None
