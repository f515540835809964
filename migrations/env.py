"""Runs migrations on the application's own database, on SQLite as safely as on PostgreSQL."""

from alembic import context
from flask import current_app
from sqlalchemy import JSON, text

from webapp.core.columns import UtcDateTime
from webapp.core.db import db

SEARCH_TABLE = "record_search"


def include_object(_item, name, kind, _reflected, _compare_to) -> bool:
    """Leave the full-text index alone: it is made by hand, differently on each database."""
    return not (kind == "table" and name.startswith(SEARCH_TABLE))


def render_item(kind, item, autogen_context):
    """Write the project's own column types by their plain SQL forms."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    return False


def run() -> None:
    """Migrate in one transaction, with foreign keys off while SQLite recreates tables, and checked."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include_object,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            if not is_sqlite:
                # Two machines that start at once migrate one after the other.
                connection.execute(text("SELECT pg_advisory_xact_lock(7305837)"))
            context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"migration would leave rows without their parents: {broken[:5]}")
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


run()
