"""What a page of rows shows: those that pass the filters, with switches, under their events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Self
from zoneinfo import ZoneInfo

from webapp.messaging.messages.orders import Channel
from webapp.rules.event_actions import catalogue, queries
from webapp.rules.event_actions.catalogue import EventAction, Words
from webapp.rules.event_actions.moment_words import in_words, name_of
from webapp.rules.event_actions.moments import Moments, get_moments
from webapp.rules.event_actions.pages import ESCALATIONS, EVENT_ACTIONS, Page, page_of
from webapp.rules.event_actions.queries import DAYS_COUNTED, Sent
from webapp.rules.event_actions.services import Switch
from webapp.rules.event_actions.settings import Settings, get_settings
from webapp.rules.saying import say_whole

STATES = ("on", "off")


@dataclass(frozen=True)
class Filters:
    """What the address asks for; a value that makes no sense counts as none."""

    topic: str
    search: str = ""
    role: str = ""
    channel: str = ""
    state: str = ""

    @classmethod
    def from_address(cls, args: Mapping[str, str], page: Page) -> Self:
        """Read the query of an address of the page."""
        return cls(
            topic=_known(args.get("topic"), page.topics) or page.topics[0],
            search=" ".join(args.get("search", "").split())[:100],
            role=_known(args.get("role"), page.roles),
            channel=_known(args.get("channel"), tuple(Channel)),
            state=_known(args.get("state"), STATES),
        )

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels whose switches are shown."""
        return (Channel(self.channel),) if self.channel else tuple(Channel)

    @property
    def is_narrow(self) -> bool:
        """Whether any filter but the tab is in force."""
        return bool(self.search or self.role or self.channel or self.state)

    def in_address(self) -> dict[str, str]:
        """Return the query that leads here."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Line:
    """One row of the page."""

    row: EventAction
    name: str
    group: str
    topic: str
    roles: tuple[str, ...]
    switches: tuple[tuple[Channel, bool], ...]
    fired: tuple[int, ...] = ()
    condition: str = ""
    condition_trouble: str = ""
    own_texts: tuple[str, ...] = ()
    is_text_broken: bool = False
    when: str = ""
    is_moved: bool = False

    @property
    def page(self) -> Page:
        """The page on which it stands."""
        return page_of(self.row)

    @property
    def anchor(self) -> str:
        """The row's id on the page."""
        return "row-" + self.row.code.replace(".", "-").replace("_", "-")

    @property
    def times_fired(self) -> int:
        """How many messages it made in the days counted."""
        return sum(self.fired)


@dataclass(frozen=True)
class Board:
    """The whole page."""

    page: Page
    filters: Filters
    lines: tuple[Line, ...]
    counts: dict[str, int]
    on: int
    all: int
    sent: Sent
    words: Words = field(repr=False)

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """The lines under the event that they belong to."""
        return [(name, list(lines)) for name, lines in groupby(self.lines, key=lambda line: line.group)]

    def movable(self, *, is_on: bool) -> list[Switch]:
        """Return the switches shown that are not yet so."""
        return [
            (line.row, channel)
            for line in self.lines
            for channel, stands in line.switches
            if stands is not is_on
        ]

    def rows_movable(self, *, is_on: bool) -> int:
        """Return how many of the rows shown have such a switch."""
        return len({row.code for row, _channel in self.movable(is_on=is_on)})


@dataclass(frozen=True)
class _Stand:
    """How everything stands at the moment, in one language."""

    words: Words
    settings: Settings
    fired: dict[str, list[int]]
    moments: Moments
    language: str

    @classmethod
    def now(cls, language: str, zone: ZoneInfo) -> Self:
        """Read it."""
        words, fired = catalogue.words(language), queries.count_fired_by_day(zone)
        return cls(words, get_settings(), fired, get_moments(), language)


def look(page: Page, filters: Filters, language: str, zone: ZoneInfo) -> Board:
    """Return the page as it stands now; reads only."""
    stand = _Stand.now(language, zone)
    every = [_line(row, stand, filters.channels) for row in page.rows]
    passing = [line for line in every if _passes(line, filters)]
    switches = stand.settings.switches
    states = [switches.is_on(row, channel) for row in page.rows for channel in row.channels]
    return Board(
        page=page,
        filters=filters,
        lines=tuple(_in_order_of_groups(line for line in passing if line.row.topic == filters.topic)),
        counts={name: sum(line.row.topic == name for line in passing) for name in page.topics},
        on=sum(states),
        all=len(states),
        sent=queries.count_sent(zone, page.rows),
        words=stand.words,
    )


def look_at(
    row: EventAction, language: str, zone: ZoneInfo, channels: tuple[Channel, ...] = tuple(Channel)
) -> Line:
    """Return one row as it stands now."""
    return _line(row, _Stand.now(language, zone), channels)


def switchable_rows() -> list[EventAction]:
    """Return the rows that can be switched, whichever page they stand on."""
    return [*EVENT_ACTIONS.rows, *ESCALATIONS.rows]


def _line(row: EventAction, stand: _Stand, channels: tuple[Channel, ...]) -> Line:
    words, settings = stand.words, stand.settings
    error = settings.conditions.error_of(row)
    moment = stand.moments.of(row.code, row.moment) if row.moment else None
    return Line(
        row=row,
        name=name_of(row, stand.language, stand.moments),
        group=words.groups[row.group],
        topic=words.topics[row.topic],
        roles=tuple(words.roles[role] for role in row.roles),
        switches=tuple(
            (channel, settings.switches.is_on(row, channel))
            for channel in row.channels
            if channel in channels
        ),
        fired=tuple(stand.fired.get(row.code, [0] * DAYS_COUNTED)),
        condition=settings.conditions.text_of(row),
        condition_trouble=say_whole(error) if error else "",
        own_texts=settings.texts.languages_of(row),
        is_text_broken=settings.texts.is_broken(row),
        when=in_words(moment, stand.language) if moment else "",
        is_moved=moment != row.moment,
    )


def _passes(line: Line, filters: Filters) -> bool:
    words = " ".join((line.name, line.group, *line.roles)).casefold()
    return (
        filters.search.casefold() in words
        and (not filters.role or filters.role in line.row.roles)
        and (not filters.state or any(is_on is (filters.state == "on") for _channel, is_on in line.switches))
    )


def _in_order_of_groups(lines: Iterator[Line]) -> list[Line]:
    found = list(lines)
    first_seen = list(dict.fromkeys(line.group for line in found))
    return sorted(found, key=lambda line: first_seen.index(line.group))


def _known(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""
