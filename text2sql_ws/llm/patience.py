"""How long a call may keep us waiting for the model; nothing of HTTP here.

The one rule: only time spent waiting *for the model* counts. While our own client takes its time over a delta
(back-pressure), no limit runs: not the silence's, and not the total's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from text2sql_ws.settings import Provider

Limit = Literal["first_token", "silence", "total", "grace"]
T = TypeVar("T")


class RanOut(Exception):
    """The model kept us waiting for longer than `limit` allows."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit)
        self.limit = limit


class Patience:
    """The time that is left of one call, over all its attempts. All in seconds.

    `first_token` runs from an attempt's start to its first delta, `silence` between signs of life after it,
    and `total` from the call's start. `grace` takes the place of `silence` once the answer is whole.
    """

    def __init__(self, provider: Provider) -> None:
        self._first_token_timeout = provider.first_token_timeout
        self._silence_timeout = provider.idle_timeout
        self._left: dict[Limit, float] = {"total": provider.total_timeout}
        self._current: Limit = "first_token"
        self.spoken = False

    @property
    def total_left(self) -> float:
        return self._left["total"]

    def begin_attempt(self) -> None:
        self._await_now("first_token", self._first_token_timeout)

    def spoke(self) -> None:
        """A delta came."""
        self.spoken = True
        self._await_now("silence", self._silence_timeout)

    def moved(self) -> None:
        """A sign of life that is no delta: it ends a silence, but is no first token."""
        if self.spoken:
            self._await_now("silence", self._silence_timeout)

    def only_grace(self, seconds: float) -> None:
        """The answer is whole; wait no more than `seconds` for what may follow it."""
        self._await_now("grace", seconds)

    def slept(self, seconds: float) -> None:
        """Time between two attempts is time without an answer."""
        self._left["total"] -= seconds

    async def wait(self, model: Callable[[], Awaitable[T]]) -> T:
        """Await the model; raises `RanOut` when the tighter of the two running limits is used up."""
        limit = min(self._current, "total", key=self._left.__getitem__)
        if self._left[limit] <= 0:  # a model that never makes us wait never lets a time-out strike
            raise RanOut(limit)
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._left[limit]) as bound:
                return await model()
        except TimeoutError:
            if bound.expired():
                raise RanOut(limit) from None
            raise
        finally:
            self._spend(clock() - began)

    def _await_now(self, limit: Limit, seconds: float) -> None:
        self._current = limit
        self._left[limit] = seconds

    def _spend(self, seconds: float) -> None:
        self._left["total"] -= seconds
        self._left[self._current] -= seconds
