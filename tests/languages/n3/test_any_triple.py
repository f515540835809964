"""Whatever stands beside a predicate, it has solutions or says what is wrong; nothing else comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.languages.n3.example_world import ExampleWorld, scope_of
from webapp.languages.errors import Place
from webapp.languages.formulas.showing import show
from webapp.languages.n3 import solving, tree
from webapp.languages.n3.catalogue import predicates
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.running import UNBOUND, Property, Run
from webapp.languages.store import Ref

PLACE = Place(1, 1)
SCOPE = scope_of(ExampleWorld())
NAMES = sorted({each.name for each in predicates().values() if each.blocks is None})
TEXTS = [
    "",
    "a",
    "asset",
    "UTC",
    "{0}",
    "{0:N2}",
    "P1D",
    "(",
    "a|b",
    "$1",
    "QUJD",
    "\ud800",
    "OrdinalIgnoreCase",
]
simple = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([Decimal(0), Decimal(-1), Decimal(10) ** 27, Decimal("0.5"), True, None]),
    st.sampled_from([datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]),
    st.sampled_from([timedelta(hours=8), timedelta(days=-999_999), timedelta(0)]),
    st.sampled_from([Ref("record", 10), Ref("account", 1), Ref("nosuch", 1), Property("asset", "title")]),
    st.just({"Name": "a"}),
)
values = st.recursive(simple, lambda inner: st.lists(inner, max_size=5).map(tuple), max_leaves=6)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subject=values, other=st.just(UNBOUND) | values)
def test_a_triple_with_any_values(name: str, subject: Any, other: Any) -> None:
    namespace, _, local = name.partition(":")
    triple = tree.Triple(
        tree.Variable("subject", PLACE),
        tree.Name(namespace, local, PLACE),
        tree.Variable("object", PLACE),
        PLACE,
    )
    solve = solving.block(tree.Block((triple,), PLACE))
    bindings = {"subject": subject, "object": other}
    try:
        for found in islice(solve(Run(SCOPE), bindings), 10):
            assert isinstance(show(found.get("object", UNBOUND), "ru"), str)
    except ProgramError as error:
        assert error.place == PLACE  # noqa: PT017 - one that comes is right only if it says where
