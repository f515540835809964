"""What the forms of mail connections check alike."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError

from webapp.mail.address import InvalidAddress, parse_address

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def stripped(value: str | None) -> str:
    """Return what was typed without the spaces around it."""
    return (value or "").strip()


def no_controls(_form: FlaskForm, field: Field) -> None:
    """Refuse line breaks and what cannot be seen."""
    if _CONTROL.search(field.data or ""):
        raise ValidationError(_l("Remove line breaks and other invisible characters."))


def one_address(_form: FlaskForm, field: Field) -> None:
    """Require one usable address, or nothing, and keep it in wire form."""
    if not field.data:
        return
    try:
        field.data = parse_address(field.data)
    except InvalidAddress as error:
        raise ValidationError(_ADDRESS_WORDS.get(error.reason, _ADDRESS_WORDS["no_at"])) from None


_ADDRESS_WORDS = {
    "no_at": _l("Write one address, like support@example.com."),
    "several_addresses": _l("Write one address only."),
    "too_long": _l("The address is too long."),
    "control_character": _l("Remove line breaks and other invisible characters."),
    "bad_domain": _l("The part after @ is not a domain name."),
    "bad_local_part": _l("The part before @ cannot be used."),
}


def shown_number(text: str | None) -> int:
    """Return the number that a hidden field brought back; 0 when it makes no sense."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
