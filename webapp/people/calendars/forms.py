"""The forms of a working calendar and of its exceptions."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from babel import Locale
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields import DateField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.core.locales import page_language
from webapp.people.accounts.forms.fields import TimeZoneField, one_line, readable, text_of
from webapp.people.calendars import hours_text, public_holidays
from webapp.people.calendars.day_names import DAY_NAMES, WEEKDAYS
from webapp.people.calendars.definition import as_week
from webapp.people.calendars.hours_text import BadHours, Minutes
from webapp.people.calendars.models import WorkingCalendar
from webapp.people.calendars.services import Wanted

LONGEST_HOURS: Final = 100
MOST_PARTS_NAMED: Final = 12
FIRST_YEAR, LAST_YEAR = 2000, 2100
_HOURS_WORDS: Final[dict[str, LazyString]] = {
    hours_text.UNREADABLE: _l("“%(part)s” are no hours. Write them as 9:00-13:00, 14:00-18:00."),
    hours_text.OVER_MIDNIGHT: _l(
        "“%(part)s” ends before it begins. Work over midnight stands on both days: "
        "22:00-24:00 on the first, 0:00-6:00 on the next."
    ),
    hours_text.OVERLAP: _l("“%(part)s” begins before what stands before it has ended."),
    hours_text.TOO_MANY: _l("A day has at most six stretches of work."),
}


def _name_field(label: LazyString, complaint: LazyString) -> StringField:
    return StringField(
        label,
        validators=[DataRequired(complaint), Length(max=120), readable],
        filters=[one_line],
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )


class HoursField(StringField):
    """The hours of a day; nothing typed is a day off."""

    def __init__(self, label: LazyString, **others: Any) -> None:  # noqa: ANN401 - of wtforms
        attributes = {"maxlength": LONGEST_HOURS, "autocomplete": "off"}
        super().__init__(label, [Length(max=LONGEST_HOURS)], render_kw=attributes, **others)
        self.hours: Minutes = ()

    def post_validate(self, form: FlaskForm, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001 - of wtforms
        """Read what was typed."""
        if validation_stopped:
            return
        try:
            self.hours = hours_text.read(text_of(self))
        except BadHours as error:
            self.errors = [*self.errors, str(_HOURS_WORDS[error.reason] % {"part": error.part})]


class CalendarForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A calendar: its zone, the hours of its week, whose holidays it keeps."""

    name = _name_field(_l("Name"), _l("Write the name of the calendar."))
    time_zone = TimeZoneField()
    monday = HoursField(DAY_NAMES["monday"])
    tuesday = HoursField(DAY_NAMES["tuesday"])
    wednesday = HoursField(DAY_NAMES["wednesday"])
    thursday = HoursField(DAY_NAMES["thursday"])
    friday = HoursField(DAY_NAMES["friday"])
    saturday = HoursField(DAY_NAMES["saturday"])
    sunday = HoursField(DAY_NAMES["sunday"])
    country = SelectField(
        _l("Public holidays"),
        description=_l("Nobody works on them; working days that the government moved are known too."),
    )
    part = StringField(
        _l("Part of the country"),
        validators=[Length(max=40)],
        filters=[one_line],
        description=_l("A code such as BY, or a name such as Bayern. Empty means the whole country."),
        render_kw={"maxlength": 40, "autocomplete": "off"},
    )

    def offer(self, present: WorkingCalendar | None = None) -> None:
        """Name the countries in the reader's language."""
        names = Locale(page_language()).territories
        codes = set(public_holidays.countries()) | (
            {present.country} if present and present.country else set()
        )
        known = sorted((names.get(code, code), code) for code in codes)
        nobody = SelectChoice("", _l("None"))
        self.country.choices = [nobody, *(SelectChoice(code, name) for name, code in known)]

    def show(self, wanted: Wanted) -> None:
        """Fill the form."""
        self.name.data, self.time_zone.data = wanted.name, wanted.time_zone
        self.country.data, self.part.data = wanted.country or "", wanted.part or ""
        for name, hours in zip(WEEKDAYS, wanted.week, strict=True):
            self[name].data = hours_text.write(hours)

    def validate_part(self, field: Field) -> None:
        """A part must belong to the country."""
        typed, country = text_of(field), self.country.data
        if not typed:
            return
        if country not in public_holidays.countries():
            raise ValidationError(_("Choose the country first."))
        if public_holidays.find_part(country, typed) is None:
            raise ValidationError(_parts_in_words(country))

    @property
    def wanted(self) -> Wanted:
        """The calendar as it was typed."""
        country, part = self.country.data or None, text_of(self.part)
        return Wanted(
            name=text_of(self.name),
            time_zone=self.time_zone.data,
            week=tuple(self[name].hours for name in WEEKDAYS),
            country=country,
            part=public_holidays.find_part(country, part) if country and part else None,
        )


class ExceptionForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """One day with hours of its own."""

    day = DateField(_l("Day"), validators=[InputRequired(_l("Choose the day."))])
    label = _name_field(_l("What it is"), _l("Write what day it is."))
    hours = HoursField(_l("Hours"), description=_l("As 9:00-13:00. Empty means that nobody works."))

    def validate_day(self, field: Field) -> None:
        """Days far away are slips of the finger."""
        day: date | None = field.data
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            facts = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise ValidationError(_("The year must lie between %(first)s and %(last)s.", **facts))


def shown(calendar: WorkingCalendar) -> Wanted:
    """Return the calendar as its form shows it."""
    return Wanted(
        calendar.name, calendar.time_zone, as_week(calendar.week), calendar.country, calendar.subdivision
    )


def _parts_in_words(country: str) -> str:
    names = public_holidays.part_names(country)
    if not names:
        return str(_("The holidays of this country are the same everywhere. Leave this empty."))
    listed = ", ".join(
        f"{code} ({name})" if name != code else code for code, name in list(names.items())[:MOST_PARTS_NAMED]
    )
    return str(_("There is no such part. There are: %(parts)s.", parts=listed))
