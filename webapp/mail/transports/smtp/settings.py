"""What a technologist says about an SMTP server, and how long each step may take."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

_EHLO_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9A-Fa-f:.IPv]{3,64}\]")


class Encryption(StrEnum):
    """How the connection is protected; there is no "if offered"."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class SmtpTimeouts:
    """Wall-clock seconds for each step; ``session_s`` bounds the session but never the wait after a dot.

    RFC 5321 §4.5.3.2.6 asks for ten minutes after the dot: giving up earlier makes copies.
    """

    connect_s: float = 15
    command_s: float = 60
    body_s: float = 60
    body_octets_per_s: int = 16_384
    after_dot_s: float = 600
    quit_s: float = 2
    session_s: float = 1800

    def for_body(self, size: int) -> float:
        """Return the seconds that a body of ``size`` octets may take."""
        return self.body_s + size / self.body_octets_per_s


CHECK_TIMEOUTS: Final = SmtpTimeouts(
    connect_s=5, command_s=5, body_s=5, after_dot_s=10, quit_s=1, session_s=10
)


@dataclass(frozen=True)
class SmtpSettings:
    """One server. An empty login means that nobody signs in; ``ca_file`` adds a company's own issuers."""

    host: str
    port: int
    encryption: Encryption
    login: str = ""
    password: str = field(default="", repr=False)
    ehlo_name: str = "localhost"
    timeouts: SmtpTimeouts = SmtpTimeouts()
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if not _EHLO_NAME.fullmatch(self.ehlo_name):
            raise ValueError("ehlo_name is not a host name")
        if "\0" in self.login + self.password:
            raise ValueError("login and password cannot hold NUL")
