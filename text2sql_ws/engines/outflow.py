"""How rows leave an engine: first a few at once, then in larger chunks, counted on their way out.

The one rule: exactly one chunk is the last, it comes last, and it comes also when there are no rows.
"""

import asyncio

from text2sql_ws.engines.engine import Chunk, OnChunk, Statement, Total
from text2sql_ws.events import ResultColumn

FIRST_ROWS = 50
"""The first chunk is there to be seen, not to be efficient."""

CHUNK_BYTES = 128 * 1024


class Outflow:
    """Sends one statement's chunks, each awaited, and knows the total."""

    def __init__(self, statement: Statement, columns: tuple[ResultColumn, ...], on_chunk: OnChunk) -> None:
        self._statement = statement
        self._columns = columns
        self._on_chunk = on_chunk
        self._chunks = 0
        self._rows = 0

    @property
    def is_first(self) -> bool:
        return self._chunks == 0

    @property
    def room(self) -> int:
        """How many rows the next chunk may have, were there no limit to the result."""
        rows = self._statement.chunk_rows
        return rows if self._chunks else min(rows, FIRST_ROWS)

    @property
    def left(self) -> int:
        """How many rows the result may still have."""
        return self._statement.max_rows - self._rows

    async def send(self, rows_json: bytes, row_count: int, *, is_last: bool) -> None:
        self._chunks += 1
        self._rows += row_count
        await self._on_chunk(Chunk(self._columns, rows_json, row_count, is_last))
        # A database that is quicker than we are would keep the event loop to itself, an outbox at a time.
        await asyncio.sleep(0)

    def total(self, *, truncated: bool) -> Total:
        return Total(self._columns, self._rows, truncated, self._chunks)
