"""The blueprint of people's own pages, and what the application needs to know who is asking."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l

from webapp.core import menu
from webapp.core.extensions import login_manager
from webapp.mail.address import readable_address
from webapp.people.accounts import rights
from webapp.people.accounts.rights import is_technologist
from webapp.people.accounts.views import browser

bp = Blueprint("accounts", __name__)


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Let the application know accounts by their sessions and judge every request."""
    login_manager.login_view = "accounts.sign_in"
    login_manager.request_loader(browser.load_account)
    rights.init_app(cast("Flask", state.app))


bp.add_app_template_filter(readable_address)
menu.add("administration", _l("Accounts"), "accounts.index", icon="users", order=60, who=is_technologist)
menu.add("administration", _l("Teams"), "accounts.teams", icon="team", order=70, who=is_technologist)
menu.add("me", _l("Profile"), "accounts.profile", icon="user", order=10)
menu.add("me", _l("My sessions"), "accounts.sessions", icon="shield", order=20)
