"""What an agreement would promise to a ticket that is registered at some moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

from webapp.core.clock import now
from webapp.desk.agreements.book import Case, Terms, Written
from webapp.desk.agreements.forms import Offer, TrialForm
from webapp.desk.agreements.models import Agreement
from webapp.languages.values import KINDS, BadValue, Reader
from webapp.languages.working_time import TooFar, WorkingTime
from webapp.people.accounts.forms.fields import refuse
from webapp.people.calendars.definition import working_time
from webapp.people.calendars.queries import definition_of

_MOMENT = KINDS["datetime"]


@dataclass(frozen=True)
class Trial:
    """What came of it: nothing promised, or until when."""

    registered_at: datetime
    react_by: datetime | None
    deadline: datetime | None

    @property
    def is_promised(self) -> bool:
        """Whether a rule is for such a ticket."""
        return self.deadline is not None


def run(agreement: Agreement, form: TrialForm, offer: Offer, zone: tzinfo) -> Trial | None:
    """Fill the form with what was asked, and answer; None when the moment makes no sense."""
    reader = Reader(zone=zone)
    form.service.choices = [SelectChoice("", _("None")), *(SelectChoice(*each) for each in offer.services)]
    form.priority.choices = [SelectChoice(*each) for each in offer.priorities]
    try:
        moment = _MOMENT.parse(form.moment.data or "", {}, reader) or now()
    except BadValue as error:
        refuse_moment(form, error)
        return None
    form.moment.data = _MOMENT.write(moment, {}, reader)
    terms = _written(agreement).terms_for(_number(form.service.data), _number(form.priority.data))
    if terms is None:
        return Trial(moment, None, None)
    counted = working_time(definition_of(agreement.calendar))
    return Trial(moment, *(_after(counted, moment, seconds) for seconds in terms))


def refuse_moment(form: TrialForm, error: BadValue) -> None:
    """Say beside the field what is wrong with the moment."""
    form.moment.errors = []
    refuse(form.moment, _(error.message, **error.facts))


def _written(agreement: Agreement) -> Written:
    rules = {
        Case(rule.service_id, rule.priority): Terms(rule.reaction_s, rule.resolution_s)
        for rule in agreement.rules
    }
    return Written(agreement.id, agreement.calendar_id, rules)


def _after(counted: WorkingTime, moment: datetime, seconds: int) -> datetime | None:
    try:
        return counted.add(moment, timedelta(seconds=seconds))
    except TooFar:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None
