"""Hostile addresses: numbers that no table holds, names that are none, queries of every page."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from urllib.parse import quote

from flask import current_app
from werkzeug.routing import Rule

from tests.attacks.oracles import judged
from tests.attacks.tables import changed, fingerprints
from tests.attacks.world import World
from webapp.core.db import db

LARGE = (str(2**63 - 1), str(2**63))
NUMBERS = ("0", str(2**31), "9" * 400, "-1", "1.5", "٣٣٣", "1%00", "0x1")
NAMES = ("..%2f..%2fetc%2fpasswd", "%2e%2e", "x" * 5000, "' OR 1=1 --", "😀")
#: What people type into addresses, for each word that any page reads from its query.
BROKEN = ("%00", "a%00%ED%A0%80")
VALUES = (
    "-1", "0", str(2**63), "9" * 400, "1e999", "NaN", "0000-00-00", "9999-12-31",
    "2026-02-30", "' OR 1=1 --", "id) FROM account--", "%25%25%25%25", "x" * 10_000, "😀", "[]", "null",
    "https:%2f%2fevil.test",
)  # fmt: skip
WORDS = (
    "q", "cursor", "sort", "status", "part", "page", "per_page", "role", "state", "kind", "record", "actor",
    "show", "object", "search", "flipped", "is_open", "replayed", "next", "lastEventId", "service", "type",
    "priority", "requester", "_external", "_scheme", "_anchor", "is_on", "channel",
)  # fmt: skip
FOUND_NOTHING = {404, 405, 403, 308, 303, 410}


def test_a_part_of_an_address_that_cannot_be_leads_nowhere(world: World) -> None:
    browser, token = world.browser("carol"), {"csrf_token": world.token("carol")}
    before, wrong = fingerprints(), []
    for method in ("GET", "POST"):
        for rule in world.rules(method):
            for address in twisted(world, rule):
                data = token if method == "POST" else None
                answer = judged(lambda: browser.client.open(address, method=method, data=data), address)  # noqa: B023 - called at once
                if answer.status_code not in FOUND_NOTHING:
                    wrong.append((method, address[:80], answer.status_code))
    assert not wrong
    assert not changed(before)


def twisted(world: World, rule: Rule) -> Iterator[str]:
    """The rule's address with each of its parts replaced by something that is not there."""
    address, numbers = world.address(rule), (*LARGE, *NUMBERS[share() :: 2])
    names = (*BROKEN, *NAMES[share() :: 2])
    for name in rule.arguments:
        own = quote(str(world.parts[name]))
        for piece in numbers if name.endswith("_id") else names:
            yield address.replace(f"/{own}", f"/{piece}", 1)


def test_no_query_breaks_a_page(world: World) -> None:
    browser, before = world.browser("carol"), fingerprints()
    for address in map(world.address, filter(reads_its_query, world.rules("GET"))):
        for value in (*BROKEN, *VALUES[share() :: 2]):
            query = "&".join(f"{word}={value}" for word in WORDS)
            judged(lambda: browser.client.get(f"{address}?{query}"), (address, value))  # noqa: B023
    assert not changed(before)


def share() -> int:
    """Which half of what is no matter of the database this run takes; the two together take all."""
    return int(db.engine.dialect.name == "sqlite")


def reads_its_query(rule: Rule) -> bool:
    """Whether the view stands in a file that reads queries."""
    view = current_app.view_functions[rule.endpoint]
    source = inspect.getsource(sys.modules[inspect.unwrap(view).__module__])
    return "request.args" in source and rule.endpoint != "push.stream"
