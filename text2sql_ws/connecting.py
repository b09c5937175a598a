"""Reaching a data source's database: after a first failure two more tries, two and four seconds apart."""

import asyncio
from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
)

from text2sql_ws.engines.engine import Engine
from text2sql_ws.errors import Code, Fault
from text2sql_ws.progress import Progress
from text2sql_ws.texts import say

WAITS_SECONDS = (2, 4)

Sleep = Callable[[float], Awaitable[None]]


async def connect(engine: Engine, progress: Progress, sleep: Sleep = asyncio.sleep) -> str:
    """The database's version text, once it answers. Raises the last try's `Fault`."""

    async def say_so(state: RetryCallState) -> None:
        seconds = WAITS_SECONDS[state.attempt_number - 1]
        message = say(
            "progress.reconnecting", seconds=seconds, attempt=state.attempt_number, most=len(WAITS_SECONDS)
        )
        await progress.note(message, attempt=state.attempt_number, wait_seconds=seconds)

    tries = AsyncRetrying(
        stop=stop_after_attempt(len(WAITS_SECONDS) + 1),
        wait=wait_chain(*map(wait_fixed, WAITS_SECONDS)),
        retry=retry_if_exception(_is_unreachable),
        before_sleep=say_so,
        sleep=sleep,
        reraise=True,
    )
    version: str = await tries(engine.connect)
    return version


def _is_unreachable(error: BaseException) -> bool:
    return isinstance(error, Fault) and error.code is Code.DATABASE_CONNECTION_FAILED
