"""The texts of a row as their readers would see them, filled with sample values."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.locales import LANGUAGES
from webapp.messaging.messages.placeholders import fill
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.own_texts import OwnTexts, get_own_texts


@dataclass(frozen=True)
class Specimen:
    """One row's text in one language."""

    language: str
    language_name: str
    subject: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    body: str
    action: str
    push_title: str
    push_body: str
    is_own: bool


def specimens(row: EventAction) -> list[Specimen]:
    """Return the row's texts in every language, its own where it has one."""
    texts = get_own_texts()
    return [_specimen(row, language, name, texts) for language, name in LANGUAGES.items()]


def _specimen(row: EventAction, language: str, language_name: str, texts: OwnTexts) -> Specimen:
    text, sample = texts.text_of(row, language), catalogue.words(language).sample
    return Specimen(
        language=language,
        language_name=language_name,
        subject=fill(text.subject, sample),
        lead=fill(text.lead, sample),
        facts=tuple((label, fill(value, sample)) for label, value in text.facts),
        body=fill(text.body, sample),
        action=fill(text.action, sample),
        push_title=fill(text.push_title, sample),
        push_body=fill(text.push_body, sample),
        is_own=language in texts.languages_of(row),
    )
