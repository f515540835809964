"""`vestnik create-account`: makes an account for somebody who cannot yet do it in the browser."""

from __future__ import annotations

import click

from webapp.app import create_app
from webapp.core.db import db
from webapp.launcher import environment
from webapp.launcher.environment import CannotStart
from webapp.mail.address import InvalidAddress
from webapp.people.accounts import services
from webapp.people.accounts.models import Role
from webapp.people.accounts.passwords import PasswordRefused

REASONS = {
    "too_short": "it is too short",
    "too_long": "it is too long",
    "common": "it is on the lists that everybody tries first",
    "personal": "it is made of the person's name or address",
}


def create_account(  # noqa: PLR0913 - the options of the command
    *, email: str, name: str, role: str, language: str, time_zone: str, password: str
) -> None:
    """Make the account. Announces ``account.created``. Raises CannotStart with what is wrong."""
    app = create_app(environment.read_config())
    with app.app_context():
        try:
            services.create_account(email, name, Role(role), language, time_zone, password, actor=None)
            db.session.commit()
        except InvalidAddress:
            raise CannotStart(f"{email} is not an e-mail address that mail can reach") from None
        except services.UnknownZone:
            raise CannotStart(f"there is no time zone {time_zone}: write one such as Europe/London") from None
        except services.AddressTaken:
            raise CannotStart(f"there is an account with the address {email} already") from None
        except PasswordRefused as error:
            raise CannotStart(f"this password is refused: {REASONS[error.reason]}") from None
        finally:
            db.session.rollback()
            db.session.remove()
            db.engine.dispose()
    click.echo(f"{name} can sign in as {email}.")
