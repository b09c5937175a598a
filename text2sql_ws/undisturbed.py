"""What must not be cut off halfway is done whole, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar


class Connection(Protocol):
    """To a file, as SQLAlchemy's `AsyncConnection` is; `sync_connection` is `None` until it has begun."""

    @property
    def sync_connection(self) -> object | None: ...
    def start(self) -> Coroutine[Any, Any, object]: ...
    def close(self) -> Coroutine[Any, Any, object]: ...


C = TypeVar("C", bound=Connection)


async def undisturbed(doing: Coroutine[Any, Any, object]) -> None:
    """Have it done whole; a cancel that comes meanwhile is felt when it is."""
    task = asyncio.create_task(doing)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    try:
        if (raised := cancelled or task.exception()) is not None:
            raise raised
    finally:
        cancelled = raised = None  # an error that its own traceback holds stays until the collector comes


@asynccontextmanager
async def opened(connection: C) -> AsyncIterator[C]:
    """Begin it, and close it in the end: a file cut off while it is being opened is closed by nobody."""
    try:
        await undisturbed(connection.start())
        yield connection
    finally:
        if connection.sync_connection is not None:
            await undisturbed(connection.close())
