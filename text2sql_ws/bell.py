"""Tells one listener that there is something to fetch: by a call, or by waking whoever waits.

What there is, the listener looks up itself; a ring that nobody hears is not kept. An `asyncio.Event` could do
as much, at ten times the memory, and a thousand bytes count where thousands of clients sit idle.
"""

import asyncio
from collections.abc import Callable

Called = Callable[[bool], None]
"""Takes whether it is worth fetching at once, or whether more may come in the same turn of the loop."""


class Bell:
    __slots__ = ("_called", "_waiter")

    def __init__(self) -> None:
        self._called: Called | None = None
        self._waiter: asyncio.Future[None] | None = None

    def ring(self, *, at_once: bool = False) -> None:
        """`at_once`: nothing more is coming that would be worth waiting for."""
        if self._called is not None:
            self._called(at_once)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def call(self, called: Called) -> None:
        """Call this at every ring, and nobody else any more. It must not ring."""
        self._called = called

    def forget(self, called: Called) -> None:
        """Don't call this any more, if it is still what is called."""
        if self._called == called:
            self._called = None

    async def wait(self) -> None:
        """Until the next ring. One at a time; look first whether anything is there already."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
