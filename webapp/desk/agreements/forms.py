"""The forms of an agreement: the agreement with its rules, a customer, a trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, Length

from webapp.desk.agreements import services, terms_text
from webapp.desk.agreements.book import Case
from webapp.desk.agreements.models import Agreement
from webapp.desk.agreements.services import Wanted, WantedRule
from webapp.desk.agreements.terms_text import BadTerm
from webapp.people.accounts.forms.fields import one_line, readable, refuse, text_of
from webapp.people.calendars.models import WorkingCalendar

ANY: Final = ""
MOST_RULES: Final = 60
#: Empty rows below those that are there.
SPARE_ROWS: Final = 3
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Offer:
    """What rules can be for, and the calendars to choose from."""

    services: Choices
    priorities: Choices
    calendars: Sequence[WorkingCalendar]


class TermField(StringField):
    """A term of working time."""

    def __init__(self, label: str, **others: Any) -> None:  # noqa: ANN401 - of wtforms
        attributes = {"maxlength": 40, "autocomplete": "off", "placeholder": "8:00"}
        super().__init__(label, [Length(max=40)], render_kw=attributes, **others)
        self.seconds = 0

    def read(self) -> None:
        """Read what was typed; what is wrong stands beside the field."""
        try:
            self.seconds = terms_text.read(text_of(self))
        except BadTerm:
            refuse(self, _("Write hours and minutes, such as 2:30, 8 h or 45 min."))
            return
        if self.seconds <= 0:
            refuse(self, _("A term is longer than nothing."))
        elif self.seconds > terms_text.LONGEST_S:
            refuse(self, _("A term is at most one year long."))


class AgreementForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """Name, calendar, and whether it is in force. Its rules are fields of a class made for their number."""

    name = StringField(
        _l("Name"),
        validators=[DataRequired(_l("Write the name of the agreement.")), Length(max=120), readable],
        filters=[one_line],
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )
    calendar = SelectField(
        _l("Working calendar"), description=_l("Terms are counted in the working time of this calendar.")
    )
    is_active = BooleanField(
        _l("In force"),
        default=True,
        description=_l("Without an agreement in force tickets have no deadlines."),
    )
    is_default = BooleanField(
        _l("The default one"), description=_l("For customers without an agreement of their own.")
    )
    rows = 0

    @property
    def rules(self) -> list[RuleRow]:
        """The rows of rules, filled in or not."""
        return [RuleRow(self, number) for number in range(self.rows)]

    def offer(self, offer: Offer) -> None:
        """Let calendars, services and priorities be chosen."""
        self._calendars = {str(each.id): each for each in offer.calendars}
        self.calendar.choices = [SelectChoice(number, each.name) for number, each in self._calendars.items()]
        for row in self.rules:
            row.service.choices = _with_any(_("Any service"), offer.services)
            row.priority.choices = _with_any(_("Any priority"), offer.priorities)

    def show(self, agreement: Agreement) -> None:
        """Fill the form."""
        self.name.data, self.calendar.data = agreement.name, str(agreement.calendar_id)
        self.is_active.data, self.is_default.data = agreement.is_active, agreement.is_default
        rules = sorted(agreement.rules, key=lambda each: (each.service_id or 0, each.priority or 0))
        for row, rule in zip(self.rules, rules, strict=False):
            row.service.data, row.priority.data = str(rule.service_id or ANY), str(rule.priority or ANY)
            row.reaction.data = terms_text.as_clock(rule.reaction_s)
            row.resolution.data = terms_text.as_clock(rule.resolution_s)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - of wtforms
        """Judge the fields, then the rules by themselves; there is at least one."""
        is_good = bool(super().validate(extra_validators))
        filled = [row for row in self.rules if row.is_filled]
        for row in filled:
            row.judge()
        if not filled and self.rows:
            refuse(self.rules[0].resolution, _("Write at least one rule: the terms for everything else."))
        return is_good and bool(filled) and not any(row.has_errors for row in filled)

    def wanted(self) -> Wanted:
        """Return the agreement as it was typed; only after ``validate``."""
        return Wanted(
            name=text_of(self.name),
            calendar=self._calendars[self.calendar.data],
            rules=[row.wanted for row in self.rules if row.is_filled],
            is_active=bool(self.is_active.data),
            is_default=bool(self.is_default.data),
        )

    def complain(self, error: Exception) -> None:
        """Say beside the right field what the service refused."""
        filled = [row for row in self.rules if row.is_filled]
        if isinstance(error, services.NameTaken):
            refuse(self.name, _("Another agreement has this name."))
        elif isinstance(error, services.RuleRepeated):
            refuse(filled[error.place].service, _("A rule above is for the same service and priority."))
        elif isinstance(error, services.TermNeverEnds):
            refuse(
                filled[error.place].resolution,
                _("By this calendar so much working time is not over within ten years."),
            )


class RuleRow:
    """The four fields of one rule."""

    def __init__(self, form: AgreementForm, number: int) -> None:
        self.number = number
        self.service, self.priority, self.reaction, self.resolution = (
            form[f"{part}_{number}"] for part in ("service", "priority", "reaction", "resolution")
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in their order."""
        return self.service, self.priority, self.reaction, self.resolution

    @property
    def is_filled(self) -> bool:
        """Whether a term was typed: a row without one is no rule."""
        return bool(text_of(self.reaction).strip() or text_of(self.resolution).strip())

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong in the row."""
        return any(field.errors for field in self.fields)

    @property
    def wanted(self) -> WantedRule:
        """The rule as it was typed."""
        case = Case(*(int(field.data) if field.data else None for field in (self.service, self.priority)))
        return WantedRule(*case, self.reaction.seconds, self.resolution.seconds)

    def judge(self) -> None:
        """Read the terms; a reaction comes no later than the solution."""
        self.reaction.read()
        self.resolution.read()
        if not self.has_errors and self.reaction.seconds > self.resolution.seconds:
            refuse(self.reaction, _("The reaction comes no later than the solution."))


class TrialForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What would a ticket registered at this moment be promised?"""

    class Meta:
        """It only asks, by its address."""

        csrf = False

    service = SelectField(_l("Service"), validate_choice=False)
    priority = SelectField(_l("Priority"), validate_choice=False)
    moment = StringField(_l("Registered"), render_kw={"type": "datetime-local"}, validators=[Length(max=40)])


class CustomerForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """One customer who gets the agreement."""

    customer = StringField(
        _l("Customer"),
        filters=[one_line],
        validators=[Length(max=200)],
        description=_l("A number or a name."),
        render_kw={"maxlength": 200, "autocomplete": "off", "list": "customers-known"},
    )

    def validate_customer(self, field: Field) -> None:
        """Somebody must be named."""
        if not text_of(field):
            raise ValidationError(_("Name a customer."))


def agreement_form(rows: int) -> AgreementForm:
    """Return a form with fields for so many rules."""
    fields: dict[str, Any] = {"rows": min(rows, MOST_RULES)}
    for number in range(fields["rows"]):
        place = {"number": number + 1}
        fields |= {
            f"service_{number}": SelectField(_l("Service of rule %(number)s", **place)),
            f"priority_{number}": SelectField(_l("Priority of rule %(number)s", **place)),
            f"reaction_{number}": TermField(_l("Reaction by rule %(number)s", **place)),
            f"resolution_{number}": TermField(_l("Solution by rule %(number)s", **place)),
        }
    form: AgreementForm = type("AgreementFormWithRules", (AgreementForm,), fields)()
    return form


def _with_any(words: str, choices: Choices) -> list[SelectChoice]:
    return [SelectChoice(ANY, words), *(SelectChoice(value, name) for value, name in choices)]
