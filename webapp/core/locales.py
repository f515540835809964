"""Languages and time zones: which there are, which one a page uses, compiled catalogues."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request
from flask_login import current_user

from webapp.core.config import PROJECT_ROOT
from webapp.core.extensions import babel

log = logging.getLogger(__name__)

LANGUAGES = {"ru": "Русский", "en": "English"}
DEFAULT_LANGUAGE = "ru"
LANGUAGE_COOKIE = "language"
CATALOGUES = PROJECT_ROOT / "translations"


def init_app(app: Flask) -> None:
    """Let pages speak the reader's language and show times in the reader's zone."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    babel.init_app(app, locale_selector=page_language, timezone_selector=page_time_zone)
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, page_language=page_language)


def page_language() -> str:
    """The account's language, else the one chosen before sign-in, else what the browser prefers."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if current_user and current_user.is_authenticated:
        return language_or_default(current_user.language)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return (
        chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE
    )


def page_time_zone() -> ZoneInfo:
    """The reader's zone; UTC for somebody who is not signed in."""
    if has_request_context() and current_user and current_user.is_authenticated:
        return zone_or_utc(current_user.time_zone)
    return ZoneInfo("UTC")


def language_or_default(language: str | None) -> str:
    """Return ``language`` when Vestnik speaks it, otherwise the default one."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def zone_or_utc(name: str | None) -> ZoneInfo:
    """Return the zone called ``name``; UTC when the time zone database knows it no longer."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def compile_catalogues(folder: Path = CATALOGUES) -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            # Folders of programs are often closed for writing: then an older form, or English, has to do.
            log.warning("The texts of %s cannot be compiled: %s", source, error)


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalogue)
        Path(partial).chmod(0o644)
        Path(partial).replace(target)
    finally:
        Path(partial).unlink(missing_ok=True)
