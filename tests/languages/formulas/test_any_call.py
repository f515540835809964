"""Whatever a function is given, it has a value or says what is wrong; nothing else ever comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.languages.formulas.conftest import World, scope_of
from webapp.languages.formulas.catalogue import functions
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.languages.store import Ref

WORLD = World()
TEXTS = [
    "", "a", "ru", "Europe/Moscow", "UTC", "{0}", "{0:N2}", "{0:F28}", "#,##0.00", "0,0,0%",
    "dd.MM.yyyy", "dMyHms", "2026-11-22", "22.11.2026", "11", "P1D", "(", "a|b", "$1", "\ud800", "İ" * 5,
]  # fmt: skip
MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 22, 12, tzinfo=UTC),
    datetime(9999, 12, 31, 23, tzinfo=UTC),
]
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.sampled_from(TEXTS), st.sampled_from(MOMENTS),
        st.decimals(-(10**27), 10**27, places=3, allow_nan=False),
        st.sampled_from([Decimal(0), Decimal(1), Decimal(-1), Decimal(10) ** 27]),
        st.timedeltas(timedelta(days=-999_999), timedelta(days=999_999)),
        st.just(Ref("record", 10)),
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(functions()))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_call_with_any_values(name: str, data: st.DataObject) -> None:
    function = functions()[name]
    count = data.draw(st.integers(function.fewest, min(function.most or 4, 7)))
    given_values: list[Any] = [data.draw(values) for _ in range(count)]
    WORLD.variables = {f"v{number}": value for number, value in enumerate(given_values)}
    call = f"{name}({', '.join(f'$${each}' for each in WORLD.variables)})"
    try:
        found = compile_formula(call).evaluate(scope_of(WORLD, WORLD.ticket, WORLD.carol))
    except FormulaError as error:
        assert error.place is not None  # noqa: PT017 - one that comes is right only if it says where
    else:
        assert isinstance(show(found, "ru"), str)
