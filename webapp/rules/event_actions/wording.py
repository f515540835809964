"""The words of a row as a person writes them: its parts, their limits, how they become a message's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from webapp.messaging.messages.layout import MOST_FACTS
from webapp.messaging.messages.orders import MessageText
from webapp.messaging.messages.placeholders import Fault, faults_in, names_in
from webapp.rules import scope
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionText

#: The parts that are text, with their longest, in the order of the form.
LONGEST: Final[Mapping[str, int]] = {
    "subject": 200,
    "lead": 500,
    "body": 4000,
    "action": 60,
    "push_title": 150,
    "push_body": 400,
}
#: A mail without these could not be read or not be answered.
REQUIRED: Final = frozenset({"subject", "lead", "action", "push_title"})


@dataclass(frozen=True)
class Wording:
    """The parts of a text, with ``{placeholders}``; the facts are names of values, in their order."""

    subject: str
    lead: str
    facts: tuple[str, ...] = ()
    body: str = ""
    action: str = ""
    push_title: str = ""
    push_body: str = ""

    @classmethod
    def stored_in(cls, version: EventActionText) -> Self:
        """Return the wording that a version keeps."""
        return cls(facts=tuple(version.facts), **{name: getattr(version, name) for name in LONGEST})

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are text, by name."""
        return {name: getattr(self, name) for name in LONGEST}

    @property
    def columns(self) -> dict[str, Any]:
        """What a version keeps of it."""
        return {**self.parts, "facts": list(self.facts)}

    def as_text(self, language: str) -> MessageText:
        """Return the text of a message; a fact that has no name in the language any more is left out."""
        labels = catalogue.words(language).labels
        facts = tuple((labels[name], f"{{{name}}}") for name in self.facts if name in labels)
        return MessageText(facts=facts[:MOST_FACTS], **self.parts)


def original(row: EventAction, language: str) -> Wording:
    """Return what the program itself says."""
    text = catalogue.words(language).texts[row.text]
    facts = tuple(name for _label, value in text.facts for name in names_in(value))
    return Wording(facts=facts, **{name: getattr(text, name) for name in LONGEST})


def faults_of(wording: Wording) -> Iterator[tuple[str, Fault]]:
    """Return each part with what would leave it in braces."""
    for name, part in wording.parts.items():
        for fault in faults_in(part, scope.NAMES):
            yield name, fault


def is_sound(wording: Wording) -> bool:
    """Whether everything that it names is there and nothing required is missing."""
    return next(faults_of(wording), None) is None and all(getattr(wording, name) for name in REQUIRED)
