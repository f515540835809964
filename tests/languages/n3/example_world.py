"""The world in which the examples of predicates are true."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.languages.n3.conftest import MOMENT
from webapp.languages.memory_store import MemoryStore
from webapp.languages.scope import Reader, Scope

MOSCOW = ZoneInfo("Europe/Moscow")


class ExampleWorld(MemoryStore):
    """A ticket of Alice's for which Carol runs programs; what people, documents and tasks have beside it."""

    def __init__(self) -> None:
        content = {"Name": "a.txt", "Content": "QUJD"}
        super().__init__({"mail": "Привет", "attachment": content})
        self.alice = self.add("account", "account", username="alice", fullName="Alice")
        self.bob = self.add("account", "account", username="bob", fullName="Bob")
        self.carol = self.add(
            "account", "account", username="carol", fullName="Carol", displayName="Carol", active=True,
            mbox="carol@example.com", manager=self.alice, title="Technologist", department="Service desk",
            office="Main street", phone="+7 495 000-00-00", language="ru", timeZone="Europe/Moscow",
        )  # fmt: skip
        members = (self.bob, self.carol)
        team = self.add("team", "team", groupName="First line", groupUsers=members)
        self.things[self.carol]["userGroupMembership"] = (team,)
        self._add_document()
        self.add(
            "record", "task", title="Позвонить", taskStatus="inProgress", assignee=self.bob,
            possibleAssignee=self.carol, completedBy=self.bob,
            dueDate=datetime(2026, 11, 21, 12, tzinfo=MOSCOW),
        )  # fmt: skip
        for title in ("Ноутбук", "Монитор"):
            self.add("record", "asset", title=title)
        self.ticket = self.add("record", "ticket", id=10, _template="ticket", _isDisabled=False)

    def _add_document(self) -> None:
        first, last = (
            self.add(
                "revision", name="Договор", title="Договор.pdf", revisionExtension=".pdf", content="QUJD",
                httpUri="https://desk.example.com/files/7",
            )
            for _ in range(2)
        )  # fmt: skip
        self.variables["file"] = self.add("document", currentRevision=last, revision=(first, last))


def scope_of(world: ExampleWorld) -> Scope:
    """For Carol, who reads Russian in Moscow."""
    return Scope(world, world.ticket, Reader(world.carol, "ru", MOSCOW), MOMENT)
