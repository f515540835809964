"""Every hostile text of the corpus goes through every text field of the desk's forms, in one request each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.desk.records.plain_text import as_html
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
HERE = Path(__file__).resolve().parent


def literals() -> list[tuple[str, str]]:
    """The texts of the corpus that can be typed, by their names."""
    rows = json.loads((HERE / "hostile_texts.json").read_text(encoding="utf-8"))
    return sorted(rows.items())


def live_parts(page: BeautifulSoup) -> list[str]:
    """What in the page could do something and is not the program's own."""
    main = page.select_one("main")
    strange = [
        tag.name for tag in main.find_all(["script", "img", "iframe", "meta", "style", "object", "noscript"])
    ]
    for tag in main.find_all(True):
        strange += [
            f"{tag.name} {name}"
            for name in tag.attrs
            if name.startswith("on") or name in {"style", "sse-connect"}
        ]
        address = str(tag.get("href") or tag.get("action") or tag.get("hx-get") or tag.get("hx-post") or "/")
        if not address.startswith(("/", "#", "http://", "https://")) or address.startswith("//"):
            strange.append(address)
    return strange


def test_no_text_of_the_corpus_does_anything(alice: Account, bob: Account, sign_in: SignIn) -> None:
    card = f"/records/{make_ticket(alice).id}"
    browser = sign_in(bob)
    token = {"csrf_token": browser.csrf_token()}
    for name, text in literals():
        form = {"title": f"{name} {text[:200]}", "description": text, "type": "incident", "priority": "3"}
        made = browser.client.post("/records/ticket/new", data={**form, **token})
        assert made.status_code == 303, name
        comment = {"body": f"{name} {text}", "audience": "public"}
        said = browser.client.post(f"{card}/comments", data={**comment, **token})
        assert said.status_code == 303, name
    last = made.headers["Location"]
    for page in (
        "/records/ticket",
        card,
        f"{card}/history",
        last,
        f"{last}/history",
        f"{last}/edit",
        "/search?q=x",
    ):
        browser.get(page)
        assert not live_parts(browser.page), page


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
