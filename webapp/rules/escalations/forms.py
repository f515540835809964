"""The form that says when an escalation rule fires."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length

from webapp.people.accounts.forms.fields import refuse, text_of
from webapp.rules.event_actions.moments import MOST_TIMES, Moment, Side, Unit

UNITS: Final[dict[Unit, LazyString]] = {
    Unit.PERCENT: _l("percent of the term"),
    Unit.HOURS: _l("hours of working time"),
    Unit.DAYS: _l("working days"),
}
AMOUNTS: Final[dict[Side, LazyString]] = {
    Side.BEFORE: _l("How long before"),
    Side.AFTER: _l("How long after"),
}
_DIGITS: Final = 6


class NumberField(StringField):
    """A whole number; what was typed stays as it is when it is none."""

    def __init__(self, label: LazyString, **arguments: object) -> None:
        look = {"maxlength": _DIGITS, "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(label, [Length(max=_DIGITS)], render_kw=look, **arguments)  # type: ignore[arg-type]
        self.number = 0

    def read(self, most: int) -> None:
        """Read a number from 1; what is wrong stands beside the field."""
        typed = text_of(self).strip()
        self.number = int(typed) if typed.isascii() and typed.isdigit() else 0
        if not 1 <= self.number <= most:
            refuse(self, _("Write a whole number from 1 to %(most)s.", most=most))


class MomentForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """How much, of what, and how often."""

    amount = NumberField(_l("How long"))
    unit = SelectField(_l("Counted in"))
    times = NumberField(
        _l("How often at most"), description=_l("It is said again each time as much has passed.")
    )

    def offer(self, original: Moment) -> None:
        """Let the form fit the rule."""
        self.original = original
        self.amount.label.text = str(AMOUNTS[original.side])
        self.unit.choices = [SelectChoice(unit.value, UNITS[unit]) for unit in original.units]
        if not original.is_repeated:
            del self.times

    def show(self, moment: Moment) -> None:
        """Fill in what is in force."""
        self.amount.data, self.unit.data = str(moment.amount), moment.unit.value
        if "times" in self:
            self.times.data = str(moment.times)

    def validate(self, extra_validators: object = None) -> bool:
        """Check the numbers by the limits of the rule; what is wrong stands beside its field."""
        if super().validate(extra_validators):
            self.amount.read(self.original.most(self.chosen_unit))
            if "times" in self:
                self.times.read(MOST_TIMES)
        return not self.errors

    @property
    def chosen_unit(self) -> Unit:
        """In what it is counted."""
        return Unit(self.unit.data)

    @property
    def chosen_times(self) -> int:
        """How often it fires."""
        return self.times.number if "times" in self else 1
