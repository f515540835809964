"""What signs and functions do with values of every type, and with empty ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.languages.store import Ref

Value = Callable[[str], Any]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", Decimal("6.5")),
        ("-(2 + 3)", Decimal(-5)),
        ("0.1 + 0.2 == 0.3", True),
        ("1.0 == 1", True),
        ('"1" == 1', False),
        ('"б" > "а"', True),
        ('"1" > 0', False),
        ("null == null", True),
        ("null > 1", False),
        ("1 + null", None),
        ("1 / 0", None),
        ('"a" + 1.50 + "b"', "a1,5b"),
        ("!true || true && false", False),
        ("true || 1 / 0 > 2", True),
        ("$Amount && true", False),
        ("DURATION('PT1H') * 2 == DURATION('PT2H')", True),
        ("DURATION('P1D') / 4", timedelta(hours=6)),
        ("DATE('2026-03-01') - DATE('2026-02-01')", timedelta(days=28)),
        ("DATE('2026-01-31') + DURATION('P1D') == DATE('2026-02-01')", True),
        ("LIST(1) == 1", True),
        ("IF(null, 1, 2)", Decimal(2)),
        ("VALUE('', 'x')", "x"),
        ("VALUE(null)", None),
        ("COUNT(LIST(1, null, LIST(2, 3)))", Decimal(3)),
        ("FORMAT('{0}-{1}-{2}', LIST(1, null, 2))", "1--2"),
        ("FORMAT('{{0}} {0}', LIST(7))", "{0} 7"),
        ("SUM(LIST())", Decimal(0)),
        ("MAX(LIST())", None),
        ("FIRST($empty)", None),
        ("SUBSTRING('абв', 5)", ""),
        ("COUNT(DISTINCT(LIST(1, true, '1', 1.0, 'true')))", Decimal(4)),
        ("COUNT(UNION(LIST(1, 0), LIST(true, false, 1)))", Decimal(4)),
        ("FIRST(DISTINCT(LIST(true, 1)))", True),
        ("REGEXREPLACE('a1b2', '[0-9]', '<$0>$$')", "a<1>$b<2>$"),
        ("DECIMAL('1,5') + 1", Decimal("2.5")),
        (f"DECIMAL('{'9' * 28},9')", Decimal(10**28)),
        ("DECIMAL('12,1234567890123456789012345678')", Decimal("12.12345678901234567890123457")),
        (f"'' + DECIMAL('{'9' * 28},9')", "1" + "0" * 28),
        ("PARSEDATE('а\u1c80густа', 'MMMM')", None),
        ("PARSEDATE('АВГУСТА 2026', 'MMMM yyyy') == CREATEDATE(2026, 8, 1)", True),
        ("USER() == ID('account.1')", True),
        ("ISWORKDAY(DATE('2026-11-21'))", False),
        ("ADDMONTHS(DATE('2026-01-31'), 1) == DATE('2026-02-28')", True),
    ],
)  # fmt: skip
def test_a_formula_has_this_value(value: Value, text: str, expected: object) -> None:
    found = value(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("1 + SUM($priority)", (1, 5), "Numbers or durations are needed, and this is a text"),
        ("ADDDAYS($priority, 1)", (1, 1), "ADDDAYS cannot take this as dateTime: it is a text"),
        ("ADDDAYS('x', 1)", (1, 9), "ADDDAYS cannot take this here: it is a text"),
        ("ADDAYS(NOW(), 1)", (1, 1), "no function ADDAYS. Is ADDDAYS meant?"),
        ("ЧТОТО(1)", (1, 1), "There is no function ЧТОТО."),
        ("ADDDAYS(NOW())", (1, 1), "is written ADDDAYS(dateTime, numberOfDays)"),
        ("SUBSTRING('x')", (1, 1), "SUBSTRING(sourceString, startIndex, [numberOfChars])"),
        ("LENGTH(LIST('a', 'b'))", (1, 1), "it is a list"),
        ("LENGTH([(from i in db->music select i), i, true])", (1, 15), "only inside ANY"),
        ("NOW() + 1", (1, 1), "“+” does not go between these: a date and time and a number"),
        ("priority == 1", (1, 1), "An attribute is written $priority"),
        ("nan", (1, 1), "An attribute is written $nan"),
        ("'a'->b", (1, 4), "Only a record has attributes, and this is a text"),
        ("$priority->b", (1, 10), "Only a record has attributes, and this is a text"),
        ("$Prioritet", (1, 1), "There is no attribute “Prioritet”"),
        ("$Poluchatel->mbx", (1, 12), "Is “mbox” meant?"),
        ("$$mial", (1, 1), "There is no variable “mial”. Is “mail” meant?"),
        ("1 + $$far", (1, 5), "outside the years"),
        ("1 + $Far", (1, 5), "outside the years"),
        ("OBJECT('', 'musik', 'song', 'x')", (1, 1), "There is no template “musik”. Is “music” meant?"),
        ("OBJECT('', 'music', 'sung', 'x')", (1, 1), "There is no attribute “sung”. Is “song” meant?"),
        ("$<-musik:song", (1, 2), "There is no template “musik”. Is “music” meant?"),
        ("COUNT(db->musik)", (1, 9), "There is no template “musik”. Is “music” meant?"),
        ("IF('yes', 1, 2)", (1, 4), "IF cannot take this here: it is a text"),
        ("$Amount == 1 || $priority", (1, 17), "A condition must be true or false"),
        ("MATCHES('x', '(')", (1, 1), "The regular expression cannot be used"),
        ("FORMAT('{1}', LIST(1))", (1, 1), "{1}, and there is no such value"),
        ("FORMAT('{0', LIST(1))", (1, 1), "A single “{” stands"),
        ("FORMAT('{0:QQ}', LIST(1))", (1, 1), "The format “QQ” is not known"),
        ("DAY(NOW(), 'Mars/Olympus')", (1, 1), "no time zone “Mars/Olympus”"),
        ("DAY(NOW(), '../../etc/passwd')", (1, 1), "no time zone"),
        ("CREATEDATE(9999, 12, 31) + DURATION('P2D')", (1, 1), "outside the years"),
        ("ADDDAYS(NOW(), 99999999999)", (1, 1), "outside the years"),
        ("STARTOFWEEK(CREATEDATE(1, 1, 1)) - DURATION('P400000D')", (1, 1), "outside the years"),
        ("POW(10, 999)", (1, 1), "larger than any number"),
        ("WORKHOURS(NOW(), 1, DURATION('PT20H'), DURATION('PT8H'))", (1, 1), "within one day"),
        ("WORKDAYS(NOW(), 1, LIST('a'))", (1, 1), "must be dates, and this is a text"),
        ("WORKDAYSDURATION(NOW(), NOW(), LIST(1))", (1, 1), "must be dates, and this is a number"),
        ("MAX(1, 'a')", (1, 1), "Only values of one type"),
        ("PARSEDATE('" + "1" * 60 + "x', 'dMyHhmsdMyHhmsdMyHhms')", (1, 1), "is not known"),
        ("FORMAT('{0:F28}', LIST(12345678))", (1, 1), "cannot be used so"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    value: Value, text: str, place: tuple[int, int], words: str
) -> None:
    with pytest.raises(FormulaError) as refused:
        value(text)
    assert words in str(refused.value)
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("number", "shown"), [("9" * 28 + ".9", "1" + "0" * 28), ("0." + "1" * 40, "0.1111")]
)
def test_a_number_of_any_length_is_shown(number: str, shown: str) -> None:
    assert show(Decimal(number), "en").startswith(shown)


def test_only_what_is_needed_is_evaluated(value: Value) -> None:
    assert value("IF(true, 1, $nosuch)") == 1
    assert value("OR(true, $nosuch)") is True
    assert value("VALUE(1, $nosuch)") == 1


def test_without_a_record_attributes_are_empty(value: Value, world: Any) -> None:
    from tests.languages.formulas.conftest import scope_of

    scope = scope_of(world, None, None)
    assert compile_formula("$a->b").evaluate(scope) is None
    assert compile_formula("EMPTY($) && EMPTY(USER())").evaluate(scope) is True


@pytest.mark.parametrize(
    ("text", "expected"), [("ID('136')", Ref("record", 136)), ("ID('Resolved')", "Resolved")]
)
def test_an_id_is_a_record_or_stays_a_text(value: Value, text: str, expected: object) -> None:
    assert value(text) == expected
