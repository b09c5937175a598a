"""How long a call may keep us waiting for the model; nothing of HTTP here.

The one rule: only time spent waiting *for the model* counts. While our own client takes its time over a delta
(back-pressure), no limit runs: not the silence's, and not the total's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeVar

from text2sql_ws.settings import Provider

Take = Callable[[bytes], bool]
"""Takes the next bytes, and says whether to go on."""

Limit = Literal["first_token", "silence", "total", "grace"]
T = TypeVar("T")


class RanOut(Exception):
    """The model kept us waiting for longer than `limit` allows."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit)
        self.limit = limit


class Source(Protocol):
    """What is listened to, piece by piece."""

    async def receive(self) -> bytes | None: ...
    async def overhear(self, take: Take) -> None: ...
    def interrupt(self, error: Exception) -> None: ...


class Patience:
    """The time that is left of one call, over all its attempts. All in seconds.

    `first_token` runs from an attempt's start to its first delta, `silence` between signs of life after it,
    and `total` from the call's start. `grace` takes the place of `silence` once the answer is whole.
    """

    __slots__ = (
        "_alarm", "_began", "_current", "_first_token_timeout", "_left", "_silence_timeout", "_source",
        "spoken", "total_left",
    )  # fmt: skip

    def __init__(self, provider: Provider) -> None:
        self._first_token_timeout = provider.first_token_timeout
        self._silence_timeout = provider.idle_timeout
        self.total_left = provider.total_timeout
        self._left = 0.0  # of the current limit
        self._current: Limit = "first_token"
        self._alarm: asyncio.TimerHandle | None = None
        self._source: Source | None = None
        self._began = 0.0  # the waiting that is going on
        self.spoken = False

    def begin_attempt(self) -> None:
        self._await_now("first_token", self._first_token_timeout)

    def spoke(self) -> None:
        """A delta came."""
        self.spoken = True
        self._current, self._left = "silence", self._silence_timeout

    def moved(self) -> None:
        """A sign of life that is no delta: it ends a silence, but is no first token."""
        if self.spoken:
            self._await_now("silence", self._silence_timeout)

    def only_grace(self, seconds: float) -> None:
        """The answer is whole; wait no more than `seconds` for what may follow it."""
        self._await_now("grace", seconds)

    def slept(self, seconds: float) -> None:
        """Time between two attempts is time without an answer."""
        self.total_left -= seconds

    async def wait(self, model: Callable[[], Awaitable[T]]) -> T:
        """Await the model; raises `RanOut` when the tighter of the two running limits is used up."""
        limit, left = self._tighter()
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(left) as bound:
                return await model()
        except TimeoutError:
            if bound.expired():
                raise RanOut(limit) from None
            raise
        finally:
            self._spend(clock() - began)

    async def listen(self, source: Source) -> bytes | None:
        """The next piece of a stream, waited for in the same way.

        Thousands of pieces a second come this way, so they share one alarm, and none sets it anew: when it
        rings it looks at the clock, and mostly is only set again.
        """
        loop = asyncio.get_running_loop()
        self._wait_from(loop.time(), loop)
        self._source = source
        try:
            return await source.receive()
        finally:
            self._source = None
            self._spend(loop.time() - self._began)

    async def overhear(self, source: Source, take: Take) -> None:
        """The same for pieces that `take` is given in the call that brings them, as long as it goes on."""
        loop = asyncio.get_running_loop()
        look = loop.time

        def taken(piece: bytes) -> bool:
            limit, now, began = self._current, look(), self._began
            self.total_left -= now - began
            self._left -= now - began
            self._began = now
            goes_on = take(piece)
            if self._current is not limit:  # else the alarm rings early enough, and looks by itself
                self._wait_from(now, loop)
            return goes_on

        self._wait_from(look(), loop)
        self._source = source
        try:
            await source.overhear(taken)
        finally:
            self._source = None
            self._spend(look() - self._began)

    def rest(self) -> None:
        """Nothing is listened to any more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _wait_from(self, began: float, loop: asyncio.AbstractEventLoop) -> None:
        self._began = began
        due = began + self._tighter()[1]
        if self._alarm is None or due < self._alarm.when():
            self._set_alarm(due, loop)

    def _set_alarm(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        self.rest()
        self._alarm = loop.call_at(due, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._alarm = None
        if self._source is None:
            return  # what takes its time is our own side; who listens next sets the alarm
        limit, left = self._tightest()
        due = self._began + left
        if loop.time() < due:
            self._set_alarm(due, loop)
        else:
            self._source.interrupt(RanOut(limit))

    def _tighter(self) -> tuple[Limit, float]:
        """The limit that runs out first, and in how many seconds; raises `RanOut` where it has already."""
        limit, left = self._tightest()
        if left <= 0:
            raise RanOut(limit)
        return limit, left

    def _tightest(self) -> tuple[Limit, float]:
        if self.total_left < self._left:
            return "total", self.total_left
        return self._current, self._left

    def _await_now(self, limit: Limit, seconds: float) -> None:
        self._current = limit
        self._left = seconds

    def _spend(self, seconds: float) -> None:
        self.total_left -= seconds
        self._left -= seconds
