"""A warm application with an empty database of its own, on which one cell after another is played."""

from __future__ import annotations

import logging
import shutil
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import trustme
from flask import Flask
from sqlalchemy import NullPool, Row, create_engine, text

from tests.support.databases import PostgresqlDatabase, SqliteDatabase
from webapp.app import create_app
from webapp.core.config import Config
from webapp.core.db import db, wait_like_a_worker

LEASE_S: Final = 0.6
HEARTBEAT_S: Final = 0.15


class Certificates:
    """A server's certificate of an issuer that we know, and one of a stranger."""

    def __init__(self, folder: Path) -> None:
        issuer = trustme.CA()
        self.file = folder / "ca.pem"
        issuer.cert_pem.write_to_path(str(self.file))
        self.known = _context(issuer)
        self.stranger = _context(trustme.CA())


def _context(issuer: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    return context


class Stage:
    """The application on one database. Nothing of it is open while processes are forked."""

    def __init__(self, database: SqliteDatabase | PostgresqlDatabase, folder: Path, ca_file: Path) -> None:
        self.database = database
        self.folder = folder
        self.config = _config(database.url, folder, ca_file)
        self.app: Flask = create_app(self.config)
        self._look = create_engine(database.url, poolclass=NullPool)
        with self.app.app_context():
            wait_like_a_worker()
            if isinstance(database, PostgresqlDatabase):
                database.remember()
            self._let_go()

    @property
    def kind(self) -> str:
        """The word for the database in the name of a cell."""
        return "sqlite" if isinstance(self.database, SqliteDatabase) else "postgresql"

    def clear(self, **settings: float) -> Path:
        """Empty the database, change settings, and return an empty folder for what a cell leaves behind."""
        self.app.config["VESTNIK"] = replace(self.config, **settings)
        with self.app.app_context():
            self.database.empty()
            self._let_go()
        folder = self.folder / "cell"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Write to the database as the program does; nothing is left open after it."""
        with self.app.app_context():
            yield
            db.session.commit()
            self._let_go()

    def ask(self, statement: str, values: Mapping[str, object] | None = None) -> list[Row]:
        """Read the database as it is at this moment, from outside the program."""
        with self._look.connect() as connection:
            return list(connection.execute(text(statement), values or {}))

    def everything(self) -> str:
        """Return all that the database holds as text, to look for what must not be there."""
        if isinstance(self.database, SqliteDatabase):
            files = [self.database.file, self.database.file.with_name(self.database.file.name + "-wal")]
            return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())
        tables = list(db.metadata.tables)
        return "\n".join(str(row) for name in tables for row in self.ask(f'SELECT t::text FROM "{name}" t'))

    def _let_go(self) -> None:
        db.session.remove()
        db.engine.dispose()


def _config(url: str, folder: Path, ca_file: Path) -> Config:
    logging.getLogger("webapp.core.job_queue").setLevel(logging.ERROR)  # Redis is away in every cell
    return Config(
        instance=folder,
        database_url=url,
        redis_url=f"unix://{folder / 'nobody.sock'}",
        secret_keys=("a key of the matrix",),
        is_test=True,
        base_url="http://desk.example",
        lease=LEASE_S,
        heartbeat=HEARTBEAT_S,
        ring_again_every=0.2,
        mail_ca_file=str(ca_file),
    )
