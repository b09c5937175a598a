"""Runs the SQL of a query again, for all its rows: a few exports at once, each limited in time.

The guard is asked again: its rules may have changed since. Cancelling the task that exports stops the
statement; whoever asked owns that task, `close` ends those that are left.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import TypeVar, cast

import structlog

from text2sql_ws.commands import DataSourceChoice
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.engines.engine import Chunk, Engine, OnChunk, Statement, Total
from text2sql_ws.errors import Code, Fault
from text2sql_ws.exporting.spreadsheet import Spreadsheet
from text2sql_ws.query import Query
from text2sql_ws.running import allow, check_effort
from text2sql_ws.texts import Locale, say

log = structlog.get_logger()

AT_ONCE = 4
CHUNK_ROWS = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Export:
    """A statement that is allowed, on its data source; to be run once."""

    engine: Engine
    statement: Statement

    async def run(self, on_chunk: OnChunk) -> Total:
        """Push all chunks, each awaited before more rows are read. Raises what `Engine.run` raises."""
        total = await self.engine.run(self.statement, on_chunk)
        log.info(
            "exported", query_id=self.statement.query_id, rows=total.row_count, truncated=total.truncated
        )
        return total


class Exports:
    """`folder` is for the files that XLSX needs, `seconds` what an export may take as a whole.

    `max_examined_rows` holds for exports as for queries, or a query that it refused could still be exported.
    """

    def __init__(
        self, sources: DataSources, folder: Path, seconds: float, max_examined_rows: int = 0
    ) -> None:
        self._max_examined_rows = max_examined_rows
        self._sources = sources
        self._folder = folder
        self._seconds = seconds
        self._going: set[asyncio.Task[object]] = set()
        self._draining = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="xlsx")
        """One for all: XlsxWriter is pure Python, a second would only keep the event loop from its turn."""

    @asynccontextmanager
    async def begun(self, query: Query) -> AsyncIterator[Export]:
        """An export of `query`, which takes one of `AT_ONCE` places until the end.

        Raises `Fault`: INVALID_MESSAGE for a query without SQL, RESOURCE_LIMIT_EXCEEDED, TIMEOUT_ERROR, and
        what the guard or the data source has against it.
        """
        if query.sql is None:
            raise Fault(Code.INVALID_MESSAGE, say("export.no_sql", query_id=query.id))
        with self._place():
            async with (
                _limit(self._seconds),
                self._sources.chosen(_choice(query), query.ask.question) as source,
            ):
                allowed = allow(query.sql, source, await source.catalog.schema())
                statement = self._statement(query.id, allowed.sql, source)
                await check_effort(statement, source.engine, self._max_examined_rows)
                yield Export(source.engine, statement)

    @asynccontextmanager
    async def spreadsheet(self, export: Export, locale: Locale) -> AsyncIterator[tuple[RawIOBase, Total]]:
        """The whole result as an XLSX file, open at its start and gone when this is left. Raises `Fault`."""
        sheet = Spreadsheet(self._folder, stale_seconds=2 * self._seconds)

        async def append(chunk: Chunk) -> None:
            await self._in_thread(lambda: sheet.append(chunk.columns, chunk.rows_json))

        try:
            total = await export.run(append)
            cut = total.row_count if total.truncated else None
            file = await self._in_thread(lambda: sheet.finish(cut, locale))
        except BaseException:
            # After whatever the thread is still at; a second cancel must not keep the files.
            await asyncio.shield(self._in_thread(sheet.discard))
            raise
        with file:
            yield file, total

    async def drain(self, seconds: float) -> None:
        """Begin no more, and give those under way so long to end by themselves."""
        self._draining = True
        if self._going:
            await asyncio.wait(self._going, timeout=seconds)

    async def close(self) -> None:
        """Stop every export and wait until it has ended."""
        self._draining = True
        going = list(self._going)
        for task in going:
            task.cancel()
        if going:
            await asyncio.wait(going)
        await asyncio.to_thread(self._thread.shutdown)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Raises `Fault` RESOURCE_LIMIT_EXCEEDED where none is free."""
        if self._draining:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("query.shutting_down"))
        if len(self._going) >= AT_ONCE:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("export.too_many", limit=AT_ONCE))
        task = cast("asyncio.Task[object]", asyncio.current_task())
        self._going.add(task)
        try:
            yield
        finally:
            self._going.discard(task)

    def _statement(self, query_id: str, sql: str, source: DataSource) -> Statement:
        return Statement(
            sql=sql,
            query_id=query_id,
            max_rows=source.settings.max_rows,
            chunk_rows=CHUNK_ROWS,
            timeout_seconds=source.settings.statement_timeout,
            client_seconds=self._seconds,
        )

    def _in_thread(self, call: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, call)


def _choice(query: Query) -> DataSourceChoice:
    """The data source that the query went to, also where its question had named none."""
    asked = query.ask.datasource
    return asked if asked.details else DataSourceChoice(name=query.datasource)


@asynccontextmanager
async def _limit(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise Fault(Code.TIMEOUT_ERROR, say("query.timeout", seconds=f"{seconds:g}")) from None
