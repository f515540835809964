"""Steps along links, over many records and back; and how few questions they cost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.languages.formulas.conftest import World, scope_of
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.memory_store import MemoryStore

MANY = 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$Poluchatel->mbox", "alice@example.com"),
        ("$Активы->title", "Ноутбук, Монитор"),
        ("SUM($Активы->price)", "1300"),
        ("$Активы->owner->fullName", "Alice Smith, Alice Smith"),
        ("DISTINCT($Активы->owner)", "account.2"),
        ("$Poluchatel<-Assets:owner->title", "Ноутбук, Монитор"),
        ("COUNT($<-Requests:Активы)", "0"),
        ("$Активы<-Requests:Активы", "10"),
        ("$Amount->x->y", ""),
        ("$$mail + '!'", "Привет!"),
        ("USER()->language", "ru"),
        ("from a in $Активы orderby a->price select a->title", "Монитор, Ноутбук"),
        ("from a in $Активы orderby a->price descending select a->title", "Ноутбук, Монитор"),
        ("from a in (from b in db->Assets where b->price > 500 select b) select a->title", "Ноутбук"),
        (
            "COUNT(from a in db->Assets where ANY([(from b in db->music select b), b, b->id == a]) select a)",
            "0",
        ),
        ("from i in LIST(1, 2) orderby LIST(IF(i == 1, null, 'x'), i) select i", "1, 2"),
        ("from i in LIST(1, 2) orderby LIST(IF(i == 1, 'x', null), i) select i", "2, 1"),
        ("from i in LIST(3, 1, 2) orderby LIST(null, i) descending select i", "3, 2, 1"),
        ("from i in LIST(1, 2) orderby LIST(IF(i == 1, 'x', 1), LIST(i, null)) select i", "2, 1"),
        ("from i in LIST(1, 2) orderby LIST(CREATEDATE(2026, i, 1), $) select i", "1, 2"),
        ("from i in LIST(1, 2) select FIRST(from j in LIST(10, 20) where j > i select i * j)", "10, 20"),
    ],
)
def test_a_path_leads_here(shown: Callable[[str], str], text: str, expected: str) -> None:
    assert shown(text) == expected


def test_the_variable_of_a_query_is_known_only_inside(value: Callable[[str], Any]) -> None:
    with pytest.raises(ValueError, match="is no variable of a query"):
        value("COUNT(from a in db->Assets select a) + a")


def many_records() -> MemoryStore:
    store = MemoryStore()
    customers = [store.add("record", "Customers", name=f"c{number}") for number in range(MANY // 10)]
    tickets = [
        store.add("record", "Tickets", customer=customers[number % len(customers)], cost=Decimal(number))
        for number in range(MANY)
    ]
    store.add("record", "Lists", id=5_000, tickets=tuple(tickets))
    return store


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("COUNT($tickets->customer->name)", 3, MANY),
        ("SUM(from t in $tickets where t->customer->name == 'c7' select t->cost)", 4, 4570),
        ("COUNT(DISTINCT($tickets->customer)<-Tickets:customer)", 6, MANY),
        (
            "COUNT(from c in db->Customers where COUNT(c<-Tickets:customer) == 10 select c->name)",
            6,
            MANY // 10,
        ),
        ("COUNT(from t in $tickets where COUNT(db->Customers) > 3 select t)", 2, MANY),
        ("COUNT(from t in $tickets select OBJECT('', 'Customers', 'name', 'c7'))", 3, MANY),
        (
            "COUNT(from c in db->Customers where OBJECT('', 'Customers', 'name', c->name) == c select c)",
            4,
            MANY // 10,
        ),
    ],
)
def test_a_link_over_a_thousand_records_is_a_handful_of_questions(
    text: str, most: int, expected: int
) -> None:
    store = many_records()
    scope = scope_of(store, store.templates["Lists"][0], None)
    assert compile_formula(text).evaluate(scope) == expected
    assert store.questions <= most


def test_what_was_read_once_is_not_read_again(world: World) -> None:
    scope = scope_of(world, world.ticket, world.carol)
    formula = compile_formula("$Poluchatel->mbox + $Poluchatel->mbox")
    for _ in range(3):
        formula.evaluate(scope)
    assert world.questions == 2
