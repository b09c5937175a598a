"""The engine for MySQL and what speaks its protocol: MariaDB, TiDB, StarRocks, Doris.

What lives here is the life of one statement; connections are `mysql_session.py`'s, cells `mysql_cells.py`'s.
The rule that matters: a statement ends by our own flag, never by what a killed server says of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic
from typing import Any, TypeVar

import orjson
from pymysql.err import MySQLError

from text2sql_ws.engines import mysql_words
from text2sql_ws.engines.allowance import Allowance
from text2sql_ws.engines.engine import Chunk, OnChunk, Statement, Total
from text2sql_ws.engines.mysql_cells import Field, format_of, rows_json
from text2sql_ws.engines.mysql_faults import statement_fault
from text2sql_ws.engines.mysql_flavours import flavour_of, tag, tag_prefix
from text2sql_ws.engines.mysql_grants import beyond_reading
from text2sql_ws.engines.mysql_packets import MAX_ROW_BYTES, Cells, Malformed, RowPackets, RowTooLarge
from text2sql_ws.engines.mysql_plans import EXPLAIN, Step, examined_rows
from text2sql_ws.engines.mysql_session import (
    READ_BYTES,
    Address,
    LostConnection,
    Session,
    kill,
    open_session,
    tagged_connections,
)
from text2sql_ws.engines.outflow import CHUNK_BYTES, Outflow
from text2sql_ws.engines.pool import Pool
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import ResultColumn
from text2sql_ws.schema import SqlDialect
from text2sql_ws.settings import DataSource
from text2sql_ws.texts import say

LATELY_SECONDS = 5.0
"""A database that answered within this time is taken to be there."""

SMALL = 10_000
"""Rows of a plan, or grants of an account, at most."""

SMALL_SECONDS = 5.0

T = TypeVar("T")


class MysqlEngine:
    """One data source. `instance` is this installation's name, the same after a restart of it.

    The server has a time limit of its own, a little after ours, which goes on while a slow client keeps us
    from reading. On TiDB, StarRocks and Doris a session can't be made read-only.
    """

    def __init__(self, source: DataSource, instance: str, clock: Callable[[], float] = monotonic) -> None:
        self._dialect: SqlDialect = source.dialect or "mysql"
        self._address = Address(
            source.host, source.port, source.user, source.secret(), source.database, self._dialect
        )
        self._instance = instance
        self._clock = clock
        self._pool = Pool(lambda: open_session(self._address, source.statement_timeout), source.pool_size)
        self._version = ""
        self._answered_at = 0.0

    @property
    def dialect(self) -> SqlDialect:
        return self._dialect

    @property
    def in_use(self) -> tuple[int, int]:
        return self._pool.in_use

    async def connect(self) -> str:
        """See `Engine`. Without a round trip where the database answered in the last 5 s."""
        if not self._version or self._clock() - self._answered_at > LATELY_SECONDS:
            session, _ = await self._ask(Session.ping)
            self._version = session.version
            self._pool.give_back(session)
        return self._version

    async def run(self, statement: Statement, on_chunk: OnChunk) -> Total:
        """See `Engine`. It runs once, or twice where an idle connection turns out to have died before."""
        mysql_words.check(statement.sql)
        allowance = Allowance(statement.timeout_seconds)
        sql = tag(self._instance, statement.query_id) + _encodable(statement.sql)

        async def send(session: Session) -> list[Field]:
            async with allowance.spend():
                return await session.query(sql, statement.timeout_seconds + statement.client_seconds)

        session, fields = await self._ask(send)
        try:
            return await _Delivery(session, fields, statement, on_chunk, allowance).deliver()
        finally:
            self._answered_at = self._clock() if session.in_step else 0.0
            self._pool.give_back(session)

    async def estimate(self, statement: Statement) -> int | None:
        """See `Engine`, and `mysql_plans.py` for what the number is worth. None on StarRocks and Doris."""
        flavour = flavour_of(self._dialect, await self.connect())
        if flavour not in EXPLAIN or not mysql_words.is_explainable(statement.sql):
            return None
        plan = await self._table(replace(statement, sql=EXPLAIN[flavour] + statement.sql))
        return examined_rows(flavour, plan)

    async def rights(self) -> frozenset[str]:
        """See `Engine`."""
        granted = await self._table(Statement("SHOW GRANTS", "start", SMALL, SMALL, SMALL_SECONDS))
        return beyond_reading(str(cell) for grant in granted for cell in grant.values())

    async def end_leftovers(self) -> int:
        """End the statements that an earlier life of this instance left on the server, and say how many.

        Raises `Fault` DATABASE_CONNECTION_FAILED.
        """
        ours = {session.number for session in self._pool.lent}
        tagged = await tagged_connections(self._address, tag_prefix(self._instance))
        leftovers = [number for number in tagged if number not in ours]
        if leftovers:
            await kill(self._address, leftovers)
        return len(leftovers)

    async def close(self) -> None:
        await self._pool.close()

    async def _table(self, statement: Statement) -> list[Step]:
        """The whole of a small result, a mapping for each row."""
        rows: list[dict[str, Any]] = []

        async def take(chunk: Chunk) -> None:
            names = [column.name for column in chunk.columns]
            rows.extend(dict(zip(names, row, strict=True)) for row in orjson.loads(chunk.rows_json))

        await self.run(replace(statement, max_rows=SMALL), take)
        return list(rows)

    async def _ask(self, ask: Callable[[Session], Awaitable[T]]) -> tuple[Session, T]:
        """Borrow a session and ask it; where it had died in its sleep, once more on another."""
        session = await self._pool.borrow()
        try:
            answer = await self._answer(session, ask)
        except LostConnection as lost:
            if not lost.is_stale:
                raise Fault(Code.DATABASE_CONNECTION_FAILED, say("database.lost")) from None
            self._pool.forget_idle()
            return await self._ask_anew(ask)
        return session, answer

    async def _ask_anew(self, ask: Callable[[Session], Awaitable[T]]) -> tuple[Session, T]:
        session = await self._pool.borrow()
        try:
            return session, await self._answer(session, ask)
        except LostConnection:
            raise Fault(Code.DATABASE_CONNECTION_FAILED, say("database.lost")) from None

    async def _answer(self, session: Session, ask: Callable[[Session], Awaitable[T]]) -> T:
        """The answer; or the session goes back, and what the server complained of becomes a `Fault`."""
        try:
            answer = await ask(session)
        except BaseException as error:
            self._pool.give_back(session)
            if isinstance(error, MySQLError):
                raise statement_fault(error) from None
            raise
        self._answered_at = self._clock()
        return answer


class _Delivery:
    """The rows of one statement, from the server to `on_chunk`. Memory: a chunk, and what one read brings."""

    def __init__(
        self,
        session: Session,
        fields: list[Field],
        statement: Statement,
        on_chunk: OnChunk,
        allowance: Allowance,
    ) -> None:
        self._session = session
        self._formats = [format_of(field) for field in fields]
        self._rows = RowPackets(len(fields))
        self._allowance = allowance
        columns = zip(fields, self._formats, strict=True)
        self._out = Outflow(
            statement, tuple(ResultColumn(field.name, form.type) for field, form in columns), on_chunk
        )
        self._held_bytes = 0.0

    async def deliver(self) -> Total:
        """All chunks, the last one marked. What is left unread after `max_rows` is the session's to drop."""
        if not self._formats:
            await self._out.send(b"[]", 0, is_last=True)
            return self._out.total(truncated=False)
        while True:
            while not self._is_due():
                await self._read()
            here, left = self._row_count(), self._out.left
            count = min(here, left, self._out.room)
            truncated = here > left and count == left
            finished = self._rows.ending is not None and count == here
            await self._send(self._take(count), is_last=truncated or finished)
            if truncated or finished:
                return self._out.total(truncated=truncated)

    def _row_count(self) -> int:
        return len(self._rows.cells) // len(self._formats)

    def _is_due(self) -> bool:
        """Whether the next chunk can go: the first one as soon as there is a row, the others when full."""
        here = self._row_count()
        return (
            self._rows.ending is not None
            or (here > 0 and self._out.is_first)
            or here >= self._out.room
            or here > self._out.left
            or self._held_bytes > CHUNK_BYTES - READ_BYTES - READ_BYTES / 4
        )

    async def _read(self) -> None:
        try:
            async with self._allowance.spend():
                self._held_bytes += await self._session.read(self._rows)
        except (LostConnection, Malformed):
            raise Fault(Code.DATABASE_CONNECTION_FAILED, say("database.lost")) from None
        except RowTooLarge:
            limit = (MAX_ROW_BYTES + 1) >> 20
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("sql.row_too_large", limit=limit)) from None
        except MySQLError as error:
            raise statement_fault(error) from None

    def _take(self, count: int) -> Cells:
        """The first `count` rows' cells; the bytes held are then those of the rest, on average."""
        cells, end = self._rows.cells, count * len(self._formats)
        taken = cells[:end]
        del cells[:end]
        self._held_bytes *= len(cells) / (len(cells) + end) if cells else 0.0
        return taken

    async def _send(self, cells: Cells, *, is_last: bool) -> None:
        """One chunk; or two, where escapes have made it larger than a chunk may be."""
        encoded = rows_json(self._formats, cells) if cells else b"[]"
        count = len(cells) // len(self._formats)
        if len(encoded) > CHUNK_BYTES and count > 1:
            middle = count // 2 * len(self._formats)
            await self._send(cells[:middle], is_last=False)
            await self._send(cells[middle:], is_last=is_last)
        else:
            await self._out.send(encoded, count, is_last=is_last)


def _encodable(sql: str) -> str:
    try:
        sql.encode()
    except UnicodeEncodeError:
        raise Fault(Code.SQL_SYNTAX_ERROR, say("sql.not_text"), mendable=True) from None
    return sql
