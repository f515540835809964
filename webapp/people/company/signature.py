"""The company's signature: what HTML may stand in it, what was taken out of it, and its plain form."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from typing import Final, NamedTuple

import nh3

from webapp.languages.values.texts import cleaned
from webapp.mail.plain_form import plain_form

#: Letters of HTML. A mail is some five thousand, and each carries the signature.
LONGEST: Final = 10_000
#: No styles, classes or sizes: fixed colours would be unreadable in the dark. No pictures: the logo is one,
#: and those from elsewhere tell their owner who reads the mail when.
TAGS: Final = frozenset({
    "a", "b", "br", "div", "em", "i", "li", "ol", "p", "span", "strong", "u", "ul",
    "table", "tbody", "td", "th", "thead", "tr",
})  # fmt: skip
ATTRIBUTES: Final = {"a": {"href"}, "td": {"colspan"}, "th": {"colspan"}}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
#: Added by a browser's rules to each table, so that nobody has taken them out.
_SILENT: Final = frozenset({"tbody"})
_MOST_ROUNDS: Final = 5
_ANY_TAG = re.compile(r"<[A-Za-z/!?]")
_SIGNATURES_KEPT: Final = 16


class Signature(NamedTuple):
    """HTML that may be sent, and the names of what was taken out to make it so."""

    html: str
    taken_out: tuple[str, ...] = ()


def sanitised(typed: str) -> Signature:
    """Return what may stand in mails of what was typed; lines of a text without any markup stay lines.

    To do it again changes nothing. Raises BadValue for half a surrogate pair.
    """
    text = cleaned(typed).strip()
    if not _ANY_TAG.search(text):
        text = text.replace("\n", "<br>\n")
    html = _clean(text)
    return Signature(html, tuple(_taken_out(text, html)))


@lru_cache(maxsize=_SIGNATURES_KEPT)
def plain_signature(html: str) -> str:
    """Return the signature for the plain form of a mail."""
    return plain_form(html)


def _clean(text: str) -> str:
    """Clean until nothing changes any more: tags inside others may be read anew when these are gone."""
    for _round in range(_MOST_ROUNDS):
        before, text = text, _cleaned_once(text)
        if text == before:
            return text
    return escape(plain_form(text), quote=False)


def _cleaned_once(text: str) -> str:
    return nh3.clean(
        text,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=None,
    ).strip()


def _taken_out(typed: str, html: str) -> list[str]:
    """Return the names of tags and attributes that are no longer there, each once."""
    before, after = _Names.of(typed), _Names.of(html)
    return sorted(name for name in before - after if name.strip("<>") not in _SILENT)


class _Names(HTMLParser):
    """Counts tags, written ``<b>``, and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    @classmethod
    def of(cls, html: str) -> Counter[str]:
        """Count what the HTML has."""
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count the tag and its attributes."""
        self.found.update([f"<{tag}>", *(name for name, _value in attrs)])

    def handle_comment(self, _data: str) -> None:
        """Count the comment."""
        self.found["<!-- -->"] += 1
