"""Time, as something that is handed in: the wall clock for what people read, a steady one for durations."""

import time
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, in UTC. It may jump; never subtract two of these to measure a duration."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; it never goes back."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`, as every timestamp on the wire."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    # By hand, for every token bears one: `isoformat` takes twice as long.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (  # noqa: UP031 - an f-string takes as long as isoformat
        utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond // 1000,
    )  # fmt: skip


def today() -> date:
    """Today where the server stands: what "this month" means to the people who ask."""
    return datetime.now().astimezone().date()
