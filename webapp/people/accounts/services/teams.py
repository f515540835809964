"""Making and changing teams."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.db import db
from webapp.people.accounts import queries
from webapp.people.accounts.models import Account, Team, sort_key_of


class TeamNameTaken(Exception):
    """Another team has this name."""


class LeaderNotMember(Exception):
    """Only a member can lead a team."""


def create_team(name: str, leader: Account | None = None, members: Iterable[Account] = ()) -> Team:
    """Make a team. Raises TeamNameTaken and LeaderNotMember."""
    if queries.get_team_by_name(name) is not None:
        raise TeamNameTaken
    team = Team(name=name, is_active=True)
    db.session.add(team)
    _set_people(team, leader, members)
    return team


def change_team(team: Team, name: str, leader: Account | None, members: Iterable[Account]) -> None:
    """Rename the team and set its people. Raises TeamNameTaken and LeaderNotMember."""
    if sort_key_of(name) != sort_key_of(team.name) and queries.get_team_by_name(name) is not None:
        raise TeamNameTaken
    team.name = name
    _set_people(team, leader, members)


def deactivate_team(team: Team) -> None:
    """Take the team out of every choice; records that it has keep it."""
    team.is_active = False
    db.session.flush()


def activate_team(team: Team) -> None:
    """Let the team be chosen again."""
    team.is_active = True
    db.session.flush()


def _set_people(team: Team, leader: Account | None, members: Iterable[Account]) -> None:
    people = list({member.id: member for member in members}.values())
    if leader is not None and leader.id not in {member.id for member in people}:
        raise LeaderNotMember
    team.members = people
    team.leader = leader
    db.session.flush()
