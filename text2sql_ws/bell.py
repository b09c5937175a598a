"""Tells one listener that there is something to fetch: by calling a courier, or by waking whoever waits.

What there is, the listener looks up itself; a ring that nobody hears is not kept. An `asyncio.Event` could do
as much, at ten times the memory, and a thousand bytes count where thousands of clients sit idle.
"""

import asyncio
from typing import Protocol


class Courier(Protocol):
    """Fetches what waits, or is handed what never waited.

    While it is `idle` it has fetched all there was, and `carry` takes a frame that is next.
    """

    idle: bool

    def fetch(self, *, at_once: bool) -> None:
        """`at_once`: nothing more is coming in this turn of the loop that would be worth waiting for."""
        ...

    def carry(self, frame: bytes) -> None: ...


class Bell:
    __slots__ = ("_waiter", "courier")

    def __init__(self) -> None:
        self.courier: Courier | None = None
        self._waiter: asyncio.Future[None] | None = None

    def ring(self, *, at_once: bool = False) -> None:
        if self.courier is not None:
            self.courier.fetch(at_once=at_once)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def call(self, courier: Courier) -> None:
        """Call this one at every ring, and no other any more. It must not ring."""
        self.courier = courier

    def forget(self, courier: Courier) -> None:
        """Don't call this one any more, if it is still the one."""
        if self.courier is courier:
            self.courier = None

    async def wait(self) -> None:
        """Until the next ring. One at a time; look first whether anything is there already."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
