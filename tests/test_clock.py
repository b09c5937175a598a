"""Timestamps, written by hand, are what `isoformat` would write, whatever was written before."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from text2sql_ws.clock import iso

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.integers(-60_000_000_000_000_000, 250_000_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
NEAR = st.timedeltas(timedelta(seconds=-2), timedelta(seconds=2)) | st.integers(-9, 9).map(timedelta)


@given(TIMES, ZONES, st.lists(NEAR, max_size=5))
def test_milliseconds_in_utc(at: datetime, zone: timezone, steps: list[timedelta]) -> None:
    at = at.astimezone(zone)
    for step in [timedelta(), *steps]:
        at += step
        assert iso(at) == at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
