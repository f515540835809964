"""The logos of mails on their way: each is read once by a process, since its hash says which it is."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Final

from webapp.core.db import reading
from webapp.mail.outgoing import InlineImage
from webapp.messaging.messages.bodies import Parts
from webapp.people.company import logos
from webapp.people.company.settings import content_id_of

_KEPT: Final = 8


def pictures(sha256: str) -> tuple[InlineImage, ...]:
    """Return the pictures of a mail that shows the logo; none when it is no longer stored.

    The mail then shows the company's name in its place.
    """
    try:
        return (_picture(sha256),)
    except LookupError:
        return ()


def with_pictures(parts: Parts) -> str:
    """Return the HTML for a page: what a mail has beside it stands in it."""
    html = parts.html
    for image in pictures(parts.logo) if parts.logo else ():
        address = f"data:{image.media_type};base64,{base64.b64encode(image.content).decode()}"
        html = html.replace(f"cid:{image.content_id}", address)
    return html


@lru_cache(maxsize=_KEPT)
def _picture(sha256: str) -> InlineImage:
    with reading():  # the transaction ends with the block, before the wire is waited for
        png = logos.get_png(sha256)
    if png is None:
        raise LookupError(sha256)
    return InlineImage("logo.png", png, "image/png", content_id_of(sha256))
