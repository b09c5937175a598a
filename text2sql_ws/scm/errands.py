"""What is done beside the conversation: storing, mostly. Every task has its owner here, who awaits it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from text2sql_ws.errors import Fault

log = structlog.get_logger()

ResultT = TypeVar("ResultT")

CLOSING_SECONDS = 5.0
"""What is still to be stored gets so long at shutdown."""


class Errands:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self, errand: Coroutine[Any, Any, ResultT]) -> asyncio.Task[ResultT]:
        """Begin it. Who wants its result awaits the task; what nobody foresaw is logged either way."""
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def settle(self, seconds: float = CLOSING_SECONDS) -> None:
        """Wait until nothing is under way, but not for ever: then it is stopped."""
        try:
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            log.error("errands_not_done", count=len(self._tasks))
        await self.aclose()

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, Fault):
            log.error("errand_failed", exc_info=error)
