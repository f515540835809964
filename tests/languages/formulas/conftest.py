"""A small world in memory, and formulas evaluated in it for a Russian reader in UTC+03:00."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.languages.memory_store import MemoryStore
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref

MOSCOW = ZoneInfo("Europe/Moscow")
#: It lies beyond the calendar by the clock of Moscow.
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
MOMENT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


class World(MemoryStore):
    """Carol reads; the record is a ticket of Alice's with two assets."""

    def __init__(self) -> None:
        super().__init__({"mail": "Привет", "far": LAST_MOMENT})
        self.carol = self.add("account", username="carol", language="ru", fullName="Carol", mbox=None)
        self.alice = self.add(
            "account", username="alice", language="en", fullName="Alice Smith", mbox="alice@example.com"
        )
        first, second = (
            self.add("record", "Assets", id=number, title=title, price=price, owner=self.alice)
            for number, title, price in [(20, "Ноутбук", Decimal(1000)), (21, "Монитор", Decimal(300))]
        )
        self.ticket = self.add(
            "record", "Requests", id=10, Status="Resolved", Amount=None, Poluchatel=self.alice,
            Активы=(first, second), priority="High", empty=(), Far=LAST_MOMENT,
        )  # fmt: skip
        for album, song in [
            ("Whale Meditation", "Deep"),
            ("Whale Meditation", "Surface"),
            ("Bird Song", "Dawn"),
        ]:
            self.add("record", "music", id=len(self.templates.get("music", ())) + 1, album=album, song=song)
        self.add("record", "Tickets", id=4, product="Data Monsoon", name="Rain", NeedsQAHelp=True)


@pytest.fixture
def world() -> World:
    return World()


def scope_of(world: MemoryStore, record: Ref | None, user: Ref | None, language: str = "ru") -> Scope:
    return Scope(world, record, Reader(user, language, MOSCOW), MOMENT)


@pytest.fixture
def value(world: World) -> Callable[[str], Any]:
    """Evaluate a formula for the ticket."""
    return lambda text: compile_formula(text).evaluate(scope_of(world, world.ticket, world.carol))


@pytest.fixture
def shown(value: Callable[[str], Any]) -> Callable[[str], str]:
    """Evaluate a formula and return what the reader sees."""
    return lambda text: show(value(text), "ru")
