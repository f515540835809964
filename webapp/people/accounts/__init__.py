"""Accounts, teams, roles, sign-in, sessions and preferences."""
