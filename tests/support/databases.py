"""Real databases for tests: a migrated one of each engine, emptied between tests in a millisecond or two."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from webapp.core.db import db
from webapp.desk.record_templates import loader

KEPT_TABLES = ("record_template", "attribute", "status", "move")
SEARCH_TABLE = "record_search"


class SqliteDatabase:
    """A file in shared memory, copied anew from a migrated one for each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "vestnik.db"
        self.template = folder / "template.db"
        self.url = f"sqlite:///{self.file}"

    def prepare(self, _app: Flask) -> None:
        """Migrate once and keep the result, also for when tests come back from the other engine."""
        if self.template.exists():
            return self.empty()
        flask_migrate.upgrade()
        loader.sync_builtin()
        db.session.commit()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        db.engine.dispose()
        shutil.copyfile(self.file, self.template)
        return None

    def empty(self) -> None:
        """Put the migrated database in place of what the last test left."""
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)


class PostgresqlDatabase:
    """A database of a real server; its rows are deleted before each test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.emptying = ""

    def prepare(self, _app: Flask) -> None:
        """Migrate once and remember the rows of the built-in templates."""
        flask_migrate.upgrade()
        loader.sync_builtin()
        db.session.commit()
        self.remember()

    def remember(self) -> None:
        """Keep the rows that a migrated database has, and find out what makes it so again."""
        for name in KEPT_TABLES:
            db.session.execute(text(f"CREATE TABLE IF NOT EXISTS kept_{name} AS SELECT * FROM {name}"))
        restarts = db.session.scalars(text(_RESTARTS), {"kept": list(KEPT_TABLES)}).all()
        db.session.commit()
        db.session.remove()
        deletions = [f'DELETE FROM "{name}"' for name in (*db.metadata.tables, SEARCH_TABLE)]
        copies = [f"INSERT INTO {name} SELECT * FROM kept_{name}" for name in KEPT_TABLES]
        # One message to the server: one for each table would take longer than most tests.
        self.emptying = ";".join([_WITHOUT_KEYS, *deletions, *copies, *restarts])

    def empty(self) -> None:
        """Delete every row, start the numbers at 1 again, put the built-in templates back."""
        with db.engine.begin() as connection:
            connection.exec_driver_sql(self.emptying)


_WITHOUT_KEYS = "SET LOCAL session_replication_role = replica"
_RESTARTS = """
    SELECT format('SELECT setval(%L, 1, false)', pg_get_serial_sequence(quote_ident(c.table_name), 'id'))
    FROM information_schema.columns c
    WHERE c.table_schema = 'public' AND c.column_name = 'id' AND c.column_default LIKE 'nextval%'
      AND NOT c.table_name = ANY(:kept)
"""


class PostgresqlServer:
    """TEST_DATABASE_URL when it is set, otherwise a private server from the pgserver wheel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Any = None

    def start(self, database: str, template: str = "template1") -> str:
        """Start the server if need be, make ``database`` afresh as a copy of another, return its address."""
        admin = create_engine(self._admin_url(), isolation_level="AUTOCOMMIT")
        _make_afresh(admin, database, template)
        url = admin.url.set(database=database, drivername="postgresql+psycopg")
        admin.dispose()
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        """Stop what was started here."""
        if self.server is not None:
            self.server.cleanup()

    def _admin_url(self) -> str:
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            return given.replace("postgresql://", "postgresql+psycopg://", 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pgserver looks for a runtime folder that a bare machine lacks
            import pgserver

            self.server = pgserver.get_server(self.folder, cleanup_mode="stop")
            # Nothing here must outlive a power cut, and tests must not wait for the disk.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                self.server.psql(f"ALTER SYSTEM SET {setting} = off;")
            self.server.psql("SELECT pg_reload_conf();")
        return str(self.server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)


def _make_afresh(admin: Engine, database: str, template: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'))
