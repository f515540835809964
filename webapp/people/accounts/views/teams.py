"""Teams as technologists make and change them."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.people.accounts import queries, services
from webapp.people.accounts.forms import TeamForm
from webapp.people.accounts.forms.fields import ROLE_NAMES, refuse, text_of
from webapp.people.accounts.models import Account, Team
from webapp.people.accounts.rights import technologist_only
from webapp.people.accounts.views.blueprint import bp


@bp.get("/teams")
@technologist_only
def teams() -> ResponseReturnValue:
    """List the teams."""
    return render_template("people/accounts/teams.html", teams=queries.list_teams(is_active=None))


@bp.route("/teams/new", methods=["GET", "POST"])
@technologist_only
def new_team() -> ResponseReturnValue:
    """Make a team; its people are chosen on its page."""
    form = TeamForm()
    del form.leader  # only a member can lead, and there is none yet
    if request.method == "GET":
        return render_template("people/accounts/new_team.html", form=form)
    team = _create(form) if form.validate() else None
    if team is None:
        return render_template("people/accounts/new_team.html", form=form), 422
    db.session.commit()
    toast(_("The team is made. Now add its members."))
    return redirect(url_for("accounts.edit_team", team_id=team.id))


@bp.route("/teams/<int:team_id>", methods=["GET", "POST"])
@technologist_only
def edit_team(team_id: int) -> ResponseReturnValue:
    """Show and change a team."""
    team = _get_or_404(team_id)
    form = TeamForm()
    form.offer_leaders(team.members)
    if request.method == "GET":
        form.show(team)
        return _team_page(team, form)
    if form.validate() and _save(team, form):
        db.session.commit()
        toast(_("The team is saved."))
        return redirect(url_for("accounts.edit_team", team_id=team.id))
    return _team_page(team, form), 422


@bp.post("/teams/<int:team_id>/members")
@technologist_only
def add_member(team_id: int) -> ResponseReturnValue:
    """Add an active account to the team."""
    team = _get_or_404(team_id)
    account = _chosen_account()
    services.change_team(team, team.name, team.leader, [*team.members, account])
    db.session.commit()
    toast(_("%(name)s belongs to the team now.", name=account.name))
    return redirect(url_for("accounts.edit_team", team_id=team_id, _anchor="members"))


@bp.post("/teams/<int:team_id>/members/<int:account_id>/remove")
@technologist_only
def remove_member(team_id: int, account_id: int) -> ResponseReturnValue:
    """Take an account out of the team; a leader who goes leaves the place empty."""
    team = _get_or_404(team_id)
    staying = [member for member in team.members if member.id != account_id]
    leader = team.leader if team.leader in staying else None
    services.change_team(team, team.name, leader, staying)
    db.session.commit()
    toast(_("The member is removed from the team."))
    return redirect(url_for("accounts.edit_team", team_id=team_id, _anchor="members"))


@bp.post("/teams/<int:team_id>/deactivate")
@technologist_only
def deactivate_team(team_id: int) -> ResponseReturnValue:
    """Take the team out of every choice."""
    services.deactivate_team(_get_or_404(team_id))
    db.session.commit()
    toast(_("The team is deactivated."))
    return redirect(url_for("accounts.edit_team", team_id=team_id))


@bp.post("/teams/<int:team_id>/activate")
@technologist_only
def activate_team(team_id: int) -> ResponseReturnValue:
    """Let the team be chosen again."""
    services.activate_team(_get_or_404(team_id))
    db.session.commit()
    toast(_("The team is active again."))
    return redirect(url_for("accounts.edit_team", team_id=team_id))


def _get_or_404(team_id: int) -> Team:
    team = queries.get_team(team_id)
    if team is None:
        abort(404)
    return team


def _chosen_account() -> Account:
    number = request.form.get("account_id", "")
    account = queries.get_account(int(number)) if number.isdecimal() and len(number) < 18 else None
    if account is None or not account.is_active:
        abort(400)
    return account


def _create(form: TeamForm) -> Team | None:
    try:
        return services.create_team(text_of(form.name))
    except services.TeamNameTaken:
        refuse(form.name, _("Another team has this name."))
        return None


def _save(team: Team, form: TeamForm) -> bool:
    try:
        services.change_team(team, text_of(form.name), form.chosen_leader(team.members), team.members)
    except services.TeamNameTaken:
        refuse(form.name, _("Another team has this name."))
        return False
    return True


def _team_page(team: Team, form: TeamForm) -> str:
    text = request.args.get("q", "")[:200]
    members = {member.id for member in team.members}
    found = [account for account in queries.find_accounts(text) if account.id not in members]
    return render_template(
        "people/accounts/edit_team.html", team=team, form=form, text=text, found=found, roles=ROLE_NAMES
    )
