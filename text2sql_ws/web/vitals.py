"""What is known of one connection's life: since when, how much came in, how it answers pings."""

import asyncio
import secrets
from datetime import datetime

from text2sql_ws.clock import Clock

PINGS = 16
"""Pings of one connection that may be on their way; more are for somebody who pings in a loop."""


class Vitals:
    __slots__ = ("_clock", "_pings", "heard_at", "pinged_at", "received", "since")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.since = clock.now()
        self.received = 0
        self.pinged_at: datetime | None = None
        self.heard_at = self.since
        self._pings: dict[bytes, asyncio.Future[float]] = {}

    def beat(self) -> None:
        """A heartbeat goes out."""
        self.pinged_at = self._clock.now()

    def message(self) -> None:
        """A message came in."""
        self.received += 1
        self.heard_at = self._clock.now()

    def pong(self, payload: bytes) -> None:
        self.heard_at = self._clock.now()
        waiting = self._pings.get(bytes(payload))
        if waiting is not None and not waiting.done():
            waiting.set_result(self._clock.monotonic())

    def ping(self) -> bytes | None:
        """What to send for the next ping; `None` where too many are on their way."""
        if len(self._pings) >= PINGS:
            return None
        payload = secrets.token_bytes(8)
        self._pings[payload] = asyncio.get_running_loop().create_future()
        self.beat()
        return payload

    async def answered(self, payload: bytes, seconds: float) -> float | None:
        """The seconds until a ping was answered; `None` where that took too long. Call it once for each."""
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(seconds):
                return await self._pings[payload] - began
        except TimeoutError:
            return None
        finally:
            del self._pings[payload]
