"""The company card: the settings of the whole installation, read once per transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from webapp.core import config
from webapp.core.db import db
from webapp.core.locales import DEFAULT_LANGUAGE
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.people.accounts.models import Account
from webapp.people.company.models import Setting

CARD = Subject("setting", 1)
_CACHE = "company card"


@dataclass(frozen=True)
class Company:
    """What is true for everybody in the installation; what is not stored has these values.

    ``most_per_address`` is how many mails one address gets in ten minutes; None is any number.
    """

    name: str = "Vestnik"
    base_url: str = ""
    default_language: str = DEFAULT_LANGUAGE
    time_zone: str = "Europe/Moscow"
    notify_unregistered: bool = False
    most_per_address: int | None = 50


def get() -> Company:
    """Return the card; asked again in the same transaction it costs nothing."""
    info = db.session.info
    if _CACHE not in info:
        info[_CACHE] = _read()
    card: Company = info[_CACHE]
    return card


def change(wanted: Company, *, actor: Account | None) -> bool:
    """Store what differs; returns whether anything did.

    Announces ``setting.changed`` with the values before and after.
    """
    before, after = asdict(get()), asdict(wanted)
    changes = {
        key: {"before": before[key], "after": after[key]} for key in after if before[key] != after[key]
    }
    if not changes:
        return False
    for key in changes:
        db.session.merge(Setting(key=key, value=after[key]))
    announce(EventKind.SETTING_CHANGED, CARD, actor_id=actor.id if actor else None, changes=changes)
    db.session.info.pop(_CACHE, None)
    return True


def absolute_url(path: str) -> str:
    """Return the whole address of one of our paths, as links in mails need it: never from a request."""
    return get().base_url.rstrip("/") + path


def is_reached_from_outside() -> bool:
    """Whether links in mail lead anywhere but to the reader's own machine."""
    host = urlsplit(get().base_url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host not in {"", "localhost"}


def _read() -> Company:
    defaults = asdict(Company(base_url=_first_address()))
    stored: dict[str, Any] = {row.key: row.value for row in db.session.scalars(select(Setting))}
    return Company(**{key: stored.get(key, default) for key, default in defaults.items()})


def _first_address() -> str:
    settings = config.current()
    return settings.base_url or f"http://127.0.0.1:{settings.port}"


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    # A process of many batches would otherwise never hear of a change.
    session.info.pop(_CACHE, None)
