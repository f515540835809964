"""The logo of mails: set, taken away, and kept for as long as a mail may need it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.people.accounts.models import Account
from webapp.people.company import settings
from webapp.people.company.logo_picture import LogoPicture
from webapp.people.company.models import Logo
from webapp.people.company.settings import LogoMark

#: A mail may be made with the logo that was just replaced, and written a moment later.
_ON_THE_WAY: Final = timedelta(hours=1)


def get_png(sha256: str) -> bytes | None:
    """Return the logo with the hash."""
    return db.session.scalar(select(Logo.png).where(Logo.sha256 == sha256))


def set_logo(picture: LogoPicture, *, actor: Account | None) -> bool:
    """Let mails carry the logo from now on; returns whether it is another one. Announces ``setting.changed``.

    One that was replaced stays stored for the mails that were made with it.
    """
    mark = LogoMark(picture.sha256, picture.width, picture.height)
    stored = insert(Logo).values(sha256=mark.sha256, png=picture.png, used_until=None)
    db.session.execute(stored.on_conflict_do_update(index_elements=["sha256"], set_={"used_until": None}))
    return _put(mark, actor)


def remove_logo(*, actor: Account | None) -> bool:
    """Let mails carry no logo; returns whether they did. Announces ``setting.changed``."""
    return _put(None, actor)


def _put(mark: LogoMark | None, actor: Account | None) -> bool:
    card = settings.get()
    if card.logo is not None and card.logo != mark:
        replaced = update(Logo).where(Logo.sha256 == card.logo.sha256)
        change_rows(replaced.values(used_until=now() + _ON_THE_WAY))
    return settings.change(replace(card, logo=mark), actor=actor)
