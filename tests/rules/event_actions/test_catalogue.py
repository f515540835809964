"""The catalogue is whole: everything that it names is there, in both languages."""

from __future__ import annotations

from dataclasses import fields

import pytest

from webapp.core.locales import LANGUAGES
from webapp.messaging.messages.orders import Channel, MessageText, SkipReason
from webapp.messaging.messages.placeholders import fill
from webapp.rules import scope
from webapp.rules.answers import Reason
from webapp.rules.audience import PRECEDENCE, ROLES
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import CatalogueError, EventAction
from webapp.rules.event_actions.triggers import TRIGGERS

pytestmark = pytest.mark.pure

ROWS = catalogue.rows()
PROMISED_ROWS = 35
ENTRY = {"code": "ticket.status.requester", "topic": "ticket", "group": "status", "when": {"created": True},
         "to": ["requester"], "text": "status", "rank": 1}  # fmt: skip


def test_the_catalogue_has_the_promised_rows() -> None:
    assert len([row for row in ROWS if row.topic in catalogue.RECORD_TOPICS]) >= PROMISED_ROWS


def test_codes_are_unique() -> None:
    assert len({row.code for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_every_condition_and_role_of_a_row_is_there(row: EventAction) -> None:
    assert set(row.when) <= set(TRIGGERS)
    assert set(row.roles) <= set(ROLES)
    assert set(row.channels) <= set(Channel)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_every_row_has_its_words(row: EventAction, language: str) -> None:
    words = catalogue.words(language)
    assert words.names[row.code]
    assert words.groups[row.group]
    assert words.topics[row.topic]
    assert all(words.roles[role] for role in row.roles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_no_words_for_rows_that_are_not_there(language: str) -> None:
    words = catalogue.words(language)
    assert set(words.names) == {row.code for row in ROWS}
    assert set(words.texts) == {row.text for row in ROWS}
    assert set(words.groups) == {row.group for row in ROWS}
    assert set(words.why) == set(PRECEDENCE)
    assert all(set(sentences) <= set(PRECEDENCE) for sentences in words.why_in.values())


def test_both_languages_say_the_same_things() -> None:
    one, other = (catalogue.words(language) for language in LANGUAGES)
    for name in one.texts:
        assert catalogue.names_used(one.texts[name]) == catalogue.names_used(other.texts[name]), name
        assert len(one.texts[name].facts) == len(other.texts[name].facts), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_names_everything_and_fills_every_text(language: str) -> None:
    words = catalogue.words(language)
    assert set(words.sample) == scope.NAMES
    for text in words.texts.values():
        for part in fields(MessageText):
            value = getattr(text, part.name)
            if isinstance(value, str):
                assert "{" not in fill(value, words.sample)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_text_may_name_is_explained(language: str) -> None:
    assert set(catalogue.words(language).placeholders) == scope.NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sign_that_a_row_may_wait_for_has_words(language: str) -> None:
    assert set(catalogue.words(language).triggers) == set(TRIGGERS)


def test_a_link_of_no_known_kind_does_not_get_past_the_start() -> None:
    row = catalogue._row({**ENTRY, "link": "nowhere"})
    with pytest.raises(CatalogueError, match="no link 'nowhere'"):
        catalogue._check((row,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_message_is_a_finished_sentence(language: str) -> None:
    words = catalogue.words(language)
    sentences = [each for table in (words.why, *words.why_in.values()) for each in table.values()]
    for sentence in sentences:
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_told_of_a_task_is_not_told_that_it_is_a_ticket(language: str) -> None:
    roles = {role for row in ROWS if row.template == "task" for role in row.roles}
    assert roles <= set(catalogue.words(language).why_in["task"])


def test_every_reason_to_skip_a_channel_can_be_kept_in_a_receipt() -> None:
    assert {reason.value for reason in SkipReason} <= {reason.value for reason in Reason}


def test_an_unknown_placeholder_does_not_get_past_the_start() -> None:
    entry = {"subject": "{number}", "lead": "{nonsense}", "action": "Open", "push_title": "x"}
    with pytest.raises(CatalogueError, match="nonsense"):
        catalogue._text("broken", entry, {})


def test_a_fact_without_a_label_does_not_get_past_the_start() -> None:
    entry = {"subject": "x", "lead": "x", "action": "Open", "push_title": "x", "facts": ["status"]}
    with pytest.raises(CatalogueError, match="no label for status"):
        catalogue._text("broken", entry, {})


def test_an_unknown_key_of_a_row_does_not_get_past_the_start() -> None:
    with pytest.raises(CatalogueError, match="colour"):
        catalogue._row({"code": "x", "to": [], "colour": "red"})
