"""Each kind reads what people type, says what is wrong, stores and shows its values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.languages.values import KINDS, BadOption, BadValue, Reader, Typed

pytestmark = pytest.mark.pure

NAMES = {("account", 7): "Alice", ("record", 3): "Printer", ("team", 1): "First line"}
READER = Reader("ru", ZoneInfo("Europe/Moscow"), lambda kind, thing: NAMES.get((kind, thing)))
CHOICES = {
    "choices": [
        {"name": "low", "names": {"en": "Low", "ru": "Низкий"}},
        {"name": "high", "names": {"en": "High", "ru": "Высокий"}, "tone": "danger"},
    ]
}
OPTIONS: dict[str, Any] = {"choice": CHOICES, "record": {"template": "asset"}}


def typed(kind: str, *, is_many: bool = False, **options: Any) -> Typed:
    return Typed(KINDS[kind], is_many, OPTIONS.get(kind, {}) | options)


GOOD = [
    ("text", "  Принтер   горит\n", "Принтер горит"),
    ("text", "a\u202eb\u200b", "ab"),
    ("long_text", "one  \r\n\r\ntwo\r", "one\n\ntwo"),
    ("number", "1 234,50", Decimal("1234.5")),
    ("number", "−3", Decimal(-3)),
    ("number", "-0", Decimal(0)),
    ("boolean", "yes", True),
    ("boolean", "no", False),
    ("date", "21.11.2026", date(2026, 11, 21)),
    ("date", "2026-02-28", date(2026, 2, 28)),
    ("datetime", "2026-11-21T12:30", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
    ("choice", "high", "high"),
    ("account", "7", 7),
    ("team", "1", 1),
    ("record", "3", 3),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_what_is_typed_becomes_a_value_and_back(kind: str, text: str, value: Any) -> None:
    one = typed(kind)
    assert one.parse([text], READER) == value
    assert one.parse(one.write(value, READER), READER) == value
    assert one.from_json(one.to_json(value)) == value
    assert one.show(value, READER)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_typed_is_no_value_and_sorts_first(kind: str) -> None:
    one = typed(kind)
    assert one.parse(["   "], READER) is None
    assert one.parse([], READER) is None
    assert (one.show(None, READER), one.write(None, READER), one.to_json(None)) == ("", [], None)
    assert one.sort_key(None) == ""


BAD = [
    ("text", "x" * 256),
    ("text", "half \ud800 pair"),
    ("long_text", "x" * 20_001),
    ("number", "nan"),
    ("number", "inf"),
    ("number", "1e999"),
    ("number", "9" * 5000),
    ("number", "1" + "0" * 18),
    ("number", "0.0000000001"),
    ("number", "٣"),
    ("boolean", "maybe"),
    ("date", "2026-02-30"),
    ("date", "0000-00-00"),
    ("date", "9999-12-31"),
    ("date", "1e9"),
    ("datetime", "+14:00"),
    ("datetime", "2026-11-21T25:00"),
    ("choice", "medium"),
    ("account", "8"),
    ("account", "-1"),
    ("record", str(2**63)),
    ("record", "1; DROP TABLE message"),
    ("team", "٣"),
]


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_what_is_no_value_is_refused_with_a_sentence(kind: str, text: str) -> None:
    with pytest.raises(BadValue) as refusal:
        typed(kind).parse([text], READER)
    assert refusal.value.message % refusal.value.facts


@pytest.mark.parametrize("kind", KINDS)
@given(text=some.text(max_size=80))
def test_any_text_is_a_value_or_is_refused(kind: str, text: str) -> None:
    one = typed(kind)
    try:
        value = one.parse([text], READER)
    except BadValue:
        return
    assert one.parse(one.write(value, READER), READER) == value
    assert one.from_json(one.to_json(value)) == value
    one.sort_key(value).encode()


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("alice@example.org", True),
        ("a@bücher.example.org", True),
        ("b@x.example\r\nRCPT TO:<evil@e.example>", False),
        ("a@x.example, evil@e.example", False),
        ("Team: a@x.example, evil@e.example;", False),
        ("a@good.example (b@evil.example)", False),
        ("a@" + "b." * 130 + "example", False),
        ("(" * 5000 + "a@x.example", False),
        ("Alice <alice@example.org>", False),
    ],
)
def test_an_address_is_one_address(address, is_good) -> None:
    one = typed("text", format="email")
    if is_good:
        assert one.parse([address], READER)
    else:
        with pytest.raises(BadValue):
            one.parse([address], READER)


def test_line_breaks_of_every_alphabet_become_one_space_in_a_line() -> None:
    assert (
        typed("text").parse(["Printer\r\nBcc: evil\x0bx\x0cy\x1cz\u2028w"], READER)
        == "Printer Bcc: evil x y z w"
    )


def test_many_values_keep_their_order_without_repeats() -> None:
    many = typed("choice", is_many=True)
    assert many.parse(["high", "low", "high", ""], READER) == ["high", "low"]
    assert many.show(["high", "low"], READER) == "Высокий, Низкий"
    assert many.parse([""], READER) is None
    assert many.to_json([]) is None


def test_people_read_values_in_their_language_and_zone() -> None:
    assert typed("number").show(Decimal("1234.5"), READER) == "1\N{NO-BREAK SPACE}234,5"
    assert typed("boolean").show(value=True, reader=READER) == "Да"
    assert typed("choice").show("high", READER) == "Высокий"
    assert typed("choice").show("gone", READER) == "gone"
    assert typed("date").show(date(2026, 11, 21), READER) == "21 ноября 2026"
    assert typed("datetime").show(datetime(2026, 11, 21, 9, 30, tzinfo=UTC), READER).endswith("12:30")
    assert typed("account").show(7, READER) == "Alice"
    assert typed("account").show(8, READER) == "№ 8"


def test_values_compare_by_their_kind_and_not_by_their_text() -> None:
    assert typed("number").compare(Decimal(9), Decimal(10)) == -1
    assert typed("choice").compare("high", "low") == 1
    assert typed("text").compare("Ёж", "ёж") == 0
    assert typed("boolean").compare(left=None, right=False) == -1


def test_bounds_of_a_number_are_kept() -> None:
    one = typed("number", minimum=0, maximum=10, decimals=1)
    assert one.parse(["9.5"], READER) == Decimal("9.5")
    for text in ("-1", "10.1", "1.25"):
        with pytest.raises(BadValue):
            one.parse([text], READER)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("text", {"max_length": 0}),
        ("text", {"max_lenght": 5}),
        ("text", {"format": "phone"}),
        ("number", {"decimals": 20}),
        ("number", {"minimum": "few"}),
        ("choice", {"choices": []}),
        ("choice", {"choices": [{"name": "Low", "names": {"en": "Low", "ru": "Низкий"}}]}),
        ("choice", {"choices": [{"name": "low", "names": {"en": "Low"}}]}),
        ("choice", {"choices": [{"name": "low", "names": {"en": "Low", "ru": "Низкий"}, "tone": "pink"}]}),
        ("record", {}),
        ("account", {"among": "friends"}),
    ],
)
def test_settings_that_a_kind_cannot_use_are_refused(kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(BadOption):
        KINDS[kind].check_options(options)
