"""`vestnik run`: prepares the instance, starts the processes of the Procfile, and ends them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
from honcho.environ import parse_procfile

from webapp.core import embedded_redis
from webapp.core.config import PROJECT_ROOT, Config
from webapp.launcher import environment, fingerprint, welcome
from webapp.launcher.crew import Crew
from webapp.launcher.environment import CannotStart
from webapp.launcher.lock import only_one

LONGEST_START_S = 60.0
RELEASE = "release"


def run() -> int:
    """Run everything until Ctrl-C; return the exit code. Raises CannotStart."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, also while preparing
    config = environment.read_config()
    host = environment.listening_host(config)
    with only_one(config.instance):
        environment.require_free_port(host, config.port)
        commands = _commands(config)
        settings = _settings(config, host)
        _prepare_if_needed(config, settings)
        crew = Crew(settings, lambda: _welcome(config, settings[environment.WAIT_FOR_WEB]))
        for name, command in commands.items():
            crew.add(name, command)
        code = crew.run()
    return _say_how_it_ended(crew, code)


def _commands(config: Config) -> dict[str, str]:
    """Return the processes by name: Redis and the demo mailbox only when they are ours to run."""
    commands: dict[str, str] = {}
    if not os.environ.get("REDIS_URL"):
        _require_redis()
        commands["redis"] = "vestnik redis"
    if config.is_demo:
        commands["mailbox"] = "vestnik mailbox"
    procfile = (PROJECT_ROOT / "Procfile").read_text(encoding="utf-8")
    commands.update(parse_procfile(procfile).processes)
    commands.pop(RELEASE, None)
    return commands


def _require_redis() -> None:
    try:
        embedded_redis.find_binary()
    except embedded_redis.RedisMissing as error:
        raise CannotStart(str(error)) from None


def _settings(config: Config, host: str) -> dict[str, str]:
    """Return the environment of the processes: what we were given, plus what was decided here."""
    shown_host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    address = (
        f"http://[{shown_host}]:{config.port}" if ":" in shown_host else f"http://{shown_host}:{config.port}"
    )
    settings = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        "PYTHONUNBUFFERED": "1",
        "VESTNIK_INSTANCE": str(config.instance),
        "WEB_GRACEFUL_SECONDS": "2",  # open streams would otherwise hold the end until the launcher kills
        environment.WAIT_FOR_WEB: address,
    }
    if config.is_demo:
        from webapp.demo import mailbox  # noqa: PLC0415 - a real installation never loads demo code

        mailbox.move_if_port_is_taken(config.instance)
        settings.setdefault("MAIL_CA_FILE", str(mailbox.ca_file(config.instance)))
        settings.setdefault("BASE_URL", address)
    return settings


def _prepare_if_needed(config: Config, settings: Mapping[str, str]) -> None:
    if fingerprint.is_current(config):
        return
    click.echo("Preparing the database …")
    # PATH begins with our own folder of commands.
    if subprocess.run(["vestnik", "init"], env=dict(settings), check=False).returncode:  # noqa: S607
        raise CannotStart("the database could not be prepared; the reason is above")


def _welcome(config: Config, address: str) -> None:
    gives_up_at = time.monotonic() + LONGEST_START_S
    while time.monotonic() < gives_up_at:
        if environment.is_answering(address):
            click.echo(welcome.text(config, address))
            return
        time.sleep(0.05)


def _say_how_it_ended(crew: Crew, code: int) -> int:
    if crew.was_asked:
        click.echo("Vestnik has stopped.")
        return 0
    culprit = f"its process {crew.ended_first} ended by itself (its last lines are above)"
    click.echo(f"Vestnik has stopped, because {culprit}.", err=True)
    return code or 1
