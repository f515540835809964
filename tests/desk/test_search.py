"""Search: beginnings of words in any case and spelling, numbers however they are written, odd questions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records import services
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


def test_odd_addresses_of_lists_never_break(alice: Account, bob: Account, sign_in: SignIn) -> None:
    make_ticket(alice)
    browser = sign_in(bob)
    for query in (
        "cursor=x",
        "cursor=" + "A" * 5000,
        "q=%00",
        "q=" + "x" * 10_000,
        "q=%25%25%25%25",
        "q=%22*+OR+NEAR(",
        "q='+OR+1=1+--",
        "q=a:b+%26+!c",
        "q=%ED%A0%80",
        "q=😀",
        "page=99999999&per_page=1000000",
        "q=x&q=y",
        "status=all&status=new",
    ):
        browser.get(f"/records/ticket?{query}")
        browser.get(f"/search?{query}")


def test_search_finds_beginnings_of_words_in_any_case_and_spelling(
    alice: Account, bob: Account, sign_in
) -> None:
    ticket = make_ticket(alice, "Ёлочная гирлянда", description="Не горит в КОРИДОРЕ, see report-2026")
    make_record("asset", bob, title="Printer 7")
    browser = sign_in(bob)
    for q in (
        "елоч",
        "ЁЛОЧНАЯ",
        "гирл корид",
        "report",
        "2026",
        f"№ {ticket.id}",
        f"#{ticket.id}",
        str(ticket.id),
    ):
        assert "Ёлочная гирлянда" in browser.get(f"/search?q={q.replace('#', '%23')}").get_text(), q
    for q in ("лочная", "елоч xyz", "..."):
        assert "Ёлочная гирлянда" not in browser.get(f"/search?q={q}").get_text(), q
    assert "Printer 7" in browser.get("/search?q=printer").get_text()
    services.change_attributes(
        ticket, {"title": "Lamp"}, actor=bob, version=1, shown={"title": "Ёлочная гирлянда"}
    )
    db.session.commit()
    assert "Lamp" not in browser.get("/search?q=елоч").select_one("main").get_text()


@pytest.mark.parametrize("sign", ["", "%23", "№", "№ ", "# "])
def test_both_searches_find_a_number_however_it_is_written(
    sign: str, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    make_ticket(alice, "Another")
    ticket = make_ticket(alice, "The lamp flickers")
    browser = sign_in(bob)
    for address in ("/records/ticket?q=", "/search?q="):
        text = browser.get(f"{address}{sign.replace('#', '%23')}{ticket.id}").select_one("main").get_text()
        assert "The lamp flickers" in text, address
        assert "Another" not in text, address


def test_everybody_finds_services(alice: Account, bob: Account, sign_in: SignIn) -> None:
    make_record("service", bob, title="Printing")
    assert "Printing" in sign_in(alice).get("/search?q=print").get_text()
