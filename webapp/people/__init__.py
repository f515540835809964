"""Accounts, teams, sign-in and the company card."""
