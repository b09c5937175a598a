"""Keeps the books of ended queries: who asked what and what ran, and the tokens it took.

Fed by the bulletin, written by one task, many queries in one transaction. The one rule: no query waits for
it. What comes faster than it can be written, for longer than the queue holds, is counted and logged.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import structlog
from sqlalchemy import insert

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Fault
from text2sql_ws.events import QueryFailed
from text2sql_ws.happenings import Happening, QueryOver
from text2sql_ws.query import Query
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import audit
from text2sql_ws.usage import Used, add_usage, used_by

log = structlog.get_logger()

PENDING = 10_000
"""Ended queries that may wait to be written."""

BATCH = 500
RETRY_SECONDS = 1.0
SETTLING_SECONDS = 5.0
SQL_CHARS = 20_000
NAME_CHARS = 200
ACTION = "query"


@dataclass(frozen=True, slots=True)
class _Entry:
    row: dict[str, Any]
    used: Sequence[Used]


class Books:
    """`with_questions`: whether what was asked is kept in its words; what ran always is."""

    def __init__(self, database: Database, clock: Clock, *, with_questions: bool = True) -> None:
        self._database = database
        self._clock = clock
        self._with_questions = with_questions
        self._pending: deque[_Entry] = deque()
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.lost = 0
        """Ended queries that the books don't hold."""

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin."""
        if not isinstance(happening, QueryOver):
            return
        if len(self._pending) >= PENDING:
            self.lost += 1
            if self.lost.bit_count() == 1:  # 1, 2, 4, 8…: the log must not fill as the queue did
                log.error("queries_not_recorded", lost=self.lost)
            return
        self._pending.append(self._entry(happening.query))
        self._idle.clear()
        self._wanted.set()

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[Self]:
        """Write while the block runs; what was heard until its end is written then."""
        task = asyncio.create_task(self._write_on(), name="books")
        try:
            yield self
            await self.settled()
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def settled(self) -> None:
        """Wait until all is written, or for so long as a server that is stopping can."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.error("queries_not_recorded", lost=self.lost + len(self._pending))

    async def _write_on(self) -> None:
        while True:
            await self._wanted.wait()
            batch = [self._pending[n] for n in range(min(BATCH, len(self._pending)))]
            try:
                await self._write(batch)
            except Fault:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for _ in batch:
                self._pending.popleft()
            if not self._pending:
                self._wanted.clear()
                self._idle.set()

    async def _write(self, batch: Sequence[_Entry]) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(insert(audit), [entry.row for entry in batch])
            await add_usage(connection, (one for entry in batch for one in entry.used))

    def _entry(self, query: Query) -> _Entry:
        now = self._clock.now()
        user_id = query.owner.user_id[:NAME_CHARS]
        row = {
            "at": now.replace(tzinfo=None),
            "user_id": user_id,
            "action": ACTION,
            "subject": query.id[:NAME_CHARS],
            "detail": self._detail(query),
        }
        return _Entry(row, [used_by(now.date(), user_id, call) for call in query.calls])

    def _detail(self, query: Query) -> dict[str, Any]:
        detail: dict[str, Any] = {
            "sql": query.sql[:SQL_CHARS] if query.sql is not None else None,
            "datasource": query.datasource,
            "ending": query.status,
            "rows": query.rows,
            "seconds": round(query.ended - query.started, 3),
            "tokens": sum(call.usage.total_tokens for call in query.calls),
            "session_id": query.owner.session_id,
        }
        if self._with_questions:
            detail["question"] = query.ask.question
        if isinstance(query.ending, QueryFailed):
            detail["code"] = query.ending.fault.code.value
        return detail
