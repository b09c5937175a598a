"""Failed logins, counted by address; who fails again and again gets no hearing for a while.

A good token passes whatever was counted: behind one address may be a whole company, or our own proxy, and no
stranger may lock them out. What is slowed is guessing, and with it what guessing puts in the log.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from text2sql_ws.addresses import household
from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

log = structlog.get_logger()

FREE_FAILURES = 5
LONGEST_SECONDS = 60.0
FORGOTTEN_SECONDS = 900.0
ADDRESSES = 10_000
"""Beyond them the one that failed longest ago is forgotten."""


Tell = Callable[[str, int], None]
"""Hears of each failure that was counted: the address, and how many of its household there are by now."""


@dataclass(slots=True)
class _Record:
    count: int = 0
    at: float = 0.0
    deaf_until: float = 0.0


class FailedLogins:
    def __init__(self, clock: Clock, tell: Tell) -> None:
        self._clock = clock
        self._tell = tell
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def add(self, address: str, fault: Fault) -> Fault:
        """Count a failure, and return what to answer: `fault`, or RATE_LIMITED while there is no hearing."""
        now = self._clock.monotonic()
        record = self._record(household(address), now)
        if now < record.deaf_until:
            seconds = math.ceil(record.deaf_until - now)
            told = say("login.too_many_failures", seconds=seconds)
            return Fault(Code.RATE_LIMITED, told, retry_after=seconds)
        record.count += 1
        record.at = now
        if record.count >= FREE_FAILURES:
            record.deaf_until = now + min(2.0 ** (record.count - FREE_FAILURES), LONGEST_SECONDS)
        self._warn(address, record.count, fault)
        self._tell(address, record.count)
        return fault

    def _record(self, key: str, now: float) -> _Record:
        record = self._records.pop(key, None)
        if record is None or now - record.at > FORGOTTEN_SECONDS:
            record = _Record()
        self._records[key] = record
        if len(self._records) > ADDRESSES:
            self._records.popitem(last=False)
        return record

    def _warn(self, address: str, count: int, fault: Fault) -> None:
        event = "logins_fail_repeatedly" if count >= FREE_FAILURES else "login_failed"
        log.warning(event, security=True, address=address, failures=count, why=fault.message.en)
