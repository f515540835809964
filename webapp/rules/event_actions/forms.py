"""The form of a row's own text."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length

from webapp.core.moments import relative
from webapp.languages.values.kind import BadValue
from webapp.languages.values.texts import cleaned
from webapp.messaging.messages.layout import MOST_FACTS
from webapp.messaging.messages.placeholders import Fault, faults_in, mended
from webapp.rules import scope
from webapp.rules.event_actions import catalogue, preview
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.preview import Occasion
from webapp.rules.event_actions.wording import LONGEST, REQUIRED, Wording

FACTS: Final = tuple(f"fact_{number + 1}" for number in range(MOST_FACTS))
LABELS: Final[dict[str, LazyString]] = {
    "subject": _l("Subject of the mail"),
    "lead": _l("First sentence"),
    "body": _l("Text"),
    "action": _l("Button"),
    "push_title": _l("Push note: title"),
    "push_body": _l("Push note: text"),
    "facts": _l("Facts"),
}
HINTS: Final[dict[str, LazyString]] = {
    "lead": _l("What happened, in one sentence: mail programs show it beside the subject."),
    "body": _l("An empty line begins a paragraph. Values that are empty leave no trace."),
}
LONGEST_TITLE: Final = 60
MANY_LINES: Final = frozenset({"body", "push_body"})
AREAS: Final = {"lead": 3, "body": 8, "push_body": 3}


def clean(form: Form, field: Field) -> None:
    """Take out what cannot be seen, and line breaks where there is one line."""
    del form
    try:
        text = cleaned(field.data or "")
    except BadValue as error:
        raise ValidationError(_(error.message, **error.facts)) from None
    field.data = text.strip() if field.name in MANY_LINES else " ".join(text.split())


def filled(_form: Form, field: Field) -> None:
    """Require words where a message cannot do without."""
    if field.name in REQUIRED and not field.data:
        raise ValidationError(_("Write something: a message needs it."))


def known_names(_form: Form, field: Field) -> None:
    """Refuse placeholders that nothing would fill."""
    faults = faults_in(field.data or "", scope.NAMES)
    if faults:
        raise ValidationError(_("Nothing fills %(names)s.", names=", ".join(one.written for one in faults)))


def _part(name: str) -> Field:
    make = TextAreaField if name in AREAS else StringField
    attributes: dict[str, Any] = {"maxlength": LONGEST[name], "autocomplete": "off"}
    if name in AREAS:
        attributes |= {"rows": AREAS[name], "data_autosize": True}
    validators = [Length(max=LONGEST[name]), clean, filled, known_names]
    return make(LABELS[name], validators=validators, description=HINTS.get(name, ""), render_kw=attributes)


class TextForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What a row says in one language; ``version`` is the one that was shown."""

    subject = _part("subject")
    lead = _part("lead")
    fact_1 = SelectField(_l("First fact"))
    fact_2 = SelectField(_l("Second fact"))
    fact_3 = SelectField(_l("Third fact"))
    body = _part("body")
    action = _part("action")
    push_title = _part("push_title")
    push_body = _part("push_body")
    event = SelectField(_l("Shown on"), validate_choice=False)
    version = HiddenField()

    def __init__(self, row: EventAction, language: str, **others: Any) -> None:  # noqa: ANN401 - of the form
        super().__init__(**others)
        self._row = row
        labels = catalogue.words(language).labels
        offered = [("", "—"), *sorted(labels.items(), key=lambda one: one[1])]
        for name in FACTS:
            self[name].choices = [SelectChoice(value, label) for value, label in offered]

    def offer(self, occasions: list[Occasion]) -> None:
        """Offer what happened lately to see the text on; without a choice it is seen on the latest."""
        lately = [(str(one.event.id), _in_words(one)) for one in occasions]
        self.event.choices = [SelectChoice(*each) for each in [*lately, ("", _("A made-up ticket"))]]
        self.event.description = (
            _("The latest events for which this event action speaks.")
            if occasions
            else _("Nothing has happened lately for which this event action speaks.")
        )
        if self.event.data is None and occasions:
            self.event.data = str(occasions[0].event.id)

    @property
    def chosen(self) -> Occasion | None:
        """What the text is seen on; None for a specimen."""
        return preview.get_occasion(self._row, self.event.data)

    def validate_event(self, field: Field) -> None:
        """Only what the row speaks of shows what it says."""
        if field.data and self.chosen is None:
            raise ValidationError(_("There is nothing like this to choose. Take one that is offered."))

    def show(self, wording: Wording, version: int) -> None:
        """Fill the form with a wording, to be saved as the next after the version."""
        for name, part in wording.parts.items():
            self[name].data = part
        for place, name in enumerate(FACTS):
            self[name].data = wording.facts[place] if place < len(wording.facts) else ""
        self.version.data = str(version)

    def validate_fact_2(self, field: Field) -> None:
        """Each fact stands once."""
        self._stands_once(field, self.fact_1)

    def validate_fact_3(self, field: Field) -> None:
        """Each fact stands once."""
        self._stands_once(field, self.fact_1, self.fact_2)

    @property
    def wording(self) -> Wording:
        """What was typed."""
        facts = tuple(self[name].data for name in FACTS if self[name].data)
        return Wording(facts=facts, **{name: self[name].data or "" for name in LONGEST})

    @property
    def based_on(self) -> int:
        """The version that was shown."""
        written = self.version.data or ""
        return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else 0

    @property
    def faults(self) -> dict[str, list[Fault]]:
        """What nothing would fill and is like something else, by field."""
        found = {name: faults_in(self[name].data or "", scope.NAMES) for name in LONGEST}
        return {name: [one for one in faults if one.nearest] for name, faults in found.items()}

    def mend(self, name: str) -> None:
        """Put the likely names in place of those that nothing fills, in one field."""
        for fault in self.faults.get(name, ()):
            self[name].data = mended(self[name].data or "", fault)

    @staticmethod
    def _stands_once(field: Field, *others: Field) -> None:
        if field.data and field.data in {one.data for one in others}:
            raise ValidationError(_("This fact stands there already."))


def _in_words(occasion: Occasion) -> str:
    record = occasion.record
    title = record.title if len(record.title) <= LONGEST_TITLE else record.title[: LONGEST_TITLE - 1] + "…"
    return f"{_('#%(number)s', number=record.id)} {title} · {relative(occasion.event.happened_at)}"
