"""One data source's schema, cached, and the part of it that a question needs.

The database is asked by `reading.py`, the ranking is in `retrieval.py`. The one rule: at most one read is
under way at a time, the catalog owns it, and whoever waits for it may be cancelled without ending it for the
others.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from text2sql_ws.catalog.reading import read_schema
from text2sql_ws.catalog.retrieval import Index, size, vocabulary
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Schema
from text2sql_ws.settings import DataSource
from text2sql_ws.texts import say

ReadSchema = Callable[[str, DataSource], Coroutine[Any, Any, Schema]]
RETRY_SECONDS = 30.0
GRACE_SECONDS = 2.0


class Catalog:
    """The schema of the data source `name`. `aclose` ends what is under way.

    `refresh_seconds`: an older schema is still given out, and a newer one read meanwhile.
    """

    def __init__(
        self,
        name: str,
        datasource: DataSource,
        *,
        refresh_seconds: float = 300.0,
        read: ReadSchema = read_schema,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._datasource = datasource
        self._refresh_seconds = refresh_seconds
        self._read = read
        self._clock = clock
        self._schema: Schema | None = None
        self._index: Index | None = None
        self._refresh_at = 0.0
        self._reading: asyncio.Task[Schema] | None = None

    async def schema(self) -> Schema:
        """All tables that may be asked about. Waits only for the first read, which concurrent callers share.

        Raises `Fault` DATABASE_CONNECTION_FAILED when there is no schema yet and the read failed; the next
        call tries again.
        """
        if self._schema is None:
            return await self._first_read()
        if self._clock() >= self._refresh_at:
            self._begin_reading()
        return self._schema

    async def relevant(self, question: str, *, budget_chars: int = 24_000) -> Schema:
        """The tables that `question` needs, in the schema's order.

        All of them if their DDL takes no more than `budget_chars`; else the likeliest and what joins them, no
        more than fit (but always one).

        Raises what `schema` raises.
        """
        schema = await self.schema()
        if sum(map(size, schema.tables)) <= budget_chars:
            return schema
        if self._index is None or self._index.schema is not schema:
            self._index = await asyncio.to_thread(Index, schema)
        return self._index.relevant(question, budget_chars)

    async def aclose(self) -> None:
        """Wait for the read that is under way, if any, for `GRACE_SECONDS`; then cancel it. Safe to repeat.

        A read that is cancelled while SQLite opens leaves the file open until the collector finds it, and a
        read takes well under a second.
        """
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=GRACE_SECONDS)
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _first_read(self) -> Schema:
        reading = self._begin_reading()
        await asyncio.wait([reading])  # unlike awaiting the task itself, a cancel here leaves the task alone
        if reading.cancelled():
            raise Fault(Code.DATABASE_CONNECTION_FAILED, say("catalog.unreadable", name=self._name))
        return reading.result()

    def _begin_reading(self) -> asyncio.Task[Schema]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_anew(), name=f"catalog {self._name}")
            self._reading.add_done_callback(self._keep)
        return self._reading

    async def _read_anew(self) -> Schema:
        schema = await self._read(self._name, self._datasource)
        await asyncio.to_thread(vocabulary, schema)  # now, so that no question waits for it
        return schema

    def _keep(self, reading: asyncio.Task[Schema]) -> None:
        """Take over what was read. A failed refresh leaves the old schema, and is tried again later."""
        if reading.cancelled():
            return
        if reading.exception() is not None:
            self._refresh_at = self._clock() + min(RETRY_SECONDS, self._refresh_seconds)
            return
        self._schema = reading.result()
        self._refresh_at = self._clock() + self._refresh_seconds
