"""What came of a text that stands in the form: its value, or what is wrong and where."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.locales import page_language, page_time_zone
from webapp.languages.errors import LanguageError
from webapp.people.accounts.models import Account
from webapp.rules.console import values
from webapp.rules.console.forms import ConsoleForm
from webapp.rules.console.trials import Eyes, Language, Trial, attempt
from webapp.rules.saying import say, say_place, say_type


@dataclass(frozen=True)
class Outcome:
    """What a page says of a text; neither of both when there is nothing to evaluate."""

    trial: Trial | None = None
    error: LanguageError | None = None


def outcome_of(form: ConsoleForm, language: Language, viewer: Account) -> Outcome:
    """Evaluate the form's text for its record."""
    text = form.text.data or ""
    if form.errors or not text.strip():
        return Outcome()
    try:
        return Outcome(attempt(language, text, form.chosen, Eyes(viewer, page_language(), page_time_zone())))
    except LanguageError as error:
        return Outcome(error=error)


def shown(form: ConsoleForm, outcome: Outcome, viewer: Account) -> dict[str, object]:
    """Return what the template of the answer needs."""
    value = values.in_words(outcome.trial.value, viewer, page_language()) if outcome.trial else None
    asked = values.in_words_asked(outcome.trial.effects, viewer, page_language()) if outcome.trial else []
    words = {"say": say, "say_place": say_place, "say_type": say_type}
    return {"form": form, "outcome": outcome, "shown": value, "asked": asked, **words}
