"""What the rest of the product knows of a database engine: a protocol and the values it deals in.

An engine runs one statement that the guard has allowed, read-only, and pushes its rows as they come. Driver
exceptions become `Fault`s inside the engine and nowhere else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from text2sql_ws.events import ResultColumn
from text2sql_ws.schema import SqlDialect


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement to run. `query_id` tags it in the database (`/* t2s:<instance>:<query> */`).

    `timeout_seconds` is what the database may take, until its first row and for all the others; the time that
    `on_chunk` takes is not counted. The server has a limit of its own as well, a little later, which does
    count it: `client_seconds` is what it allows for that.
    """

    sql: str
    query_id: str
    max_rows: int
    chunk_rows: int
    timeout_seconds: float
    client_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order the database gave them; `rows_json` is `[[…],…]`, cells as `wire.md` 2 has them.

    A chunk ends at `chunk_rows` rows or 128 KiB, whichever comes first; the very first is small, so that
    something can be seen at once. The last one (`is_last`) may be empty; it is always sent, also for no rows.
    """

    columns: tuple[ResultColumn, ...]
    rows_json: bytes
    row_count: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Total:
    """`truncated`: the database had more than `max_rows` (one more was fetched to know)."""

    columns: tuple[ResultColumn, ...]
    row_count: int
    truncated: bool
    chunks: int


OnChunk = Callable[[Chunk], Awaitable[None]]


class Engine(Protocol):
    """One data source's database.

    Cancelling a call stops the statement in the database: within a second it is gone from the server, and its
    connection is closed or back in the pool, clean. The call itself doesn't wait for that; a task that the
    engine owns does, and `close` awaits it.
    """

    @property
    def dialect(self) -> SqlDialect: ...

    @property
    def in_use(self) -> tuple[int, int]:
        """Connections lent at the moment, and how many may be."""
        ...

    async def connect(self) -> str:
        """Prove that the database answers, and return its version text. Cheap when it answered lately.

        Raises `Fault` DATABASE_CONNECTION_FAILED; one attempt, no retries.
        """
        ...

    async def run(self, statement: Statement, on_chunk: OnChunk) -> Total:
        """Run `statement` and push its chunks, each awaited before more rows are read.

        Raises `Fault`: SQL_SYNTAX_ERROR or SQL_EXECUTION_FAILED (`mendable` where another SQL could do),
        INSUFFICIENT_PERMISSIONS, TIMEOUT_ERROR, DATABASE_CONNECTION_FAILED.
        """
        ...

    async def estimate(self, statement: Statement) -> int | None:
        """How many rows the database expects to examine for `statement`, without running it.

        A guess; `None` where the database makes none (SQLite), or the statement is no query (SHOW). Raises
        what `run` raises.
        """
        ...

    async def rights(self) -> frozenset[str]:
        """What the account may do beyond reading, in the database's words; empty is as it should be.

        Raises what `run` raises.
        """
        ...

    async def end_leftovers(self) -> int:
        """End what an earlier life of this installation left running in the database, and say how many.

        For the start, before anything runs. Raises `Fault` DATABASE_CONNECTION_FAILED.
        """
        ...

    async def close(self) -> None:
        """End what runs, await the engine's own tasks, close every connection. Bounded; safe to repeat."""
        ...
