"""Settings of the installation: what is wrong is named, the key is made once, nothing is shown."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from webapp.core import config

pytestmark = pytest.mark.pure


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
    [
        ("DEMO", "perhaps"),
        ("PORT", "http"),
        ("PORT", "99999"),
        ("PORT", "-1"),
        ("LEASE_SECONDS", "long"),
        ("LEASE_SECONDS", "nan"),
        ("RETRY_SCALE", "-1"),
        ("SECRET_KEYS", " , "),
        ("MAIL_PORTS", "1025,smtp"),
        ("MAIL_PORTS", "1-70000"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        config.from_environment({"VESTNIK_INSTANCE": str(tmp_path), name: value})


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    env = {"VESTNIK_INSTANCE": str(tmp_path)}
    with ThreadPoolExecutor(8) as pool:
        keys = {found.secret_keys for found in pool.map(lambda _n: config.from_environment(env), range(40))}
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_key_file_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ValueError, match="secret_key is empty"):
        config.from_environment({"VESTNIK_INSTANCE": str(tmp_path)})


def test_settings_can_be_printed_without_showing_a_password(tmp_path: Path) -> None:
    env = {
        "VESTNIK_INSTANCE": str(tmp_path),
        "DATABASE_URL": "postgresql+psycopg://vestnik:canary-1@db/vestnik",
        "REDIS_URL": "redis://:canary-2@redis/0",
        "SECRET_KEYS": "canary-3",
    }
    assert "canary" not in repr(config.from_environment(env))


def test_the_operator_adds_ports_for_mail_one_by_one_or_as_a_range(tmp_path: Path) -> None:
    env = {"VESTNIK_INSTANCE": str(tmp_path), "MAIL_PORTS": "1025, 2460-2462"}
    assert config.from_environment(env).mail_ports == config.MAIL_PORTS | {1025, 2460, 2461, 2462}
