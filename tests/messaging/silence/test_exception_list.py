"""The list of exceptions from silent mode: what is read, and who stands in it."""

from __future__ import annotations

import pytest

from webapp.messaging.silence.exception_list import ExceptionList, NoAddress, read_entries

pytestmark = pytest.mark.pure


def test_addresses_and_domains_are_read_one_a_line_and_kept_once() -> None:
    text = "  Anna@Example.COM \n\n@example.org\r\nexample.org\n*@example.org\nпочта.рф\nanna@example.com"
    assert read_entries(text) == [
        "Anna@example.com", "example.org", "xn--80a1acny.xn--p1ai", "anna@example.com",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["two words", "a@b@c", "a@", "@", "a@example.com, b@example.com", "*@", "*.example.com", "10.0.0.1", "-"],
)
def test_what_is_neither_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(NoAddress) as refused:
        read_entries(f"anna@example.com\n\n{line}")
    assert (refused.value.number, refused.value.text) == (3, line.strip())


@pytest.mark.parametrize(
    ("address", "is_there"),
    [
        ("anna@example.com", True),
        ("ANNA@example.com", True),
        ("anna+trial@example.com", False),
        ("bob@example.com", False),
        ("bob@example.org", True),
        ("bob@deep.below.example.org", True),
        ("bob@notexample.org", False),
        ("bob@example.org.evil.test", False),
        ("bob@intranet", True),
        ("bob@host.intranet", False),
        ("", False),
    ],
)
def test_a_domain_stands_for_all_below_it(address: str, *, is_there: bool) -> None:
    entries = read_entries("Anna@example.com\n@Example.org\nintranet")
    assert ExceptionList.of(entries).has(address) is is_there


def test_an_empty_list_has_nobody() -> None:
    assert not ExceptionList.of(read_entries(" \n ")).has("anna@example.com")
