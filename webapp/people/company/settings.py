"""The company card: the settings of the whole installation, read once per transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from webapp.core import config
from webapp.core.db import db
from webapp.core.locales import DEFAULT_LANGUAGE
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.mail.plain_form import plain_form
from webapp.people.accounts.models import Account
from webapp.people.company.models import Setting

CARD = Subject("setting", 1)
_CACHE = "company card"
_SIGNATURES: Final = ("signature_ru", "signature_en")
_LONGEST_IN_EVENT: Final = 120


@dataclass(frozen=True)
class LogoMark:
    """Which logo mails carry, and how large it is shown in them."""

    sha256: str
    width: int
    height: int

    @property
    def content_id(self) -> str:
        """By which a mail's HTML names the picture that goes with it."""
        return content_id_of(self.sha256)


@dataclass(frozen=True)
class Company:
    """What is true for everybody in the installation; what is not stored has these values.

    Signatures are HTML that was cleaned. ``most_per_address`` is how many mails one address gets in ten
    minutes; None is any number.
    """

    name: str = "Vestnik"
    base_url: str = ""
    default_language: str = DEFAULT_LANGUAGE
    time_zone: str = "Europe/Moscow"
    notify_unregistered: bool = False
    most_per_address: int | None = 50
    signature_ru: str = ""
    signature_en: str = ""
    logo: LogoMark | None = None

    def signature(self, language: str) -> str:
        """Return the signature of mails in the language; "" when it has none."""
        return {"ru": self.signature_ru, "en": self.signature_en}.get(language, "")


def get() -> Company:
    """Return the card; asked again in the same transaction it costs nothing."""
    info = db.session.info
    if _CACHE not in info:
        info[_CACHE] = _read()
    card: Company = info[_CACHE]
    return card


def change(wanted: Company, *, actor: Account | None) -> bool:
    """Store what differs; returns whether anything did.

    Announces ``setting.changed`` with the values before and after, long ones shortened.
    """
    before, after = asdict(get()), asdict(wanted)
    changed = [key for key in after if before[key] != after[key]]
    if not changed:
        return False
    for key in changed:
        db.session.merge(Setting(key=key, value=after[key]))
    changes = {key: {"before": _told(key, before[key]), "after": _told(key, after[key])} for key in changed}
    announce(EventKind.SETTING_CHANGED, CARD, actor_id=actor.id if actor else None, changes=changes)
    db.session.info.pop(_CACHE, None)
    return True


def change_signatures(russian: str, english: str, *, actor: Account | None) -> bool:
    """Store signatures that were cleaned; returns whether anything differs. Announces ``setting.changed``."""
    return change(replace(get(), signature_ru=russian, signature_en=english), actor=actor)


def content_id_of(sha256: str) -> str:
    """Return the Content-ID of the logo with the hash: the same in all mails, as the picture is."""
    return f"logo.{sha256[:32]}@vestnik"


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
    values = {key: stored.get(key, default) for key, default in defaults.items()}
    if values["logo"] is not None:
        values["logo"] = LogoMark(**values["logo"])
    return Company(**values)


def _told(key: str, value: Any) -> Any:  # noqa: ANN401 - any setting
    """Return the value as the event keeps it: words instead of markup, and not too many of them."""
    if key == "logo" and value is not None:
        return f"{value['width']} × {value['height']} ({value['sha256'][:8]})"
    words = " ".join(plain_form(value).split()) if key in _SIGNATURES else value
    is_long = isinstance(words, str) and len(words) > _LONGEST_IN_EVENT
    return words[: _LONGEST_IN_EVENT - 1] + "…" if is_long else words


def _first_address() -> str:
    settings = config.current()
    return settings.base_url or f"http://127.0.0.1:{settings.port}"


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    # A process of many batches would otherwise never hear of a change.
    session.info.pop(_CACHE, None)
