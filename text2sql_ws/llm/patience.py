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
        "_alarm", "_began", "_current", "_first_token_timeout", "_left", "_loop", "_silence_timeout",
        "_since", "_source", "spoken", "total_left",
    )  # fmt: skip

    def __init__(self, provider: Provider) -> None:
        self._first_token_timeout = provider.first_token_timeout
        self._silence_timeout = provider.idle_timeout
        self.total_left = provider.total_timeout
        self._left = 0.0  # of the current limit
        self._current: Limit = "first_token"
        self._alarm: asyncio.TimerHandle | None = None
        self._source: Source | None = None
        self._loop = asyncio.get_running_loop()
        self._began = 0.0  # the waiting that is going on: of the total so much is used since
        self._since = 0.0  # then, or the last sign of life: of the current limit so much
        self.spoken = False

    def begin_attempt(self) -> None:
        self._await_now("first_token", self._first_token_timeout)

    def spoke(self) -> None:
        """A delta came."""
        if self._current == "silence":  # as mostly, and there are thousands a second
            self._left, self._since = self._silence_timeout, self._loop.time()
            return
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
        self.total_left -= seconds

    async def wait(self, model: Callable[[], Awaitable[T]]) -> T:
        """Await the model; raises `RanOut` when the tighter of the two running limits is used up."""
        limit, left = self._begin()
        try:
            async with asyncio.timeout(left) as bound:
                return await model()
        except TimeoutError:
            if bound.expired():
                raise RanOut(limit) from None
            raise
        finally:
            self._end()

    async def listen(self, source: Source) -> bytes | None:
        """The next piece of a stream, waited for in the same way.

        Thousands of pieces a second come this way, so they share one alarm, and none sets it anew: when it
        rings it looks at the clock, and mostly is only set again.
        """
        self._begin(source)
        try:
            return await source.receive()
        finally:
            self._end()

    async def overhear(self, source: Source, take: Take) -> None:
        """The same for pieces that `take` is given in the call that brings them, as long as it goes on.

        Whoever takes them says what they were: `spoke`, `moved`, or nothing at all.
        """
        self._begin(source)
        try:
            await source.overhear(take)
        finally:
            self._end()

    def rest(self) -> None:
        """Nothing is listened to any more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _await_now(self, limit: Limit, seconds: float) -> None:
        """While something is listened to, too: a token then costs one look at the clock."""
        is_another, self._current = limit != self._current, limit
        self._left, self._since = seconds, self._loop.time()
        if is_another and self._source is not None:
            self._set_alarm_by(self._tightest()[1])

    def _begin(self, source: Source | None = None) -> tuple[Limit, float]:
        """Wait from now on. The limit that runs out first, and in how many seconds; `RanOut` if it has."""
        self._began = self._since = self._loop.time()
        limit, due = self._tightest()
        if due <= self._began:
            raise RanOut(limit)
        if source is not None:
            self._set_alarm_by(due)
            self._source = source
        return limit, due - self._began

    def _end(self) -> None:
        now = self._loop.time()
        self._source = None
        self.total_left -= now - self._began
        self._left -= now - self._since

    def _tightest(self) -> tuple[Limit, float]:
        """While it waits: the limit that runs out first, and when."""
        total, current = self._began + self.total_left, self._since + self._left
        return ("total", total) if total < current else (self._current, current)

    def _set_alarm_by(self, due: float) -> None:
        if self._alarm is None or due < self._alarm.when():
            self.rest()
            self._alarm = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._source is None:
            return  # what takes its time is our own side; who listens next sets the alarm
        limit, due = self._tightest()
        if self._loop.time() < due:
            self._set_alarm_by(due)
        else:
            self._source.interrupt(RanOut(limit))
