"""A record with an attachment, assets and an owner, and programs that are run for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3.namespaces import NAMESPACES
from webapp.languages.n3.program import Result, compile_program
from webapp.languages.scope import Reader, Scope

MOMENT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
#: Under their usual prefixes, and under those that the documents give to some of them.
NAMES = {
    **{prefix: iri for iri, prefix in NAMESPACES.items()},
    "cmwmath": "http://comindware.com/logics/math#",
    "cmwstring": "http://comindware.com/logics/string#",
    "cmwlist": "http://comindware.com/logics/list#",
    "cmwtime": "http://comindware.com/logics/time#",
}
PREFIXES = "\n".join(f"@prefix {prefix}: <{iri}>." for prefix, iri in NAMES.items())
ATTRIBUTES = {"coll": "Elpisma", "empty": "Elpisma", "owner": "Elpisma", "num": "Assets", "title": "Assets"}
FIND = "\n".join(
    f'("{template}" "{name}") object:findProperty ?{name}Attr.' for name, template in ATTRIBUTES.items()
)


def program(statements: str) -> str:
    """A whole program: all prefixes in one line each, attributes found, and these statements."""
    return f"{PREFIXES}\n{{\n{FIND}\n{statements}\n}}"


#: The line on which the statements of ``program`` begin.
FIRST_LINE = program("@").split("\n").index("@") + 1


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore({"mail": "Привет", "attachment": {"Content": "QUJD", "Name": "a"}})
    revision = made.add("revision", name="Договор", revisionExtension="pdf", content="QUJD")
    document = made.add("document", currentRevision=revision)
    carol = made.add("account", username="carol", mbox="carol@example.com", fullName="Carol")
    assets = [
        made.add("record", "Assets", id=number, num=Decimal(price), title=title)
        for number, price, title in [(20, 3, "Ноутбук"), (21, 4, "Монитор")]
    ]
    made.add(
        "record", "Elpisma", id=10, Vlozhenie=document, coll=tuple(assets), empty=None, owner=carol
    )  # fmt: skip
    return made


@pytest.fixture
def scope(store: MemoryStore) -> Scope:
    (record,) = store.templates["Elpisma"]
    (carol,) = [each for each in store.things if each.kind == "account"]
    return Scope(store, record, Reader(carol, "ru"), MOMENT)


@pytest.fixture
def run(scope: Scope) -> Callable[[str], Result]:
    """Run statements for the record."""
    return lambda statements: compile_program(program(statements)).run(scope)
