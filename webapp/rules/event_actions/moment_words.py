"""When an escalation rule fires, in words; and what it is called, since names of rules may say when."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale

from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moments import Moment, Moments, Side, Unit, get_moments
from webapp.rules.spans import hours_in_words, percent_in_words


def in_words(moment: Moment, language: str) -> str:
    """Return when it fires as a sentence without its stop: когда пройдёт 75 % срока решения."""
    words = catalogue.words(language).moments
    pattern: str = words[_pattern_of(moment)]
    if moment.status:
        times = _counted(moment.times, words["times"], language)
        status = words["statuses"][moment.status]
        return pattern.format(amount=amount_in_words(moment, language), status=status, times=times)
    used = percent_in_words(100 - moment.amount, language)
    return pattern.format(amount=amount_in_words(moment, language), used=used, **words[moment.deadline])


def amount_in_words(moment: Moment, language: str) -> str:
    """Return how much before or after: 25 %, 4 часа, 2 рабочих дня."""
    if moment.unit is Unit.PERCENT:
        return percent_in_words(moment.amount, language)
    if moment.unit is Unit.HOURS:
        return hours_in_words(moment.amount, language)
    return _counted(moment.amount, catalogue.words(language).moments["days"], language)


def name_of(row: EventAction, language: str, moments: Moments) -> str:
    """Return the row's name: where it says when, and something else was set, it says what was set."""
    words = catalogue.words(language)
    moment = moments.of(row.code, row.moment) if row.moment else None
    if moment == row.moment or moment is None or row.code not in words.moved_names:
        return words.names[row.code]
    return words.moved_names[row.code].format(moment=amount_in_words(moment, language))


def name_of_code(code: str, language: str) -> str:
    """Return the name of the row with this code; a code of an older version speaks for itself."""
    row = catalogue.row(code)
    if row is None:
        return code
    if row.moment is None:
        return catalogue.words(language).names[code]
    return name_of(row, language, get_moments())


def _pattern_of(moment: Moment) -> str:
    if moment.status:
        return f"{moment.unit}_in_status"
    return "at" if moment.side is Side.AT else f"{moment.unit}_{moment.side}"


def _counted(number: int, forms: Mapping[str, str], language: str) -> str:
    form = Locale(language).plural_form(number)
    return forms[form].format(n=number)
