"""Settings of the installation, read once from the environment and from files in the instance folder."""

from __future__ import annotations

import math
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from webapp.core import embedded_redis

PROJECT_ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 1024 * 1024
#: Ports on which mail servers take mail; behind others are things that are not meant to be spoken to.
MAIL_PORTS = frozenset({25, 465, 587, 2525})


@dataclass(frozen=True)
class Config:
    """What the person who installs Vestnik decides; everything else is set in the browser.

    Sizes are in bytes, times in seconds.
    """

    instance: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    is_demo: bool = False
    is_test: bool = False
    port: int = 8000
    base_url: str = ""
    behind_proxy: bool = False
    max_upload: int = 10 * MEBIBYTE
    lease: float = 60.0
    heartbeat: float = 10.0
    ring_again_every: float = 15.0
    retry_scale: float = 1.0
    session_days: int = 14
    mail_timeouts_scale: float = 1.0
    mail_ca_file: str = ""
    mail_loopback: bool = False
    mail_ports: frozenset[int] = MAIL_PORTS
    files_url: str = field(default="", repr=False)
    largest_file: int = 25 * MEBIBYTE
    files_per_record: int = 100
    files_per_day: int = 1000 * MEBIBYTE

    @property
    def files_place(self) -> str:
        """Where the content of files lies, as fsspec understands it."""
        return self.files_url or str(self.instance / "files")

    @property
    def largest_upload(self) -> int:
        """What a form with files may bring at once: some of the largest, and what it says besides."""
        return 4 * self.largest_file + MEBIBYTE

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    def flask_settings(self) -> dict[str, object]:
        """Return the settings that Flask and its extensions read."""
        return {
            "VESTNIK": self,
            "SECRET_KEY": self.secret_keys[0],
            "SECRET_KEY_FALLBACKS": list(self.secret_keys[1:]),
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self._engine_options(),
            "MAX_CONTENT_LENGTH": self.max_upload,
            "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.base_url.startswith("https://"),
            "WTF_CSRF_TIME_LIMIT": None,
            "TESTING": self.is_test,
            "RATELIMIT_ENABLED": True,
        }

    def _engine_options(self) -> dict[str, object]:
        # Errors go to logs and to the event journal; parameters hold hashes and what people wrote.
        options: dict[str, object] = {"hide_parameters": True}
        # A thread of the mailer may hold three: for its work, the dots of its mails, and its heartbeat.
        options |= {"pool_size": 10, "max_overflow": 50, "pool_timeout": 5}
        if self.is_sqlite:
            # Pages give up soon and say so; workers set a longer wait for themselves in core.db.
            return options | {"connect_args": {"timeout": 5}}
        return options | {"pool_pre_ping": True}


def current() -> Config:
    """Return the settings of the application at work."""
    from flask import current_app  # noqa: PLC0415 - the launcher reads settings and cannot afford Flask

    config: Config = current_app.config["VESTNIK"]
    return config


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings; makes the instance folder and its secret key when they are missing.

    Raises ValueError with the name of the variable that cannot be understood.
    """
    env = os.environ if environ is None else environ
    is_demo = _flag(env, "DEMO")
    instance = _instance_folder(env, is_demo=is_demo)
    return Config(
        instance=instance,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{instance / 'vestnik.db'}",
        redis_url=env.get("REDIS_URL") or f"unix://{embedded_redis.socket_path(instance)}",
        secret_keys=_secret_keys(env, instance),
        is_demo=is_demo,
        port=_port(env),
        base_url=env.get("BASE_URL", "").rstrip("/"),
        behind_proxy=_flag(env, "BEHIND_PROXY"),
        lease=_positive(env, "LEASE_SECONDS", 60.0),
        heartbeat=_positive(env, "HEARTBEAT_SECONDS", 10.0),
        ring_again_every=_positive(env, "RING_AGAIN_SECONDS", 15.0),
        retry_scale=_positive(env, "RETRY_SCALE", 1.0),
        mail_timeouts_scale=_positive(env, "MAIL_TIMEOUTS_SCALE", 1.0),
        mail_ca_file=env.get("MAIL_CA_FILE", ""),
        mail_loopback=_flag(env, "MAIL_LOOPBACK"),
        mail_ports=_ports(env, "MAIL_PORTS"),
        files_url=env.get("FILES_URL", ""),
        largest_file=round(_positive(env, "FILE_MEBIBYTES", 25.0) * MEBIBYTE),
        files_per_record=round(_positive(env, "FILES_PER_RECORD", 100.0)),
        files_per_day=round(_positive(env, "FILE_MEBIBYTES_PER_DAY", 1000.0) * MEBIBYTE),
    )


def _instance_folder(env: Mapping[str, str], *, is_demo: bool) -> Path:
    """Demo data has a folder of its own, so that its well-known passwords stay out of a real installation."""
    own = PROJECT_ROOT / "instance" / "demo" if is_demo else PROJECT_ROOT / "instance"
    folder = Path(env.get("VESTNIK_INSTANCE") or own).resolve()
    _make_private(folder)
    return folder


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def secret_key_file(instance: Path) -> Path:
    """Return the file that holds the installation's own key."""
    return instance / "secret_key"


def _secret_keys(env: Mapping[str, str], instance: Path) -> tuple[str, ...]:
    """First key signs and encrypts; the others are still understood, so that keys can be changed."""
    if env.get("SECRET_KEYS"):
        keys = tuple(key.strip() for key in env["SECRET_KEYS"].split(",") if key.strip())
        if not keys:
            raise ValueError("SECRET_KEYS holds no key")
        return keys
    path = secret_key_file(instance)
    if not path.exists():
        _make_secret_key(path)
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise ValueError(f"{path} is empty: put the key of this installation back, or remove the file")
    return (key,)


def _make_secret_key(path: Path) -> None:
    """Make the file whole or not at all: a full disk or a crash must not leave half a key in use."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:  # for its owner alone
        file.write(secrets.token_urlsafe(48))
        file.flush()
        with suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(file.name)


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in {"", "0", "no", "false", "off"}:
        return False
    if value in {"1", "yes", "true", "on"}:
        return True
    raise ValueError(f"{name} must be 1 or 0, not {value!r}")


def _port(env: Mapping[str, str]) -> int:
    return _port_number("PORT", env.get("PORT") or "8000")


def _ports(env: Mapping[str, str], name: str) -> frozenset[int]:
    """Return the usual ports and those that the operator adds."""
    ports = set(MAIL_PORTS)
    for part in filter(None, (part.strip() for part in env.get(name, "").split(","))):
        first, _, last = part.partition("-")
        ports |= set(range(_port_number(name, first), _port_number(name, last or first) + 1))
    return frozenset(ports)


def _port_number(name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    raise ValueError(f"{name} must be a number from 1 to 65535, not {value!r}")


def _positive(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(env.get(name) or default)
    except ValueError:
        value = math.nan
    if 0 < value < math.inf:
        return value
    raise ValueError(f"{name} must be a number above 0, not {env[name]!r}")
