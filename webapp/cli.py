"""The `vestnik` command. Every subcommand imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from webapp.launcher import environment


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def vestnik() -> None:
    """Vestnik tells people what happened to the things they care for."""


@vestnik.command()
def init() -> None:
    """Make or migrate the database and everything that has to be in it (also the release step)."""
    _call("webapp.launcher.preparation", "prepare")


@vestnik.command()
def run() -> None:
    """Start everything on this machine and stop it again with Ctrl-C."""
    sys.exit(_call("webapp.launcher.run", "run"))


@vestnik.command()
def demo() -> None:
    """Do the main job once, without a browser, and print what happened."""
    sys.exit(_call("webapp.launcher.main_job", "demonstrate"))


@vestnik.command()
def web() -> None:
    """Serve the pages."""
    _call("webapp.launcher.web", "serve")


@vestnik.command()
@click.option("-q", "--queues", default="events", show_default=True, help="Queues, most urgent first.")
def worker(queues: str) -> None:
    """Carry out background jobs."""
    environment.wait_for_web()
    _call("jobs.worker", "main", tuple(queues.split(",")))


@vestnik.command()
def mailer() -> None:
    """Send mail."""
    environment.wait_for_web()
    _call("jobs.mailer", "main")


@vestnik.command()
def clock() -> None:
    """Ring for whatever is due; any number of clocks may run."""
    environment.wait_for_web()
    _call("jobs.clock", "main")


@vestnik.command()
def redis() -> None:
    """Run the embedded Redis of this instance."""
    sys.exit(_call("webapp.core.embedded_redis", "supervise", environment.instance_folder()))


@vestnik.command()
def mailbox() -> None:
    """Run the demo mailbox: a mail server that keeps what it gets as files."""
    sys.exit(_call("webapp.demo.mailbox_server", "serve", environment.instance_folder()))


@vestnik.command()
@click.option("--release", is_flag=True, help="Let the mail go that waits for a release.")
def hold(*, release: bool) -> None:
    """Let all mail wait until a person releases it: before the start with a restored database."""
    _call("webapp.launcher.holding", "release" if release else "hold")


@vestnik.command("create-account")
@click.argument("email")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["user", "support", "technologist"]), default="user", show_default=True
)
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True)
@click.option("--time-zone", default="Europe/Moscow", show_default=True, help="An IANA name.")
@click.password_option(help="Asked for when it is not given.")
def create_account(**values: str) -> None:
    """Make an account from the command line."""
    _call("webapp.launcher.accounts", "create_account", **values)


@vestnik.command()
@click.argument("text")
@click.option("--record", type=int, help="The number of the record for which it is evaluated.")
@click.option("--as", "email", help="The address of the account with whose rights it is read.")
@click.option("--language", type=click.Choice(["ru", "en"]), default="en", show_default=True)
def formula(text: str, record: int | None, email: str | None, language: str) -> None:
    """Print the value of a formula."""
    _call("webapp.launcher.evaluation", "evaluate_formula", text, record, email, language)


@vestnik.command()
@click.argument("file")
@click.option("--record", type=int, help="The number of the record that is ?item.")
@click.option("--as", "email", help="The address of the account with whose rights it is read.")
@click.option("--language", type=click.Choice(["ru", "en"]), default="en", show_default=True)
def n3(file: str, record: int | None, email: str | None, language: str) -> None:
    """Print what a program in N3 finds for ?value; a dash reads it from the standard input."""
    _call("webapp.launcher.evaluation", "run_program", file, record, email, language)


def main() -> None:
    """Run the command line; what cannot be done is said in a sentence, not in a stack of calls."""
    environment.load_file()
    try:
        vestnik()
    except environment.CannotStart as error:
        click.echo(f"vestnik: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os._exit(0)


def _call(module: str, name: str, /, *values: object, **named: object) -> Any:  # noqa: ANN401 - of that function
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function(*values, **named)


if __name__ == "__main__":
    main()
