"""A thread that makes blocking calls, one after the other, for coroutines that may be cancelled any time.

The one rule: a call that has begun is finished, whoever still waits for it; `busy` says when.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class CallThread:
    """A daemon: a call that never ends can't keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._last: Future[Any] | None = None
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        return self._last is not None and not self._last.done()

    async def call(self, function: Callable[[], T]) -> T:
        """Its result, or its exception. Cancelled before the call began, it isn't made."""
        return await asyncio.wrap_future(self._submit(function))

    async def calm(self, seconds: float) -> bool:
        """Wait until no call is under way; `False` if one still is after `seconds`."""
        if self._last is not None and not self._last.done():
            over = asyncio.wrap_future(self._last)
            over.add_done_callback(_heed)
            await asyncio.wait([over], timeout=seconds)
        return not self.is_busy

    def end(self, farewell: Callable[[], None]) -> None:
        """Make a last call after all others, then end the thread. Doesn't wait."""
        self._submit(farewell)
        self._calls.put(None)

    async def joined(self, seconds: float) -> None:
        """After `end`: wait until the thread is gone, `seconds` at most."""
        if await self.calm(seconds):
            self._thread.join(seconds)

    def _submit(self, function: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._last = future
        self._calls.put((future, function))
        return future

    def _work(self) -> None:
        while (job := self._calls.get()) is not None:
            future, function = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function())
                except BaseException as error:  # it is raised where the call is awaited
                    future.set_exception(error)
            del job, future, function  # or the last result would live until the next call


def _heed(over: asyncio.Future[Any]) -> None:
    """Look at the outcome, which is somebody else's, so that asyncio doesn't report it as overlooked."""
    if not over.cancelled():
        over.exception()
