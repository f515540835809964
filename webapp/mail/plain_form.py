"""Simple HTML as plain text: what a reader without HTML sees of a signature."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"p", "div", "ul", "ol", "table", "tr"})
_SPACES = re.compile(r"[ \t\r\n\f]+")
_IS_NUMBER = re.compile(r"[+0-9() \u00a0-]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain_form(html: str) -> str:
    """Return the words with their lines: list items with a mark, cells in one line, addresses behind links.

    It is made for HTML that was cleaned; of any other it makes some text, and never raises.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [_SPACES.sub(" ", line).strip() for line in "".join(reader.pieces).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


class _Reader(HTMLParser):
    """Gathers pieces of text; ``\\n`` in them is a line's end, spaces are put right afterwards."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._lists: list[int | None] = []
        self._link = ""
        self._link_began = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a cell or a link."""
        if tag == "br":
            self.pieces.append("\n")
        elif tag in {"ul", "ol"}:
            self._lists.append(0 if tag == "ol" else None)
            self._begin_line()
        elif tag == "li":
            self._begin_line()
            self.pieces.append(self._mark())
        elif tag in {"td", "th"}:
            self._begin_cell()
        elif tag == "a":
            self._link, self._link_began = dict(attrs).get("href") or "", len(self.pieces)
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        """End a line, a list or a link."""
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag == "a":
            self._end_link()
        elif tag == "p":
            self._begin_line()
            self.pieces.append("\n")
        elif tag in _BLOCKS or tag == "li":
            self._begin_line()

    def handle_data(self, data: str) -> None:
        """Take words; line ends in the source mean no more than a space."""
        self.pieces.append(_SPACES.sub(" ", data))

    def _begin_line(self) -> None:
        if "".join(self.pieces).rstrip(" ")[-1:] not in {"", "\n"}:
            self.pieces.append("\n")

    def _begin_cell(self) -> None:
        if "".join(self.pieces).rstrip(" ")[-1:] not in {"", "\n"}:
            self.pieces.append(" | ")

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number + 1}. "

    def _end_link(self) -> None:
        words = "".join(self.pieces[self._link_began :]).strip()
        address = self._link.removeprefix("mailto:").removeprefix("tel:").strip()
        if address and not _is_said(address, words):
            self.pieces.append(f" ({address})" if words else address)
        self._link = ""


def _is_said(address: str, words: str) -> bool:
    """Whether the words of a link are its address already, as people write it."""
    if address.rstrip("/") in {words, f"http://{words}", f"https://{words}"}:
        return True
    return _IS_NUMBER.fullmatch(words) is not None and _signs(words) == _signs(address)


def _signs(number: str) -> str:
    return re.sub(r"[^+0-9]", "", number)
