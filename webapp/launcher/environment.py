"""What the environment says about this installation, read with little more than the standard library.

``vestnik run`` must show the first page within three seconds, so nothing here imports Flask or the database.
"""

from __future__ import annotations

import os
import socket
import time
from ipaddress import ip_address
from pathlib import Path

from webapp.core.config import PROJECT_ROOT, Config, from_environment

WAIT_FOR_WEB = "VESTNIK_WAIT_FOR_WEB"
ENV_FILE = "VESTNIK_ENV_FILE"
LONGEST_WAIT_FOR_WEB_S = 30.0


class CannotStart(Exception):
    """Vestnik cannot start; the message says why and what to do, in a sentence."""


def load_file() -> None:
    """Take the settings of ``.env``, or of the file that VESTNIK_ENV_FILE names; the environment wins."""
    path = Path(os.environ.get(ENV_FILE) or PROJECT_ROOT / ".env")
    if not path.is_file():
        return
    from honcho.environ import parse  # noqa: PLC0415 - most starts have no such file

    for name, value in parse(path.read_text(encoding="utf-8")).items():
        os.environ.setdefault(name, value)


def read_config() -> Config:
    """Read the settings. Raises CannotStart with a plain reason."""
    try:
        return from_environment()
    except ValueError as error:
        raise CannotStart(str(error)) from None
    except OSError as error:
        raise CannotStart(
            f"the instance folder {error.filename} cannot be written ({error.strerror}). "
            "Give it to the user who runs Vestnik, or set VESTNIK_INSTANCE to another folder."
        ) from None


def instance_folder() -> Path:
    """Return the folder of this installation, made if need be. Raises CannotStart."""
    return read_config().instance


def listening_host(config: Config) -> str:
    """Return the address to listen on: HOST, or this machine alone.

    Raises CannotStart when demo accounts would be reachable from the network.
    """
    host = os.environ.get("HOST") or "127.0.0.1"
    if config.is_demo and not _is_loopback(host):
        raise CannotStart(
            f"demo accounts have known passwords, so demo mode listens on 127.0.0.1 alone, not on {host}"
        )
    return host


def require_free_port(host: str, port: int) -> None:
    """Raise CannotStart when somebody else listens on the port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"port {port} cannot be used ({error.strerror}). Stop what uses it, "
                f"or choose another: make run PORT={port + 1}"
            ) from None


def free_port() -> int:
    """Return a port of this machine on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_answering(address: str, patience_s: float = 2.0) -> bool:
    """Whether a web server answers at ``address``, with whatever page."""
    import urllib.error  # noqa: PLC0415 - help and web do without
    import urllib.request  # noqa: PLC0415

    try:
        with urllib.request.urlopen(address, timeout=patience_s):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for_web() -> None:
    """Let the pages come up first when everything starts together: they are what a person waits for."""
    address = os.environ.get(WAIT_FOR_WEB, "")
    gives_up_at = time.monotonic() + LONGEST_WAIT_FOR_WEB_S
    while address and time.monotonic() < gives_up_at and not is_answering(address):
        time.sleep(0.1)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
