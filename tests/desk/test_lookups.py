"""Where too much can be chosen for a list, one types a part of the name and is offered the rest."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from tests.support.people import make_team
from webapp.core.db import db
from webapp.desk.records import link_options
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]
FORM = {"title": "x", "type": "incident", "priority": "3"}


def test_many_things_are_found_by_typing_and_kept(alice, bob, sign_in: SignIn, monkeypatch) -> None:
    monkeypatch.setattr(link_options, "FEW", 1)
    _printing, scanning, _mail = (
        make_record("service", bob, title=title).id for title in ("Печать", "Сканирование; копии", "Почта")
    )
    assets = [make_record("asset", bob, title=f"Laptop {number}", holder=alice.id).id for number in range(3)]
    browser = sign_in(bob)
    page = browser.get("/records/ticket/new")
    assert page.select_one("input[name=service][list=field-service-options][hx-get]")
    offered = browser.get("/records/ticket/options/service?service=скан", check=False)
    assert [each["value"] for each in offered.select("option")] == [f"#{scanning} Сканирование, копии"]
    people = browser.get("/records/ticket/options/requester?requester=alice", check=False)
    assert [each["value"] for each in people.select("option")] == ["Alice Smirnova <alice@example.com>"]
    chosen = {
        "service": f"№ {scanning} Сканирование; копии",
        "requester": "Alice Smirnova <alice@example.com>",
        "assets": f"№ {assets[0]} Laptop 0; {assets[2]}",
    }
    browser.post("/records/ticket/new", {**FORM, **chosen})
    ticket = db.session.scalar(select(Record).order_by(Record.id.desc()).limit(1))
    expected = (scanning, alice.id, [assets[0], assets[2]])
    assert (ticket["service"], ticket["requester"], ticket["assets"]) == expected
    browser.submit(f"/records/{ticket.id}/edit", "form[action$='/edit']", {"title": "y"})
    db.session.expire_all()
    assert (ticket["service"], ticket["requester"], ticket["assets"]) == expected
    assert ticket.version == 2


def test_words_that_name_nothing_stay_typed(alice, bob, sign_in: SignIn, monkeypatch) -> None:
    monkeypatch.setattr(link_options, "FEW", -1)
    customer = make_record("customer", bob, title="Acme").id
    browser = sign_in(bob)
    for words in ("nobody", f"№ {customer} Acme", "№ 999", "9" * 19, "<script>"):
        page = browser.post("/records/ticket/new", {**FORM, "service": words}, status=422)
        assert page.select_one("#field-service-error"), words
        assert page.select_one("#field-service")["value"] == words


def test_each_offer_can_be_chosen(
    alice: Account, bob: Account, carol: Account, first_line: Team, sign_in: SignIn, monkeypatch
) -> None:
    make_team("Вторая линия", leader=carol)
    service = make_record("service", bob, title="Printing")
    monkeypatch.setattr(link_options, "FEW", 0)
    browser = sign_in(bob)
    chosen = {}
    for name, typed in (("assignee", "CAROL"), ("team", "линия"), ("requester", "alice"), ("service", "pri")):
        offered = browser.get(f"/records/ticket/options/{name}?{name}={typed}", check=False).select("option")
        assert len(offered) == 1, (name, offered)
        chosen[name] = offered[0]["value"]
    browser.post("/records/ticket/new", {**FORM, **chosen})
    ticket = db.session.scalar(select(Record).where(Record.title == "x"))
    assert (ticket["assignee"], ticket["requester"]) == (carol.id, alice.id)
    assert (ticket.team.name, ticket["service"]) == ("Вторая линия", service.id)
    assert not browser.get("/records/ticket/options/team?team=zzz", check=False).select("option")


def test_somebody_who_left_stays_where_they_stood_and_cannot_be_chosen_anew(
    alice: Account, bob: Account, mallory: Account, sign_in: SignIn, monkeypatch
) -> None:
    monkeypatch.setattr(link_options, "FEW", 0)
    ticket = make_ticket(mallory)
    mallory.is_active = False
    db.session.commit()
    browser = sign_in(bob)
    browser.submit(f"/records/{ticket.id}/edit", "form[action$='/edit']", {"title": "y"})
    db.session.expire_all()
    assert (ticket["title"], ticket["requester"]) == ("y", mallory.id)
    browser.post("/records/ticket/new", {**FORM, "requester": mallory.email}, status=422)


def test_nobody_is_offered_what_is_not_theirs_to_choose(alice, bob, mallory, sign_in: SignIn) -> None:
    make_record("asset", bob, title="Laptop of Alice", holder=alice.id)
    browser = sign_in(mallory)
    assert not browser.get("/records/ticket/options/assets?assets=laptop", check=False).select("option")
    for path in (
        "ticket/options/requester",
        "ticket/options/title",
        "ticket/options/x",
        "customer/options/x",
    ):
        browser.get(f"/records/{path}?q=a", status=404)
