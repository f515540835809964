"""Where the demo mailbox of an instance lives and how to sign in to it."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
LOGIN = "vestnik"


@dataclass(frozen=True)
class Mailbox:
    """The demo mail server's address, its sign-in, and the folder with its mail and certificates."""

    folder: Path
    port: int
    password: str

    @property
    def ca_file(self) -> Path:
        """The issuer of its certificate, for those who verify it."""
        return ca_file(self.folder.parent)

    @property
    def certificate_file(self) -> Path:
        """Its certificate with the private key."""
        return self.folder / "server.pem"

    @property
    def mail_folder(self) -> Path:
        """The folder with one file per mail."""
        return self.folder / "mail"


def ca_file(instance: Path) -> Path:
    """Return where the issuer's certificate of this instance's mailbox is."""
    return instance / "mailbox" / "issuer.pem"


def settings_file(instance: Path) -> Path:
    """Return where the mailbox's port and password are kept."""
    return instance / "mailbox" / "settings.json"


def open_in(instance: Path) -> Mailbox:
    """Return the instance's mailbox, made with a random password and a free port when it is not there."""
    path = settings_file(instance)
    if not path.is_file():
        _write(path, {"port": _free_port(), "password": secrets.token_urlsafe(18)})
    stored = json.loads(path.read_text(encoding="ascii"))
    return Mailbox(path.parent, int(stored["port"]), str(stored["password"]))


def move_if_port_is_taken(instance: Path) -> None:
    """Take another port when a stranger listens on ours; ``vestnik init`` then tells the mail connection."""
    mailbox = open_in(instance)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, mailbox.port))
        except OSError:
            _write(settings_file(instance), {"port": _free_port(), "password": mailbox.password})


def _write(path: Path, settings: dict[str, object]) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
    ) as file:
        json.dump(settings, file)
    part.replace(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
