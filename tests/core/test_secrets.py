"""Secrets, settings and log lines."""

from __future__ import annotations

import io
import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from webapp.core import config, logs, secret_box
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


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    env = {"VESTNIK_INSTANCE": str(tmp_path / "instance")}
    first = config.from_environment(env)
    second = config.from_environment(env)
    assert first.secret_keys == second.secret_keys
    assert len(first.secret_keys[0]) >= 43
    file = config.secret_key_file(first.instance)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.instance.stat().st_mode) == 0o700
    assert first.secret_keys[0] not in repr(first)


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEMO", "perhaps"), ("PORT", "http"), ("LEASE_SECONDS", "long"), ("RETRY_SCALE", "x")],
)
def test_a_setting_that_cannot_be_understood_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        config.from_environment({"VESTNIK_INSTANCE": str(tmp_path), name: value})


def test_a_log_line_cannot_be_forged() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine("%(levelname)s %(message)s"))
    logger = logging.getLogger("forged")
    logger.propagate = False
    logger.addHandler(handler)
    logger.warning("from %s", "x\r\nERROR admin: all is lost\x1b[2J\u2028more")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
