"""Time, as something that is handed in: the wall clock for what people read, a steady one for durations."""

import time
from datetime import UTC, date, datetime
from functools import partial
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, in UTC. It may jump; never subtract two of these to measure a duration."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; it never goes back."""
        ...


class SystemClock:
    now = staticmethod(partial(datetime.now, UTC))
    monotonic = staticmethod(time.monotonic)


class _Second:
    """A second that was written out once, for thousands of timestamps may lie within it."""

    def __init__(self, at: datetime) -> None:
        self.start = at.astimezone(UTC).replace(microsecond=0)
        self.text = self.start.isoformat()[:19]


_second = _Second(datetime.now(UTC))
_MILLISECONDS = tuple(f".{number:03}Z" for number in range(1000))


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`, as every timestamp on the wire."""
    global _second
    second = _second  # which another thread may replace
    since = at - second.start
    if since.days or since.seconds:
        second = _second = _Second(at)
        since = at - second.start
    return second.text + _MILLISECONDS[since.microseconds // 1000]


def today() -> date:
    """Today where the server stands: what "this month" means to the people who ask."""
    return datetime.now().astimezone().date()
