"""The form of a team."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, Length

from webapp.people.accounts.forms.fields import one_line, readable
from webapp.people.accounts.models import Account, Team

NOBODY = "0"


class TeamForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """Name and leader; who belongs to the team is changed beside it."""

    name = StringField(
        _l("Name of the team"),
        validators=[DataRequired(_l("Write the name of the team.")), Length(max=120), readable],
        filters=[one_line],
        render_kw={"maxlength": 120},
    )
    leader = SelectField(
        _l("Leader"), description=_l("A member of the team. The leader hears of trouble first.")
    )

    def offer_leaders(self, members: list[Account]) -> None:
        """Let one of the members, or nobody, be chosen."""
        self.leader.choices = [
            SelectChoice(NOBODY, _l("Nobody")),
            *(SelectChoice(str(member.id), member.name) for member in members),
        ]

    def show(self, team: Team) -> None:
        """Fill the form with what the team is now."""
        self.name.data = team.name
        self.leader.data = str(team.leader_id or NOBODY)

    def chosen_leader(self, members: list[Account]) -> Account | None:
        """Return the member that was chosen, None for nobody."""
        return next((member for member in members if str(member.id) == self.leader.data), None)
