"""Keys sort as the values do, by code points, which is how both databases compare them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.languages.values.sort_keys import folded, moment_key, number_key, text_key, whole_key, words

pytestmark = pytest.mark.pure

NUMBERS = some.decimals(min_value=-(10**17), max_value=10**17, places=9, allow_nan=False)
FIRST, LAST = datetime(1900, 1, 1), datetime(2999, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
MOMENTS = some.datetimes(min_value=FIRST, max_value=LAST, timezones=some.just(UTC))


@given(NUMBERS, NUMBERS)
def test_numbers_sort_by_size(left: Decimal, right: Decimal) -> None:
    assert (number_key(left) < number_key(right)) == (left < right)
    assert (number_key(left) == number_key(right)) == (left == right)


@given(MOMENTS, MOMENTS)
def test_moments_sort_by_time(left: datetime, right: datetime) -> None:
    assert (moment_key(left) < moment_key(right)) == (left < right)


@given(MOMENTS, some.integers(-12, 14))
def test_a_moment_has_one_key_in_every_zone(moment: datetime, hours: int) -> None:
    assert moment_key(moment.astimezone(timezone(timedelta(hours=hours)))) == moment_key(moment)


@given(some.integers(0, 2**63 - 1), some.integers(0, 2**63 - 1))
def test_ids_sort_by_size(left: int, right: int) -> None:
    assert (whole_key(left) < whole_key(right)) == (left < right)


@given(some.text(max_size=60))
def test_case_and_spaces_make_no_difference(text: str) -> None:
    assert text_key(f"  {text.upper()}\t") == text_key(text.upper())
    assert folded(folded(text)) == folded(text)
    assert all(word == folded(word) for word in words(text))


@given(some.text(alphabet="абвгдеёжзийя ", max_size=12), some.text(alphabet="абвгдеёжзийя ", max_size=12))
def test_russian_sorts_as_in_a_dictionary(left: str, right: str) -> None:
    def dictionary_order(text: str) -> tuple[str, str]:
        flat = " ".join(text.split())
        return flat.replace("ё", "е"), "".join("1" if each == "ё" else "0" for each in flat if each in "её")

    one, other = dictionary_order(left), dictionary_order(right)
    assert (text_key(left) < text_key(right)) == (one < other)


def test_yo_stands_with_ye_and_capitals_with_small_letters() -> None:
    names = ["Ёлка", "ель", "Яблоко", "арбуз", "ёж", "Еж", "ежа", "Жук"]
    assert sorted(names, key=text_key) == ["арбуз", "Еж", "ёж", "ежа", "Ёлка", "ель", "Жук", "Яблоко"]


def test_letters_written_in_two_ways_have_one_key() -> None:
    assert text_key("\u0438\u0306") == text_key("й")
    assert text_key("ﬁle") == text_key("file")
