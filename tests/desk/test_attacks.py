"""What the desk's forms refuse, clean and show; the hostile texts themselves are in tests/attacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.desk.records.plain_text import as_html
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


@pytest.mark.parametrize("length", [256, 200_000])
def test_a_title_that_is_too_long_is_refused_with_its_limit_and_stays_typed(
    length: int, alice, sign_in
) -> None:
    browser = sign_in(alice)
    page = browser.post(
        "/records/ticket/new", {"title": "A" * length, "type": "incident", "priority": "3"}, status=422
    )
    assert "255" in page.select_one("#field-title-error").text
    assert page.select_one("#field-title")["value"] == "A" * length


def test_text_that_never_was_text_is_refused_or_cleaned(alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    form = {"type": "incident", "priority": "3"}
    browser.post("/records/ticket/new", {**form, "title": "Printer\r\nBcc: evil@e.test\0\x0bx"})
    assert browser.follow().select_one("h1").text.strip() == "Printer Bcc: evil@e.test x"
    browser.post("/records/ticket/new", {**form, "title": "\u202egnp.exe \u2066hidden\u2069"})
    assert browser.follow().select_one("h1").text.strip() == "gnp.exe hidden"
    for empty in ("", "   ", "\0", "\u202e\u2066", "\n\n"):
        page = browser.post("/records/ticket/new", {**form, "title": empty}, status=422)
        assert page.select_one("#field-title-error")


def test_choices_that_are_none_are_refused_beside_their_fields(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    hostile = ("' OR 1=1 --", "1; DROP TABLE message", str(2**63), "-1", "٣", "😀", "x" * 5000)
    for text in hostile:
        names = (
            "type",
            "priority",
            "assignee",
            "team",
            "customer",
            "service",
            "assets",
            "requester",
            "requester_address",
        )
        page = browser.post("/records/ticket/new", {"title": "x", **dict.fromkeys(names, text)}, status=422)
        for name in names:
            assert page.select_one(f"#field-{name.replace('_', '-')}-error"), (text, name)


def test_dates_and_numbers_that_are_none_are_refused(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    for text in ("9999-12-31", "0000-00-00", "-1", "1e9", "2026-02-30", "+14:00"):
        page = browser.post(
            "/records/asset/new", {"title": "x", "bought_on": text, "is_in_use": "yes"}, status=422
        )
        assert page.select_one("#field-bought-on-error")
        assert page.select_one("#field-bought-on")["value"] == text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
        ('https://evil.test"onmouseover=alert(1)//', ["https://evil.test"]),
        ("javascript:alert(1)", []),
        ("<https://example.org>", ["https://example.org"]),
        ("(https://example.org/x), and http://b.example!", ["https://example.org/x", "http://b.example"]),
        ("https://", []),
        ("HTTPS://EXAMPLE.ORG", []),
    ],
)
@pytest.mark.pure
def test_only_what_surely_is_an_address_becomes_a_link(text: str, links: list[str]) -> None:
    page = BeautifulSoup(f"<p>{as_html(text)}</p>", "html.parser")
    assert [link["href"] for link in page.select("a")] == links
    assert all(set(link.attrs) == {"href", "rel", "target"} for link in page.select("a"))
    assert page.get_text() == text


def test_a_record_full_of_addresses_is_shown_soon(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, description="https://a.example/" * 1000 + "!" * 1000)
    make_record("service", bob, title="s")
    assert sign_in(bob).get(f"/records/{ticket.id}")
