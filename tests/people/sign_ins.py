"""Signing in as a person does: by the form, with a password."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask import Flask

from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.people.accounts import passwords
from webapp.people.accounts.models import Account

PASSWORD = "seven quiet herons"
OTHER_PASSWORD = "eight loud ravens"


def give_password(account: Account, password: str = PASSWORD) -> None:
    """Let the account have the password."""
    account.password_hash = passwords.hash_password(password)
    db.session.commit()


def open_browser(app: Flask) -> PageClient:
    """Open another browser in which nobody is signed in."""
    return PageClient(app, app.test_client())


def try_to_sign_in(browser: PageClient, email: str, password: str, *, status: int) -> BeautifulSoup:
    """Send the sign-in form."""
    return browser.post("/sign-in", {"email": email, "password": password}, status=status)
