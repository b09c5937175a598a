"""How long to wait before a model is asked again. Pure; the loop that waits is the client's."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 30.0
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0


def backoff(attempt: int, random: Callable[[], float]) -> float:
    """Seconds before the attempt after `attempt` (from 0): exponential, with full jitter.

    `random` gives a number from 0 to 1. Full jitter spreads clients that failed together; see Brooker,
    "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return random() * min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(attempt, 10))


def requested_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks us to wait, or None; `now` in seconds since the epoch.

    `Retry-After` (RFC 9110, 10.2.3) is a number or a date; OpenAI and Azure add `retry-after-ms`.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after", "").strip()
    seconds = _number(asked)
    return _until(asked, now) if seconds is None else seconds


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
