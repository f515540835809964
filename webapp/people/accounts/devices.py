"""The browser and the system behind a user agent, in names that people know."""

from __future__ import annotations

import re

# The order counts: nearly every browser also calls itself Chrome or Safari.
BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe_device(user_agent: str) -> tuple[str, str]:
    """Return the names of browser and system; for an unknown browser its own first word, for no system ""."""
    first_word = re.match(r"[\w.-]{1,40}", user_agent)
    return (
        _first(BROWSERS, user_agent) or (first_word[0] if first_word else ""),
        _first(SYSTEMS, user_agent),
    )


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
