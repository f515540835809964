"""Pages of sign-in, profile, accounts and teams."""

from webapp.people.accounts.views import accounts, my_sessions, preferences, profile, sign_in, start, teams
from webapp.people.accounts.views.blueprint import bp

__all__ = ["accounts", "bp", "my_sessions", "preferences", "profile", "sign_in", "start", "teams"]
