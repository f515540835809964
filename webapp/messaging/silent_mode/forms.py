"""Forms of silent mode: why it is turned on, and to whom mail goes all the same."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from webapp.messaging.silence.exception_list import MOST_EXCEPTIONS, NoAddress, read_entries
from webapp.messaging.silence.models import LONGEST_NOTE
from webapp.people.accounts.forms.fields import one_line, readable, text_of

LONGEST_LIST: Final = 20_000
_SHOWN: Final = 60


class TurnOnForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Why nothing shall leave."""

    note = StringField(
        _l("Why"),
        [
            DataRequired(_l("Write why: staff read it on every page.")),
            Length(max=LONGEST_NOTE, message=_l("Write at most 300 characters.")),
            readable,
        ],
        filters=[one_line],
        description=_l("Staff read it on every page, for example “Moving to the new mail server”."),
        render_kw={"maxlength": LONGEST_NOTE},
    )


class ExceptionsForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """To whom mail goes even in silent mode."""

    exceptions = TextAreaField(
        _l("Addresses and domains"),
        [Length(max=LONGEST_LIST, message=_l("Write at most 20,000 characters."))],
        description=_l("One a line: anna@example.com, or example.com for the domain and all below it."),
        render_kw={"maxlength": LONGEST_LIST, "rows": 6},
    )

    def validate_exceptions(self, field: Field) -> None:
        """Require that each line is an address or a domain, and keep what was read."""
        try:
            self.entries = read_entries(text_of(field))
        except NoAddress as error:
            shown = error.text if len(error.text) <= _SHOWN else f"{error.text[:_SHOWN]}…"
            raise ValidationError(
                _(
                    "Line %(number)s is neither an address nor a domain: %(text)s",
                    number=error.number,
                    text=shown,
                )
            ) from None
        if len(self.entries) > MOST_EXCEPTIONS:
            raise ValidationError(_("Write at most %(number)s lines.", number=MOST_EXCEPTIONS))
