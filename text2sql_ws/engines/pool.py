"""A bounded set of connections, lent one at a time; it knows nothing of any database.

The one rule: a slot is free only when its connection is fit for the next borrower or gone, whatever it was
doing; that work is done by tasks of the pool, never by the borrower, who may be cancelled any time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

SLOT_SECONDS = 5.0
CLOSE_SECONDS = 5.0


class Connection(Protocol):
    """What a pool needs of a connection. Neither method raises, and both are bounded in time."""

    @property
    def is_alive(self) -> bool:
        """May it be lent? Asked without a round trip."""
        ...

    async def settle(self) -> bool:
        """Stop what still runs on it, in the database too, and make it like new; `False`: it can't be."""
        ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=Connection)


class Pool(Generic[C]):
    """At most `size` connections. `dial` makes one; it is bounded in time and raises `Fault`."""

    def __init__(self, dial: Callable[[], Awaitable[C]], size: int) -> None:
        self._dial = dial
        self._size = size
        self._slots = asyncio.Semaphore(size)
        self._idle: list[C] = []
        self._lent: set[C] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def idle(self) -> tuple[C, ...]:
        return tuple(self._idle)

    @property
    def lent(self) -> tuple[C, ...]:
        return tuple(self._lent)

    @property
    def in_use(self) -> tuple[int, int]:
        """How many are lent, and how many may be."""
        return len(self._lent), self._size

    @property
    def is_quiet(self) -> bool:
        """Nothing is lent, and nothing that was is still being settled."""
        return not self._lent and not self._tasks

    async def borrow(self) -> C:
        """A connection for the caller alone, until `give_back`; the one used last first.

        Raises `Fault`: RESOURCE_LIMIT_EXCEEDED after 5 s without a free slot, or what `dial` raises.
        """
        await self._take_slot()
        try:
            connection = self._pick() or await self._dial()
        except BaseException:
            self._slots.release()
            raise
        self._lent.add(connection)
        if self._is_closed:
            self.give_back(connection)
            raise _closed()
        return connection

    def give_back(self, connection: C) -> None:
        """Never waits: a task of the pool settles the connection, and frees the slot then. Safe to repeat."""
        if connection in self._lent:
            self._lent.remove(connection)
            self._own(self._take_back(connection))

    def forget_idle(self) -> None:
        """Close the connections that are not lent: the server they led to has gone."""
        while self._idle:
            self._own(self._idle.pop().close())

    async def close(self) -> None:
        """Stop whatever runs, await the pool's tasks, close every connection. Bounded; safe to repeat."""
        self._is_closed = True
        for connection in self.lent:
            self.give_back(connection)
        self.forget_idle()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)

    async def _take_slot(self) -> None:
        try:
            async with asyncio.timeout(SLOT_SECONDS):
                await self._slots.acquire()
        except TimeoutError:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("database.busy", limit=self._size)) from None

    def _pick(self) -> C | None:
        if self._is_closed:
            raise _closed()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive:
                return connection
            self._own(connection.close())
        return None

    async def _take_back(self, connection: C) -> None:
        try:
            if await connection.settle() and not self._is_closed:
                self._idle.append(connection)
            else:
                await connection.close()
        finally:
            self._slots.release()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _closed() -> Fault:
    return Fault(Code.DATABASE_CONNECTION_FAILED, say("database.closed"))
