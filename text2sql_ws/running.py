"""One query's statement on its way through the database: abbreviations, guard, rows.

Nothing runs that the guard has not allowed, and what runs is the text that it allowed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from text2sql_ws.commands import Ask
from text2sql_ws.datasources import DataSource
from text2sql_ws.engines.engine import Chunk, Engine, Statement
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Emit, Results, RowsReady, SqlDrafted, SqlReady, Stage
from text2sql_ws.nearest import with_nearest
from text2sql_ws.progress import Progress
from text2sql_ws.results import Head
from text2sql_ws.schema import Schema
from text2sql_ws.sql import abbreviations, guard
from text2sql_ws.texts import say
from text2sql_ws.writing import Draft

Dictionaries = Mapping[str, Mapping[str, str]]

TYPICAL_ROWS = 10_000
"""So many rows make a large result; it only paces the progress within the stage."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The server's limits on one query; `max_examined_rows` is 0 where there is none.

    `client_seconds` is how long a client that is slow or away may keep a statement waiting.
    """

    max_rewrites: int
    chunk_rows: int
    max_examined_rows: int = 0
    client_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement that the database has answered, and what came of it."""

    draft: Draft
    allowed: guard.Allowed
    results: Results
    head: Head


def allow(sql: str, source: DataSource, schema: Schema) -> guard.Allowed:
    """What the guard makes of `sql` by the rules of `source`; `schema` is the whole of it. Raises `Fault`."""
    settings = source.settings
    denied = (name.lower().split(".") for name in settings.denied_columns)
    rules = guard.Rules(
        dialect=schema.dialect,
        database=settings.database,
        tables=frozenset(settings.tables) if settings.tables else None,
        denied_columns=frozenset((table, column) for table, column in denied),
        schema={table.name: [column.name for column in table.columns] for table in schema.tables},
    )
    return guard.check(sql, rules)


async def check_effort(statement: Statement, engine: Engine, most_rows: int) -> None:
    """Layer four of four: refuse what the database itself expects to examine more than `most_rows` rows for.

    0 is no bound. A database that makes no estimate lets everything pass. Raises `Fault`
    RESOURCE_LIMIT_EXCEEDED, or what the database finds wrong with the statement.
    """
    if not most_rows:
        return
    estimate = await engine.estimate(statement)
    if estimate is not None and estimate > most_rows:
        said = say("sql.too_many_examined", estimate=f"{estimate:,}", limit=f"{most_rows:,}")
        raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, said)


class Runner:
    """Runs the drafts of one query, one after the other."""

    def __init__(
        self,
        query_id: str,
        ask: Ask,
        source: DataSource,
        dictionaries: Dictionaries,
        bounds: Bounds,
        emit: Emit,
        progress: Progress,
    ) -> None:
        self._query_id = query_id
        self._ask = ask
        self._source = source
        self._dictionaries = dictionaries
        self._bounds = bounds
        self._emit = emit
        self._progress = progress

    @property
    def percent(self) -> int:
        return self._progress.percent

    async def run(self, draft: Draft, sql: str, schema: Schema) -> Ran:
        """Check `sql`, the draft's, against the whole `schema`, and run it. Raises `Fault`.

        A fault is `mendable` only when no row was shown yet: rows can't be taken back.
        """
        await self._progress.begin(Stage.VALIDATING_SQL)
        expanded = abbreviations.expand(sql, schema.dialect, self._dictionaries)
        await self._emit(SqlDrafted(expanded.sql, draft.text, draft.attempt, expanded.replaced))
        allowed = allow(expanded.sql, self._source, schema)
        await self._emit(SqlReady(allowed.sql, draft.attempt))
        await self._progress.begin(Stage.EXECUTING_SQL)
        rows = _Rows(self._emit, self._progress)
        statement, engine = self._statement(allowed.sql), self._source.engine
        try:
            await check_effort(statement, engine, self._bounds.max_examined_rows)
            total = await engine.run(statement, rows.show)
        except Fault as fault:
            fault.mendable = fault.mendable and rows.chunks == 0
            # In a thread: to compare with every name of a thousand tables takes a fifth of a second.
            raise await asyncio.to_thread(with_nearest, fault, schema, allowed.tables) from None
        return Ran(draft, allowed, rows.head.results(total), rows.head)

    def _statement(self, sql: str) -> Statement:
        ask, settings = self._ask, self._source.settings
        return Statement(
            sql=sql,
            query_id=self._query_id,
            max_rows=min(ask.max_rows or settings.max_rows, settings.max_rows),
            chunk_rows=ask.chunk_rows or self._bounds.chunk_rows,
            timeout_seconds=settings.statement_timeout,
            client_seconds=self._bounds.client_seconds,
        )


class _Rows:
    """Shows a statement's rows as they come, and keeps the head of them."""

    def __init__(self, emit: Emit, progress: Progress) -> None:
        self._emit = emit
        self._progress = progress
        self._offset = 0
        self.chunks = 0
        self.head = Head()

    async def show(self, chunk: Chunk) -> None:
        shown = RowsReady(
            self.chunks, self._offset, chunk.columns, chunk.rows_json, chunk.row_count, chunk.is_last
        )
        self.chunks += 1
        self._offset += chunk.row_count
        self.head.take(chunk)
        await self._emit(shown)
        counted = say("progress.rows", count=self._offset)
        await self._progress.step(self._offset / TYPICAL_ROWS, counted, rows=self._offset)
