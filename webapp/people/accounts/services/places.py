"""Where people stand in the company: whom they answer to, and how they are found there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.core.db import db
from webapp.people.accounts import queries
from webapp.people.accounts.models import Account


@dataclass(frozen=True)
class Place:
    """One person's place; what is not known is None."""

    manager: Account | None = None
    title: str | None = None
    department: str | None = None
    office: str | None = None
    phone: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The values of the account's columns."""
        return {
            "manager_id": self.manager.id if self.manager else None,
            "title": self.title,
            "department": self.department,
            "office": self.office,
            "phone": self.phone,
        }


class ManagerCircle(Exception):
    """Somebody would answer to themselves; ``names`` go round from the person back to them."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(" → ".join(names))
        self.names = names


def refuse_circle(account: Account, manager_id: int) -> None:
    """Raise ManagerCircle when the manager answers to the account. The caller holds the lock of accounts."""
    numbers = [account.id]
    above: int | None = manager_id
    while above is not None:
        numbers.append(above)
        if above == account.id:
            people = queries.accounts_by_ids(numbers)
            raise ManagerCircle([people[number].name for number in numbers])
        # The column, not the object: what another transaction changed a moment ago must count.
        above = db.session.scalar(select(Account.manager_id).where(Account.id == above))
