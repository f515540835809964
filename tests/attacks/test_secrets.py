"""Secrets stand where they are kept, sealed or hashed, and nowhere else: no page, mail, log, row or key."""

from __future__ import annotations

import logging

import pytest
from redis import Redis
from sqlalchemy import select

from tests.attacks.forms import pages
from tests.attacks.world import CANARY, World
from tests.support import people
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.people.accounts.models import Account

NOT_SERVED = (
    "/.env", "/config.py", "/instance/vestnik.db", "/.git/config", "/static/../instance/secret_key",
    "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%2fpyproject.toml", "/static//etc/passwd",
    "/static/%2fetc/passwd", "/static/..\\pyproject.toml", "/static/%00", "/logs/download?file=/etc/passwd",
    "/console", "/metrics", "/server-status", "/static/", "/.well-known/../.env",
)  # fmt: skip


def test_no_page_no_row_no_key_and_no_line_of_the_log_shows_a_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = secrets_of(world)
    connection = f"/settings/mail/outgoing/{world.parts['connection_id']}"
    carol = world.browser("carol").client
    carol.post(f"{connection}/check", data={"csrf_token": world.token("carol")})
    shown = [look(world, name, address) for name in ("carol", "bob") for address in pages(world)]
    places = {"pages": "".join(shown), "Redis": keys(world), "the log": caplog.text, "rows": rows()}
    for place, content in places.items():
        assert content, place
        assert not [name for name, secret in secrets.items() if secret in content], place


def look(world: World, name: str, address: str) -> str:
    """A page; but not that of a one-time link, whose own address is the secret."""
    page = world.browser(name).client.get(address).text
    return "" if world.parts["token"] in address else page


def secrets_of(world: World) -> dict[str, str]:
    """Everything that nobody may read, by what it is."""
    world.browser("bob")
    cookie = world.browser("carol").client.get_cookie(people.SESSION_COOKIE)
    assert cookie is not None
    return {
        "the mail server's password": CANARY,
        "a session's token": cookie.value,
        "a one-time link": world.parts["token"],
        "the program's key": world.app.config["SECRET_KEY"],
    }


def keys(world: World) -> str:
    """All that Redis holds, with what only pretends to be there while nothing is."""
    with Redis.from_url(world.redis.url) as client:
        names = list(client.scan_iter())
        return "Redis: " + " ".join(f"{name!r} {client.dump(name)!r}" for name in names)


def rows() -> str:
    """All rows of all tables."""
    found = [
        repr(tuple(row)) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))
    ]
    db.session.rollback()
    return "\n".join(found)


def test_a_password_that_was_typed_is_not_repeated(world: World) -> None:
    connection = f"/settings/mail/outgoing/{world.parts['connection_id']}/edit"
    typed = {"host": "", "name": "", "port": "x", "login": "desk", "has_sign_in": "y", "encryption": "none"}
    for address in (
        connection,
        "/settings/mail/outgoing/new",
        "/accounts/new",
        "/profile",
        "/profile/password",
    ):
        fields = dict.fromkeys(("password", "again", "present", "present_password"), CANARY)
        data = {**typed, **fields, "way": "set", "csrf_token": world.token("carol")}
        answer = world.browser("carol").client.post(address, data=data)
        assert answer.status_code == 422, address
        assert CANARY not in answer.text, address


def test_nothing_but_pages_and_files_for_browsers_is_served(visitor: PageClient, alice: Account) -> None:
    for path in NOT_SERVED:
        for environ in ({}, {"PATH_INFO": path.replace("%00", "\0")}):
            answer = visitor.client.get(path, environ_overrides=environ, follow_redirects=True)
            assert answer.status_code == 404, path
