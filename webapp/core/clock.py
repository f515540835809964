"""The only reader of the clock: business time here, lease time by the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from webapp.core.columns import UtcDateTime

_frozen_at: datetime | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen_at or datetime.now(UTC)


class _SqlNow(FunctionElement[datetime]):
    """The database's own present moment, in the form in which moments are stored."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(_SqlNow, "sqlite")
def _sqlite_now(_element: _SqlNow, _compiler: SQLCompiler, **_options: object) -> str:
    # SQLite keeps moments as text with six digits; its own clock gives three, so pad to compare as text.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(_SqlNow, "postgresql")
def _postgresql_now(_element: _SqlNow, _compiler: SQLCompiler, **_options: object) -> str:
    # Not now(): that is the beginning of the transaction, and a lease would seem to live longer than it does.
    return "clock_timestamp()"


def is_frozen() -> bool:
    """Whether the clock stands still."""
    return _frozen_at is not None


def sql_now(after_s: float = 0.0) -> ColumnElement[datetime]:
    """Return the present moment plus ``after_s`` seconds as SQL, by the database's clock.

    Leases are kept by it, because the clocks of several machines differ.
    """
    if is_frozen():
        # Asked for at each execution: a statement that is kept must not keep the moment.
        return bindparam(None, type_=UtcDateTime(), callable_=lambda: now() + timedelta(seconds=after_s))
    return _SqlNow() if not after_s else _SqlLater(literal(float(after_s)))


class _SqlLater(FunctionElement[datetime]):
    """The seconds are a value and no part of the statement, so that its words are put together once."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(_SqlLater, "sqlite")
def _sqlite_later(element: _SqlLater, compiler: SQLCompiler, **options: object) -> str:
    step = f"printf('%+.3f seconds', {compiler.process(element.clauses, **options)})"
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {step}) || '000')"


@compiles(_SqlLater, "postgresql")
def _postgresql_later(element: _SqlLater, compiler: SQLCompiler, **options: object) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock at ``at``: for tests and for looking at the past (try a rule on the last 30 days)."""
    global _frozen_at  # noqa: PLW0603 - the clock is one for the process by design
    before, _frozen_at = _frozen_at, at
    try:
        yield
    finally:
        _frozen_at = before
