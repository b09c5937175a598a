"""The time a statement may take of the database; the time a slow client takes is not counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say


class Allowance:
    """`seconds` to spend, over any number of waits."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds

    @asynccontextmanager
    async def spend(self) -> AsyncIterator[None]:
        """Wait for the database inside. Raises `Fault` TIMEOUT_ERROR when the allowance is used up.

        A time-out of the socket's own passes through: it is a lost connection, not a limit of ours.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._left) as scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            raise Fault(Code.TIMEOUT_ERROR, say("sql.timeout", seconds=f"{self._seconds:g}")) from None
        finally:
            self._left -= loop.time() - began
