"""The one layout of all mail: the words of an order as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from webapp.core.config import PROJECT_ROOT
from webapp.core.locales import LANGUAGES
from webapp.mail.header_text import clean_line
from webapp.messaging.messages.orders import MessageOrder
from webapp.messaging.messages.placeholders import fill
from webapp.people.company.settings import Company, LogoMark
from webapp.people.company.signature import plain_signature

LONGEST_SUBJECT: Final = 250
LONGEST_PUSH_TITLE: Final = 300
LONGEST_PUSH_BODY: Final = 500
MOST_FACTS: Final = 3


@dataclass(frozen=True)
class RenderedMail:
    """An order in its final words."""

    subject: str
    text: str
    html: str
    push_title: str
    push_body: str
    logo: str = ""


@dataclass(frozen=True)
class Sender:
    """What the layout says about us: the company's name, the address of this program, signatures, the logo.

    Signatures are HTML that was cleaned, by their language.
    """

    name: str
    base_url: str
    signatures: Mapping[str, str] = field(default_factory=dict)
    logo: LogoMark | None = None

    @classmethod
    def of(cls, card: Company) -> Self:
        """Return what the company card says."""
        return cls(card.name, card.base_url, {code: card.signature(code) for code in LANGUAGES}, card.logo)

    def absolute(self, path: str) -> str:
        """Return the full address of a path of this program."""
        return self.base_url.rstrip("/") + path if path else ""


def render_order(order: MessageOrder, sender: Sender) -> RenderedMail:
    """Return the order's words with its placeholders filled. Reads no database.

    Raises UnknownPlaceholder.
    """
    text, values = order.text, order.values
    signature = sender.signatures.get(order.language, "")
    context = {
        "language": order.language,
        "lead": clean_line(fill(text.lead, values)),
        "facts": _facts(order)[:MOST_FACTS],
        "paragraphs": _paragraphs(fill(text.body, values)),
        "action": fill(text.action, values),
        "url": sender.absolute(order.link),
        "company": sender.name,
        "why": order.why,
        "signature": signature,
    }
    subject = _shortened(clean_line(fill(text.subject, values)), LONGEST_SUBJECT)
    return RenderedMail(
        subject=subject,
        text=_render("layout.txt", context | {"signature": plain_signature(signature)}),
        html=_render("layout.html", context | {"subject": subject, "logo": sender.logo}),
        push_title=_shortened(clean_line(fill(text.push_title, values)) or subject, LONGEST_PUSH_TITLE),
        push_body=_shortened(fill(text.push_body, values).strip(), LONGEST_PUSH_BODY),
        logo=sender.logo.sha256 if sender.logo else "",
    )


def _facts(order: MessageOrder) -> list[tuple[str, str]]:
    facts = (
        (fill(name, order.values), fill(value, order.values).strip()) for name, value in order.text.facts
    )
    return [(name, value) for name, value in facts if value]


def _paragraphs(body: str) -> list[list[str]]:
    """Return the lines of each paragraph."""
    blocks = body.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n\n")
    return [lines for block in blocks if (lines := [line for line in block.split("\n") if line.strip()])]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _render(name: str, context: Mapping[str, Any]) -> str:
    return _template(name).render(context)


@cache
def _template(name: str) -> Template:
    # The environment would ask the disk before each mail whether the file is still the same.
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    # Not the pages' environment: mail knows neither a request nor the person who looks at a page.
    return Environment(
        loader=FileSystemLoader(PROJECT_ROOT / "templates" / "email"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
