"""Our own storage: SQLAlchemy Core over SQLite (the default) or MySQL. Opened once, at start.

What goes wrong in here reaches callers as a `Fault`, and the operator's log with the cause.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import structlog
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from text2sql_ws.errors import Code, Fault
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage.revising import Busy, NewerTables, is_current, revise
from text2sql_ws.texts import say
from text2sql_ws.undisturbed import opened

log = structlog.get_logger()

OPENING_SECONDS = 10.0

ANSWER_SECONDS = 30.0
"""No transaction of ours takes as long; a server that falls silent would take for ever."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+aiomysql", "mariadb": "mariadb+aiomysql"}


class Database:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction: committed at the end, rolled back on any error.

        Raises `Fault` UNKNOWN_ERROR when the storage fails, or does not answer.
        """
        limit = asyncio.timeout(ANSWER_SECONDS)
        try:
            async with limit, _connected(self._engine) as connection, connection.begin():
                yield connection
        except (SQLAlchemyError, TimeoutError) as error:
            if isinstance(error, TimeoutError) and not limit.expired():
                raise
            log.error("storage_failed", exc_info=error)
            raise Fault(Code.UNKNOWN_ERROR, say("storage.failed")) from None

    async def aclose(self) -> None:
        await self._engine.dispose()


def _connected(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    """A connection of the pool's. A server may never answer; a file does, and is waited for."""
    return opened(engine.connect()) if engine.dialect.name == "sqlite" else engine.connect()


async def open_database(url: str) -> Database:
    """Open the storage at `url`, its tables made where they are missing, and migrated where they are older.

    Raises `Misconfigured` with one clear sentence when it can't be used.
    """
    engine = create_async_engine(address_of(url), hide_parameters=True, pool_pre_ping=True)
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _tune_sqlite)
            _make_folder(engine.url)
        async with asyncio.timeout(OPENING_SECONDS), engine.connect() as connection:
            ready = await connection.run_sync(is_current)
        if not ready:  # it takes as long as it takes
            async with engine.begin() as connection:
                await connection.run_sync(revise)
    except (SQLAlchemyError, OSError, TimeoutError, NewerTables, Busy) as error:
        await engine.dispose()
        raise Misconfigured([f"storage.url: {_safe(url)} can't be opened: {_cause(error)}"]) from None
    return Database(engine)


def address_of(url: str) -> URL:
    """The URL that opens `url`, with our driver. Raises `Misconfigured`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured([f"storage.url: not a database URL: {_safe(url)}"]) from None
    if parsed.drivername not in DRIVERS:
        known = ", ".join(DRIVERS)
        raise Misconfigured([f"storage.url: {parsed.drivername}:// is not supported; use one of {known}"])
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def _make_folder(url: URL) -> None:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _safe(url: str) -> str:
    """The URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "***"


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {OPENING_SECONDS:g} s"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    original = getattr(error, "orig", None) or error
    return str(original).splitlines()[0]


def _tune_sqlite(connection, _record) -> None:  # type: ignore[no-untyped-def]
    """WAL, so that readers don't wait for the writer; and a patient lock, so that writers queue."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
