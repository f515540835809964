"""Texts: one line (a name, an address) and many lines."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from email_validator import EmailNotValidError, validate_email

from webapp.languages.values.kind import N_, BadOption, BadValue, Kind, Options, Reader, Value, Widget
from webapp.languages.values.sort_keys import text_key

LONGEST_LINE = 255
LONGEST_TEXT = 20_000
LONGEST_ADDRESS = 254
FORMATS = frozenset({"email"})

#: Marks that turn the direction of writing or are not seen at all: with them one name can look like another.
_DECEIVING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")


def cleaned(text: str) -> str:
    """Return the text without what cannot be seen: control characters and turning marks go.

    Raises BadValue for half a surrogate pair, which no database or mail could hold.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadValue(N_("This text has a broken character. Type it again."))
    text = _CONTROLS.sub("", _DECEIVING.sub("", _BREAKS.sub("\n", text)))
    return unicodedata.normalize("NFC", text)


class TextKind(Kind):
    """One line of text; ``format = "email"`` takes one address and nothing beside it."""

    name = "text"
    widget: ClassVar[Widget] = "line"
    option_names = frozenset({"max_length", "format"})
    longest = LONGEST_LINE

    def parse(self, text: str, options: Options, reader: Reader) -> str | None:
        """Clean the text; line breaks become spaces."""
        self._check_length(text, options)
        if options.get("format") == "email":
            return _address(text)
        return " ".join(cleaned(text).split()) or None

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Return the text itself."""
        return str(value)

    def sort_key(self, value: Value, options: Options) -> str:
        """Sort by the alphabet, whatever the case."""
        return text_key(str(value))

    def search_text(self, value: Value) -> str:
        """Texts are found by their words."""
        return str(value)

    def check_options(self, options: Options) -> None:
        """A length must be possible, a format known."""
        super().check_options(options)
        length = options.get("max_length", self.longest)
        if not isinstance(length, int) or not 1 <= length <= self.longest:
            raise BadOption(f"max_length must be a number from 1 to {self.longest}")
        if options.get("format") not in {None, *FORMATS}:
            raise BadOption(f"format must be one of: {', '.join(sorted(FORMATS))}")

    def _check_length(self, text: str, options: Options) -> None:
        limit = options.get("max_length", self.longest)
        if len(text.strip()) > limit:
            raise BadValue(
                N_("This is too long: %(length)s characters, and %(limit)s fit."),
                length=len(text.strip()),
                limit=limit,
            )


class LongTextKind(TextKind):
    """Text of many lines."""

    name = "long_text"
    widget = "lines"
    option_names = frozenset({"max_length"})
    longest = LONGEST_TEXT
    is_sortable = False

    def parse(self, text: str, options: Options, reader: Reader) -> str | None:
        """Clean the text and keep its lines."""
        # A browser counts a line break as one character and sends two.
        text = text.replace("\r\n", "\n")
        self._check_length(text, options)
        lines = [line.rstrip() for line in cleaned(text).split("\n")]
        return "\n".join(lines).strip("\n") or None


def _address(text: str) -> str | None:
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST_ADDRESS:
        raise BadValue(N_("An e-mail address has at most %(limit)s characters."), limit=LONGEST_ADDRESS)
    try:
        return validate_email(text, check_deliverability=False, allow_display_name=False).normalized
    except EmailNotValidError:
        raise BadValue(N_("Type one e-mail address, such as name@example.org.")) from None
