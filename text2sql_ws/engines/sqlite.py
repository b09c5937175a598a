"""The engine for SQLite files: the life of one statement; connections are `sqlite_session.py`'s.

A statement that is cancelled or out of time is interrupted from outside its thread, and its connection is
lent again when it has stopped.
"""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import sqlite_version
from time import monotonic

from text2sql_ws.engines.allowance import Allowance
from text2sql_ws.engines.engine import OnChunk, Statement, Total
from text2sql_ws.engines.outflow import Outflow
from text2sql_ws.engines.pool import Pool
from text2sql_ws.engines.sqlite_session import Session, open_session
from text2sql_ws.schema import SqlDialect
from text2sql_ws.settings import DataSource

LATELY_SECONDS = 5.0
"""A file that could be read within this time is taken to be readable."""


class SqliteEngine:
    """One data source: `source.path` is the file, opened read-only, never created."""

    def __init__(self, source: DataSource, clock: Callable[[], float] = monotonic) -> None:
        path = Path(source.path).absolute()
        self._clock = clock
        self._pool: Pool[Session] = Pool(lambda: open_session(path), source.pool_size)
        self._answered_at: float | None = None

    @property
    def dialect(self) -> SqlDialect:
        return "sqlite"

    @property
    def in_use(self) -> tuple[int, int]:
        return self._pool.in_use

    async def connect(self) -> str:
        """See `Engine`; the version is the library's."""
        if self._answered_at is None or self._clock() - self._answered_at > LATELY_SECONDS:
            session = await self._pool.borrow()
            try:
                await session.ping()
            finally:
                self._pool.give_back(session)
            self._answered_at = self._clock()
        return sqlite_version

    async def run(self, statement: Statement, on_chunk: OnChunk) -> Total:
        """See `Engine`. Rows that come slowly leave in smaller chunks, so as not to be kept waiting."""
        session = await self._pool.borrow()
        try:
            return await _deliver(session, statement, on_chunk)
        finally:
            self._pool.give_back(session)

    async def estimate(self, statement: Statement) -> int | None:
        """None: SQLite's planner tells its plan, not what it expects of it."""
        return None

    async def rights(self) -> frozenset[str]:
        """None: there are no accounts, and the file is opened to be read only."""
        return frozenset()

    async def end_leftovers(self) -> int:
        """None: statements run in this process, and end with it."""
        return 0

    async def close(self) -> None:
        await self._pool.close()


async def _deliver(session: Session, statement: Statement, on_chunk: OnChunk) -> Total:
    allowance = Allowance(statement.timeout_seconds)
    async with allowance.spend():
        rows = await session.start(statement.sql)
    out = Outflow(statement, rows.columns, on_chunk)
    while True:
        left = out.left
        async with allowance.spend():
            part = await session.take(rows, min(out.room, left))
        truncated = part.has_more and part.row_count == left
        is_last = truncated or not part.has_more
        await out.send(part.rows_json, part.row_count, is_last=is_last)
        if is_last:
            return out.total(truncated=truncated)
