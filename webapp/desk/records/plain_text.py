"""Text that people typed, as safe HTML: escaped, with line breaks and links."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

#: Only what surely is an address on the web: quotes and brackets end it, a dot or comma behind is no part.
LINK = re.compile(r"https?://[^\s<>\"'`\\^{}|()\[\]]+[^\s<>\"'`\\^{}|()\[\].,;:!?…»]")
LONGEST_SHOWN = 80


def as_html(text: str | None) -> Markup:
    """Return the text as HTML in which nothing but its links does anything."""
    parts: list[Markup] = []
    end = 0
    for found in LINK.finditer(text or ""):
        parts += [_escaped((text or "")[end : found.start()]), _link(found.group())]
        end = found.end()
    return Markup("").join([*parts, _escaped((text or "")[end:])])


def _escaped(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))


def _link(address: str) -> Markup:
    shown = address if len(address) <= LONGEST_SHOWN else f"{address[:LONGEST_SHOWN]}…"
    return Markup('<a href="{}" rel="noopener noreferrer nofollow ugc" target="_blank">{}</a>').format(
        address, shown
    )
