"""Values chosen from a few: yes or no, and the choices of an attribute."""

from __future__ import annotations

import re

from webapp.languages.values.kind import N_, BadOption, BadValue, Kind, Options, Reader, Value
from webapp.languages.values.sort_keys import whole_key

CHOICE_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
TONES = frozenset({"neutral", "accent", "info", "success", "warning", "danger"})
YES_NO = {"ru": ("Да", "Нет"), "en": ("Yes", "No")}
LAST = 10**6


class BooleanKind(Kind):
    """Yes, no, or not said."""

    name = "boolean"
    widget = "select"
    is_filter = True

    def parse(self, text: str, options: Options, reader: Reader) -> bool | None:
        """Read "yes" and "no", as the form offers them."""
        if text.strip() not in {"", "yes", "no"}:
            raise BadValue(N_("Choose one of the values offered."))
        return None if not text.strip() else text.strip() == "yes"

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Say yes or no in the reader's language."""
        return YES_NO.get(reader.language, YES_NO["en"])[0 if value else 1]

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write what the form offers."""
        return "yes" if value else "no"

    def sort_key(self, value: Value, options: Options) -> str:
        """No comes before yes."""
        return whole_key(int(value))

    def choices(self, options: Options, reader: Reader) -> list[tuple[str, str]]:
        """Return (value, words) of everything that can be chosen."""
        return [
            (self.write(value, options, reader), self.show(value, options, reader)) for value in (True, False)
        ]


class ChoiceKind(Kind):
    """One of the choices of the attribute, kept by its system name."""

    name = "choice"
    widget = "select"
    option_names = frozenset({"choices"})
    is_filter = True

    def parse(self, text: str, options: Options, reader: Reader) -> str | None:
        """Take a system name that the attribute has."""
        name = text.strip()
        if name and all(choice["name"] != name for choice in options["choices"]):
            raise BadValue(N_("Choose one of the values offered."))
        return name or None

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Return the choice's name in the reader's language; a choice that is gone shows its system name."""
        for choice in options["choices"]:
            if choice["name"] == value:
                return str(choice["names"].get(reader.language) or choice["names"]["en"])
        return str(value)

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the system name."""
        return str(value)

    def sort_key(self, value: Value, options: Options) -> str:
        """Sort as the choices are listed; one that is gone comes last."""
        names = [choice["name"] for choice in options["choices"]]
        return whole_key(names.index(value) + 1 if value in names else LAST)

    def choices(self, options: Options, reader: Reader) -> list[tuple[str, str]]:
        """Return (value, words) of everything that can be chosen."""
        return [(choice["name"], self.show(choice["name"], options, reader)) for choice in options["choices"]]

    def check_options(self, options: Options) -> None:
        """There must be choices, each with its own system name, names in both languages and a known tone."""
        super().check_options(options)
        choices = options.get("choices")
        if not isinstance(choices, list) or not choices:
            raise BadOption("a choice needs a list of choices")
        for choice in choices:
            _check_choice(choice)
        names = [choice["name"] for choice in choices]
        if len(set(names)) < len(names):
            raise BadOption("two choices have the same name")


def _check_choice(choice: Value) -> None:
    if not isinstance(choice, dict) or set(choice) - {"name", "names", "tone"}:
        raise BadOption("a choice has name, names and maybe tone, and nothing else")
    if not isinstance(choice.get("name"), str) or not CHOICE_NAME.fullmatch(choice["name"]):
        raise BadOption(f"a choice's name is made of a-z, 0-9 and _: {choice.get('name')!r}")
    if not {"en", "ru"} <= set(choice.get("names") or {}):
        raise BadOption(f"the choice {choice['name']!r} needs names in en and ru")
    if choice.get("tone", "neutral") not in TONES:
        raise BadOption(f"the tone of {choice['name']!r} must be one of: {', '.join(sorted(TONES))}")
