"""The menus: packages add their entries, and each person sees those that are theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

Account = Any
Who = Callable[[Account], bool]

#: Every section with its title: two parts of the bar, the left menu, those behind the gear, the own menu.
SECTIONS: dict[str, LazyString] = {
    "search": _l("Search"),
    "create": _l("Create"),
    "work": _l("Work"),
    "overview": _l("Overview"),
    "system": _l("System settings"),
    "processes": _l("Business process settings"),
    "administration": _l("Administration"),
    "journals": _l("Journals"),
    "me": _l("My account"),
}
SETTINGS = ("overview", "system", "processes", "administration", "journals")


def everyone(_account: Account) -> bool:
    """Let everybody who is signed in see the entry."""
    return True


@dataclass(frozen=True)
class MenuEntry:
    """One line of a menu, as a package adds it."""

    section: str
    label: LazyString | str
    endpoint: str
    icon: str
    order: int = 50
    who: Who = everyone
    values: dict[str, Any] = field(default_factory=dict)
    group: LazyString | str | None = None

    @property
    def key(self) -> tuple[str, str, dict[str, Any]]:
        """Return what makes this line another one than the others."""
        return self.section, self.endpoint, self.values


@dataclass(frozen=True)
class MenuLink:
    """One line of a menu, as a page shows it."""

    label: str
    url: str
    icon: str
    group: str | None
    is_current: bool


@dataclass(frozen=True)
class MenuSection:
    """The lines of one section that a person sees."""

    name: str
    label: str
    links: tuple[MenuLink, ...]


@dataclass(frozen=True)
class Menu:
    """Everything that one person sees in the menus of one page."""

    sections: tuple[MenuSection, ...]

    def links(self, name: str) -> tuple[MenuLink, ...]:
        """Return the lines of the section, none when it is not this person's."""
        return next((section.links for section in self.sections if section.name == name), ())

    @property
    def settings(self) -> tuple[MenuSection, ...]:
        """Return the sections behind the gear."""
        return tuple(section for section in self.sections if section.name in SETTINGS)

    @property
    def area(self) -> str:
        """Return which left menu belongs to the page: "settings" or "work"."""
        links = (link for section in self.settings for link in section.links)
        return "settings" if any(link.is_current for link in links) else "work"


Provider = Callable[[Account], Iterable[MenuEntry]]

_entries: list[MenuEntry] = []
_providers: list[Provider] = []


def add(  # noqa: PLR0913 - the parts of one line of a menu, named at every call
    section: str,
    label: LazyString | str,
    endpoint: str,
    *,
    icon: str,
    order: int = 50,
    who: Who = everyone,
    values: dict[str, Any] | None = None,
    group: LazyString | str | None = None,
) -> None:
    """Add a line to a section; the same one added again replaces it. Raises ValueError if there is none."""
    if section not in SECTIONS:
        raise ValueError(f"there is no section {section!r} in the menu")
    entry = MenuEntry(section, label, endpoint, icon, order, who, values or {}, group)
    _entries[:] = [other for other in _entries if other.key != entry.key] + [entry]


def entries_from(provider: Provider) -> Provider:
    """Register a function that gives an account entries that are known only while running."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def registered() -> tuple[MenuEntry, ...]:
    """Return every entry that was added at start."""
    return tuple(_entries)


def menu_for(account: Account) -> Menu:
    """Return the menus of the account on the page that is being shown."""
    entries = [*_entries, *(entry for provider in _providers for entry in provider(account))]
    mine = sorted((entry for entry in entries if entry.who(account)), key=lambda entry: entry.order)
    links = [(entry.section, _link(entry)) for entry in mine]
    current = _current_url([link.url for _section, link in links])
    sections = []
    for name, label in SECTIONS.items():
        own = (replace(link, is_current=link.url == current) for section, link in links if section == name)
        sections.append(MenuSection(name, str(label), tuple(own)))
    return Menu(tuple(section for section in sections if section.links))


def init_app(app: Flask) -> None:
    """Give pages ``menu_for(account)``."""
    app.jinja_env.globals["menu_for"] = menu_for


def _link(entry: MenuEntry) -> MenuLink:
    group = str(entry.group) if entry.group is not None else None
    url = url_for(entry.endpoint, **entry.values)
    return MenuLink(str(entry.label), url, entry.icon, group, is_current=False)


def _current_url(urls: list[str]) -> str | None:
    """Return the address that the page lies at or under, the longest of several: a part before the whole."""
    page = _folder(f"{request.script_root}{request.path}")
    fitting = [
        url for url in urls if _folder(url) == page or (page.startswith(_folder(url)) and _folder(url) != "/")
    ]
    return max(fitting, key=lambda url: (_folder(url) == page, len(url)), default=None)


def _folder(url: str) -> str:
    return url.partition("?")[0].rstrip("/") + "/"
