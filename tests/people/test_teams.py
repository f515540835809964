"""Teams as technologists manage them: members, a leader among them, and their end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.people.accounts import queries, services
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]


def test_a_team_is_made_filled_and_led(sign_in: SignIn, carol: Account, alice: Account, bob: Account):
    browser = sign_in(carol)
    browser.submit("/teams/new", "main form", {"name": "Вторая линия"})
    team = db.session.scalars(select(Team)).one()
    address = f"/teams/{team.id}"
    browser.get(f"{address}?q=bob")
    assert "Bob Miller" in browser.text
    for account in (alice, bob, bob):
        browser.post(f"{address}/members", {"account_id": account.id})
    browser.submit(address, "form[data-warn-unsaved]", {"leader": str(bob.id)})
    db.session.expire_all()
    assert [member.name for member in team.members] == ["Alice Smirnova", "Bob Miller"]
    assert team.leader == bob
    assert queries.team_ids_of(bob.id) == [team.id]
    browser.post(f"{address}/members/{bob.id}/remove")
    db.session.expire_all()
    assert team.leader is None
    assert team.members == [alice]


def test_only_a_member_leads(sign_in: SignIn, carol: Account, alice: Account, first_line: Team):
    page = sign_in(carol).post(
        f"/teams/{first_line.id}", {"name": "First line", "leader": alice.id}, status=422
    )
    assert page.select_one("#leader-error")
    with pytest.raises(services.LeaderNotMember):
        services.change_team(first_line, first_line.name, alice, first_line.members)


def test_two_teams_do_not_share_a_name(sign_in: SignIn, carol: Account, first_line: Team):
    page = sign_in(carol).submit("/teams/new", "main form", {"name": "FIRST  line"}, status=422)
    assert page.select_one("#name-error")


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "-1"])
def test_a_member_who_is_not_there_is_refused(sign_in: SignIn, carol: Account, first_line: Team, number: str):
    sign_in(carol).post(f"/teams/{first_line.id}/members", {"account_id": number}, status=400)


def test_a_deactivated_person_cannot_be_added(
    sign_in: SignIn, carol: Account, alice: Account, first_line: Team
):
    alice.is_active = False
    db.session.commit()
    sign_in(carol).post(f"/teams/{first_line.id}/members", {"account_id": alice.id}, status=400)


def test_a_deactivated_team_is_out_of_the_choices(sign_in: SignIn, carol: Account, first_line: Team):
    browser = sign_in(carol)
    browser.post(f"/teams/{first_line.id}/deactivate")
    assert queries.list_teams() == []
    db.session.commit()
    browser.get(f"/teams/{first_line.id}")
    browser.post(f"/teams/{first_line.id}/activate")
    assert [team.name for team in queries.list_teams()] == ["First line"]


def test_a_missing_name_is_complained_of_in_whole_words(sign_in: SignIn, carol: Account):
    carol.language = "en"
    page = sign_in(carol).submit("/teams/new", "main form", {"name": ""}, status=422)
    assert page.select_one(".field-error").text.strip() == "Write the name of the team."
