"""Forms of the journal of deliveries: what to do with a whole group."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import InputRequired

from webapp.messaging.messages.queries import LARGEST_NUMBER


class SendAgainForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Sends what the page showed again."""

    up_to = HiddenField(default="0")
    may_repeat = BooleanField(
        _l("Some may have arrived already: send those too"),
        description=_l("Whoever has such a message gets it a second time."),
    )

    def shown_up_to(self) -> int:
        """Return the number of the last delivery that the page counted; 0 when it makes no sense."""
        return _number(self.up_to.data)


class SkipForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Cancels the older part of what the page showed."""

    up_to = HiddenField(default="0")
    age = RadioField(
        _l("Which ones"), [InputRequired(_l("Choose how old they must be."))], choices=[], coerce=int
    )

    def __init__(self, choices: Sequence[tuple[int, str]], **options: object) -> None:
        super().__init__(**options)
        self.age.choices = [SelectChoice(hours, words) for hours, words in choices]

    def shown_up_to(self) -> int:
        """Return the number of the last delivery that the page counted; 0 when it makes no sense."""
        return _number(self.up_to.data)


def _number(text: str | None) -> int:
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return number if number <= LARGEST_NUMBER else 0
