"""Whether a database is opened elsewhere than where it is at home."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from webapp.core.db import db
from webapp.messaging.silence import home
from webapp.people.company import settings as company


@pytest.mark.pure
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://desk.example.com", "desk.example.com"),
        ("http://DESK.example.com.:80/", "desk.example.com"),
        ("https://desk.example.com:443", "desk.example.com"),
        ("https://desk.example.com:8443/trial/", "desk.example.com:8443/trial"),
        ("https://служба.рф", "xn--80abot3an.xn--p1ai"),
        ("http://10.0.0.7:8000", "10.0.0.7:8000"),
        ("", None),
        ("http://127.0.0.1:8000", None),
        ("http://127.8.9.1", None),
        ("http://localhost:5000", None),
        ("http://desk.localhost", None),
        ("http://[::1]:8000", None),
        ("http://0.0.0.0:8000", None),
        ("http://desk.example.com:99999", None),
        ("nonsense", None),
    ],
)
def test_a_place_is_host_unusual_port_and_path(address: str, place: str | None) -> None:
    assert home.place_of(address) == place


REAL, TRIAL, LOCAL = "https://desk.example.com", "https://trial.example.com", "http://127.0.0.1:8001"


@pytest.mark.parametrize(
    ("kept", "card", "opened", "is_elsewhere"),
    [
        ("desk.example.com", None, REAL, False),
        ("desk.example.com", None, "http://desk.example.com", False),
        ("desk.example.com", None, TRIAL, True),
        ("desk.example.com", None, LOCAL, True),
        ("desk.example.com", None, "", True),
        ("desk.example.com", TRIAL, REAL, False),  # somebody changed the card: that is no copy
        ("desk.example.com", TRIAL, TRIAL, True),
        (None, REAL, REAL, False),
        (None, REAL, TRIAL, True),
        (None, REAL, "", False),  # nothing is known but the card, which came with the data
        (None, None, REAL, False),
        (None, None, LOCAL, False),
        (None, None, "", False),
    ],
)
def test_a_copy_is_known_by_the_address_of_its_environment(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    kept: str | None,
    card: str | None,
    opened: str,
    *,
    is_elsewhere: bool,
) -> None:
    settings = app.config["VESTNIK"]
    monkeypatch.setitem(app.config, "VESTNIK", replace(settings, base_url=opened))
    if card is not None:
        company.change(replace(company.get(), base_url=card), actor=None)
        db.session.commit()
    assert home.is_elsewhere(kept) is is_elsewhere
    monkeypatch.setitem(app.config, "VESTNIK", replace(settings, base_url=opened, is_demo=True))
    assert not home.is_elsewhere(kept), "a demo writes to nobody"
