"""Reads a data source's schema from its database, over one connection of its own. [sqlalchemy]

The one rule: foreign exceptions end here, as a `Fault` that names the data source and nothing of its address
or credentials. Whatever the database does, a read is over in ten seconds.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

import structlog
from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from text2sql_ws.catalog import mysql, sqlite
from text2sql_ws.catalog.sampling import with_examples
from text2sql_ws.catalog.scope import scope_of
from text2sql_ws.catalog.structure import Structure
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Schema, SqlDialect
from text2sql_ws.settings import DataSource
from text2sql_ws.texts import say
from text2sql_ws.undisturbed import opened

log = structlog.get_logger()

READ_SECONDS = 10.0
SAMPLE_SECONDS = 3.0
CLOSE_SECONDS = 1.0
"""What sampling leaves over: running out of time for examples must not cost the schema."""
CONNECT_SECONDS = 3


async def read_schema(name: str, datasource: DataSource, *, within_seconds: float = READ_SECONDS) -> Schema:
    """The schema as it is now, without what the settings leave out, with example values.

    Raises `Fault` DATABASE_CONNECTION_FAILED. Nothing is left open, also when it is cancelled.
    """
    latest = asyncio.get_running_loop().time() + within_seconds
    engine = create_async_engine(_url(datasource), poolclass=NullPool, hide_parameters=True)
    try:
        async with asyncio.timeout_at(latest), _connected(engine) as connection:
            structure = await _structure(connection, datasource)
            tables = scope_of(datasource).trim(structure.tables)
            until = min(asyncio.get_running_loop().time() + SAMPLE_SECONDS, latest - CLOSE_SECONDS)
            tables = await with_examples(connection, tables, structure.views, until)
            return Schema(name, dialect_of(datasource), structure.version, tables)
    except (SQLAlchemyError, OSError, EOFError) as error:  # TimeoutError is an OSError
        log.warning("schema_read_failed", datasource=name, error=_reason(error))
        raise Fault(Code.DATABASE_CONNECTION_FAILED, say("catalog.unreadable", name=name)) from None
    finally:
        await engine.dispose()


def _connected(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    """A server may never answer; a file is there at once or not at all."""
    return opened(engine.connect()) if engine.dialect.name == "sqlite" else engine.connect()


async def _structure(connection: AsyncConnection, datasource: DataSource) -> Structure:
    if dialect_of(datasource) == "mysql":  # its relatives refuse the words
        await connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
    return await connection.run_sync(_reader(datasource))


def dialect_of(datasource: DataSource) -> SqlDialect:
    return datasource.dialect or datasource.type


def _reader(datasource: DataSource) -> Callable[[Connection], Structure]:
    match datasource.type:
        case "mysql":
            return mysql.read_structure
        case "sqlite":
            return sqlite.read_structure
        case unknown:
            assert_never(unknown)


def _url(datasource: DataSource) -> URL:
    match datasource.type:
        case "mysql":
            return URL.create(
                "mysql+aiomysql",
                username=datasource.user,
                password=datasource.secret(),
                host=datasource.host,
                port=datasource.port,
                database=datasource.database,
                query={"charset": "utf8mb4", "connect_timeout": str(CONNECT_SECONDS)},
            )
        case "sqlite":
            file = "file:" + quote(str(Path(datasource.path).absolute()))
            return URL.create("sqlite+aiosqlite", database=file, query={"mode": "ro", "uri": "true"})
        case unknown:
            assert_never(unknown)


def _reason(error: BaseException) -> str:
    """What the driver said, for the log; SQLAlchemy would add the statement and a link."""
    origin = getattr(error, "orig", None) or error
    return f"{type(origin).__name__}: {origin}"
