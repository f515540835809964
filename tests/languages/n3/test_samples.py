"""Every sample that is offered is a program that finds what its title says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.languages.n3.conftest import MOMENT
from webapp.desk.record_templates.loader import BUILTIN
from webapp.desk.record_templates.template_files import read_template
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3.program import compile_program
from webapp.languages.n3.samples import FOLDER, samples
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref

TEXTS = {each.name: each.text for each in samples()}
#: What a ticket has beside the attributes of its template.
OF_EVERY_RECORD = {"status", "_creationDate"}
FOUND = re.compile(r'\("(\w+)" "(\w+)"\) object:findProperty')
SAMPLE_TEMPLATES = {"Elpisma": {"Vlozhenie"}}

Run = Callable[[str], Any]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    revision = made.add("revision", name="Договор", revisionExtension=".pdf", content="QUJD")
    document = made.add("document", currentRevision=revision)
    alice, bob = (made.add("account", mbox=f"{name}@example.com") for name in ("alice", "bob"))
    assets = tuple(made.add("record", "asset", title=title) for title in ("Ноутбук", "Монитор"))
    for number, status, assets_there in [(10, "open", assets), (11, "new", assets[:1]), (12, "new", ())]:
        made.add(
            "record", "ticket", id=number, requester=alice, requester_address=None, assignee=bob,
            status=status, assets=assets_there, _creationDate=MOMENT.replace(hour=3), Vlozhenie=document,
        )  # fmt: skip
    return made


@pytest.fixture
def run(store: MemoryStore) -> Run:
    """Run a sample for the first ticket."""

    def run(name: str) -> Any:
        return compile_program(TEXTS[name]).run(Scope(store, Ref("record", 10), Reader(), MOMENT)).value

    return run


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("requester_address", "alice@example.com"),
        ("asset_titles", "Ноутбук; Монитор"),
        ("same_assets", Ref("record", 11)),
        ("waiting_tickets", 2),
        ("age", 9),
        ("attachment_name", "Договор"),
        ("attachment_extension", ".pdf"),
        ("attachment_content", "QUJD"),
    ],
)
def test_a_sample_finds_what_its_title_says(run: Run, name: str, expected: object) -> None:
    assert run(name) == expected


def test_the_address_on_the_ticket_is_taken_when_there_is_no_account(run: Run, store: MemoryStore) -> None:
    store.things[Ref("record", 10)] |= {"requester": None, "requester_address": "guest@example.com"}
    assert run("requester_address") == "guest@example.com"
    store.things[Ref("record", 10)] |= {"requester_address": None}
    assert run("requester_address") == ""


def test_nobody_waits_for_nobody(run: Run, store: MemoryStore) -> None:
    store.things[Ref("record", 10)]["assignee"] = None
    assert run("waiting_tickets") == 0


def test_each_file_is_offered_with_a_title_in_both_languages() -> None:
    assert {path.stem for path in FOLDER.glob("*.n3")} == TEXTS.keys()
    assert all(each.titles.keys() == {"ru", "en"} for each in samples())


@pytest.mark.parametrize("name", TEXTS)
def test_a_sample_names_attributes_that_are_there(name: str) -> None:
    known = {path.stem: read_template(path).attributes for path in BUILTIN.glob("*.toml")}
    for template, attribute in FOUND.findall(TEXTS[name]):
        names = {each.system_name for each in known.get(template, ())} | OF_EVERY_RECORD
        assert attribute in names | SAMPLE_TEMPLATES.get(template, set()), (template, attribute)
