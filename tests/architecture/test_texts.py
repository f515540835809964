"""Everything a person reads is there in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.architecture.sources import ROOT
from webapp.events.kinds import EventKind

pytestmark = pytest.mark.pure

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
METHODS = [("webapp/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
ONE, SEVERAL = ("_", "_l", "N_", "gettext", "lazy_gettext"), ("_n", "ngettext", "lazy_ngettext")
KEYWORDS = dict.fromkeys(ONE) | dict.fromkeys(SEVERAL, (1, 2))
TRIMMED = {"trimmed": "true", "silent": "false"}


def _sources() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for filename, line, message, _comments, _context in extract_from_dir(
        ROOT,
        METHODS,
        keywords=KEYWORDS,
        options_map={"templates/**.html": TRIMMED, "templates/**.txt": TRIMMED},
    ):
        yield f"{filename}:{line}", message


def _russian() -> Catalog:
    return read_po(BytesIO((ROOT / "translations/ru/LC_MESSAGES/messages.po").read_bytes()), locale="ru")


def _strings(entry: Message) -> list[str]:
    """The Russian of a text: one string, or one for each form of the plural."""
    return [entry.string or ""] if isinstance(entry.string, str | None) else list(entry.string)


def test_every_text_has_its_russian() -> None:
    catalogue = _russian()
    missing = []
    for place, message in _sources():
        entry = catalogue.get(message[0] if isinstance(message, tuple) else message)
        if entry is None or entry.fuzzy or not all(_strings(entry)):
            missing.append(f"{place}: {message}")
    assert not missing, f"{len(missing)} without Russian:\n" + "\n".join(missing[:60])


def test_placeholders_are_the_same_in_both_languages() -> None:
    wrong = []
    for entry in _russian():
        wanted = set(PLACEHOLDER.findall(entry.id if isinstance(entry.id, str) else entry.id[-1]))
        wrong += [
            f"{entry.id!r} → {text!r}"
            for text in _strings(entry)
            if entry.id and text and set(PLACEHOLDER.findall(text)) != wanted
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_kind_is_in_the_past_tense(kind: EventKind) -> None:
    noun, _, verb = kind.value.partition(".")
    assert noun
    assert verb.endswith("ed"), kind


def test_the_catalogue_says_nothing_of_machines_and_people() -> None:
    text = (ROOT / "translations/ru/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    header = text.split("\n\n", 1)[0]
    assert "@" not in header
    assert "Date" not in header
    assert "#: /" not in text
