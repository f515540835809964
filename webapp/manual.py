"""Parts of the documentation that are made of data: each stands between two marks of its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"


@dataclass(frozen=True)
class MadePart:
    """What stands between ``<!-- mark -->`` and ``<!-- /mark -->`` of a page, and what makes it."""

    page: Path
    mark: str
    make: Callable[[], str]

    @property
    def is_fresh(self) -> bool:
        """Whether the page says what the data say."""
        return self._text() == self._renewed()

    def write(self) -> None:
        """Make the part of the page anew."""
        self.page.write_text(self._renewed(), encoding="utf-8")

    def _text(self) -> str:
        return self.page.read_text(encoding="utf-8")

    def _renewed(self) -> str:
        start, end = f"<!-- {self.mark} -->\n", f"<!-- /{self.mark} -->\n"
        before, _start, rest = self._text().partition(start)
        _old, _end, after = rest.partition(end)
        return f"{before}{start}\n{self.make()}\n{end}{after}"


def manual(language: str, name: str) -> Path:
    """Return a page of the manual."""
    return DOCS / "manual" / language / name


def write(parts: Iterable[MadePart]) -> None:
    """Make all these parts anew."""
    for each in parts:
        each.write()


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as Markdown writes it."""
    titles = tuple(head)
    return "\n".join([_row(titles), "|---" * len(titles) + "|", *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
