"""Secrets: sealed for their column, opened with any key that is still understood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from webapp.core import config, secret_box
from webapp.core.secret_box import SecretLost

pytestmark = pytest.mark.pure


def app_with(*keys: str) -> Flask:
    app = Flask("keys")
    app.config["VESTNIK"] = replace(config.Config(Path(), "sqlite://", "", ()), secret_keys=keys)
    return app


def test_a_sealed_secret_opens_and_does_not_show() -> None:
    with app_with("key one").app_context():
        sealed = secret_box.seal("Пароль 1")
        assert "Пароль" not in sealed
        assert secret_box.open_sealed(sealed) == "Пароль 1"


def test_an_old_key_still_opens_and_resealing_moves_to_the_new_one() -> None:
    with app_with("old").app_context():
        sealed = secret_box.seal("s3cret")
    with app_with("new", "old").app_context():
        assert secret_box.open_sealed(sealed) == "s3cret"
        moved = secret_box.reseal(sealed)
    with app_with("new").app_context():
        assert secret_box.open_sealed(moved) == "s3cret"
        with pytest.raises(SecretLost):
            secret_box.open_sealed(sealed)
