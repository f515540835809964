"""The map of attacks: each is tried by a test that is there, or waits for what is not built."""

from __future__ import annotations

import ast
import json
import tomllib
from collections import Counter
from functools import cache
from typing import Any

import pytest

from tests.attacks.cases import HERE
from webapp.core.config import PROJECT_ROOT
from webapp.messaging.mail_connections.models import Protocol

pytestmark = pytest.mark.pure

MAP: dict[str, Any] = tomllib.loads((HERE / "coverage.toml").read_text(encoding="utf-8"))
ATTACKS: list[dict[str, Any]] = MAP["attack"]
WORDS = {"ids", "about", "rows", "tests", "waits_for"}
#: As long as these are not there, an attack on them can wait.
IS_BUILT = {"ews": lambda: "ews" in set(Protocol)}


def test_every_attack_stands_in_the_map_once() -> None:
    known = [number for numbers in MAP["groups"].values() for number in numbers]
    listed = Counter(number for attack in ATTACKS for number in attack["ids"])
    assert sorted(known) == sorted(listed)
    assert set(listed.values()) == {1}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["ids"][0])
def test_an_attack_is_tried_or_waits_for_something(attack: dict[str, Any]) -> None:
    assert attack.keys() <= WORDS
    assert attack["about"]
    assert attack.get("tests") or attack["waits_for"] in MAP["features"]
    assert not IS_BUILT.get(attack.get("waits_for", ""), lambda: False)(), "it has come: try it"


@pytest.mark.parametrize("name", sorted({name for attack in ATTACKS for name in attack.get("tests", ())}))
def test_a_test_that_the_map_names_is_there(name: str) -> None:
    path, _colons, function = name.partition("::")
    assert function.startswith("test_")
    assert function in functions(path)


@cache
def functions(path: str) -> frozenset[str]:
    """The functions at the top of a file of tests: those that pytest collects."""
    tree = ast.parse((PROJECT_ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_words_of_an_attack_are_in_the_file_that_the_map_names() -> None:
    missing = [
        number
        for attack in ATTACKS
        if "rows" in attack
        for number in attack["ids"]
        if number not in rows(attack["rows"])
    ]
    assert missing == []


@cache
def rows(path: str) -> frozenset[str]:
    """The attacks whose words the file holds."""
    lines = (PROJECT_ROOT / path).read_text(encoding="utf-8").splitlines()
    return frozenset(json.loads(line)["id"] for line in lines)
