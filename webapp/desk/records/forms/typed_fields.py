"""Form fields for typed values: each keeps what was typed, and says beside itself what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.fields.choices import Choice, SelectFieldBase  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import StopValidation
from wtforms.widgets import (
    CheckboxInput,
    DateInput,
    DateTimeLocalInput,
    ListWidget,
    Select,
    TextArea,
    TextInput,
)

from webapp.languages.values import BadValue, Reader, Typed

Check = Callable[[Any], bool]
Options = Sequence[tuple[str, str]]


class TypedMixin(Field):
    """What every field of a typed value does; ``is_allowed`` judges each new value, as a link's target."""

    def __init__(
        self,
        label: str,
        *,
        typed: Typed,
        reader: Reader,
        is_needed: bool = False,
        is_allowed: Check | None = None,
        **others: Any,  # noqa: ANN401 - of wtforms
    ) -> None:
        super().__init__(label, **others)
        self.typed = typed
        self.reader = reader
        self.is_needed = is_needed
        self.is_allowed = is_allowed
        self.texts: list[str] = []
        self.held: list[Any] = []
        if is_needed:
            self.flags.required = True

    def process_data(self, value: Any) -> None:  # noqa: ANN401 - of the attribute's kind
        """Show the value that is held."""
        self.data = value
        self.held = self.typed.each(value)
        self.texts = self.typed.write(value, self.reader)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; a field that the form did not send keeps its value."""
        if not valuelist:
            return
        self.texts = [str(each) for each in valuelist]
        self.data = None
        try:
            self.data = self.typed.parse(self.read_texts(), replace(self.reader, name_of=self._name_of))
        except BadValue as error:
            raise ValueError(_(error.message, **error.facts)) from None

    def read_texts(self) -> list[str]:
        """Return the texts as the kind understands them."""
        return self.texts

    def reads_as(self, stored: Any) -> bool:  # noqa: ANN401 - JSON, which the browser may have made up
        """Whether the field holds the value that is stored so."""
        return bool(self.typed.to_json(self.data) == stored)

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401, ARG002 - of wtforms
        """Refuse an empty value where one is needed, and a target that may not be chosen."""
        if self.errors:
            raise StopValidation
        if self.is_needed and self.data is None:
            raise StopValidation(_("Fill this in."))
        new = [each for each in self.typed.each(self.data) if each not in self.held]
        if self.is_allowed and not all(self.is_allowed(each) for each in new):
            raise StopValidation(_("There is nothing like this to choose. Take one that is offered."))

    def _value(self) -> str:
        return self.texts[0] if self.texts else ""

    def _name_of(self, kind: str, thing_id: int) -> str | None:
        """Let what is linked already stay linked, also where this person may not see it."""
        return "" if thing_id in self.held else self.reader.name_of(kind, thing_id)


class LineField(TypedMixin):
    """One line."""

    widget = TextInput()


class LinesField(TypedMixin):
    """Many lines."""

    widget = TextArea()  # type: ignore[assignment] # it only asks for _value()


class DateField(TypedMixin):
    """A day."""

    widget = DateInput()


class MomentField(TypedMixin):
    """A day and a time in the reader's zone, which say less than a moment: no seconds, no summer time.

    A moment before the ``earliest`` is refused.
    """

    widget = DateTimeLocalInput()

    def __init__(self, label: str, *, earliest: datetime | None = None, **others: Any) -> None:  # noqa: ANN401
        super().__init__(label, **others)
        self.earliest = earliest

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 - of wtforms
        """Refuse a moment that is over."""
        super().pre_validate(form)
        if self.earliest and self.data and self.data < self.earliest:
            raise StopValidation(_("This moment is over already. Choose one that is still to come."))

    def reads_as(self, stored: Any) -> bool:  # noqa: ANN401
        """Whether the text is the one that the stored moment has here."""
        try:
            return self.texts == (self.typed.write(self.typed.from_json(stored), self.reader) or [""])
        except (ValueError, TypeError, OverflowError):
            return False


class LookupField(TypedMixin):
    """A line that names one of many things; ``find`` turns words into an id, ``words`` an id into words."""

    widget = TextInput()

    def __init__(
        self,
        label: str,
        *,
        find: Callable[[str], int | None],
        words: Callable[[int], str],
        **others: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(label, **others)
        self.find = find
        self.words = words

    def process_data(self, value: Any) -> None:  # noqa: ANN401
        """Show the names of what is linked."""
        super().process_data(value)
        self.texts = ["; ".join(self.words(each) for each in self.held)]

    def read_texts(self) -> list[str]:
        """Return ids for the names, several of them with semicolons between."""
        lines = [part for text in self.texts for part in (text.split(";") if self.typed.is_many else [text])]
        return [str(self.find(line) or 0) for line in lines if line.strip()]


class ChoiceMixin(TypedMixin, SelectFieldBase):
    """A field with options."""

    def __init__(self, label: str, *, options: Options, **others: Any) -> None:  # noqa: ANN401
        super().__init__(label, **others)
        self.choices = list(options)

    def iter_choices(self) -> Iterator[Choice]:
        """Return the options; what is chosen but not offered any more is still there."""
        offered = {value for value, _words in self.choices}
        kept = [
            (self.typed.write(each, self.reader)[0], self.typed.show(each, self.reader)) for each in self.held
        ]
        for value, words in [*self.choices, *(pair for pair in kept if pair[0] not in offered)]:
            yield Choice(value, words, value in self.texts, {})


class SelectOneField(ChoiceMixin):
    """One of a few, in a list that opens."""

    widget = Select()

    def iter_choices(self) -> Iterator[Choice]:
        """Offer nothing too, unless something must be chosen and is."""
        if not (self.is_needed and self.texts and self.texts[0]):
            yield Choice("", "—", not any(self.texts), {})
        yield from super().iter_choices()


class SelectManyField(ChoiceMixin):
    """Several of a few, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
