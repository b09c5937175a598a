"""What systemd is told of this process: that it is ready, that it stops, that its event loop still turns.

The protocol is sd_notify(3) and sd_watchdog_enabled(3): a datagram a message, to the socket that
`NOTIFY_SOCKET` names. Without that variable nobody is told anything; what can't be told is logged, no more.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def reloading_now() -> str:
    """What is said before a reload, READY after it; systemd wants to know since when."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}"


def ready_again(remark: str) -> str:
    """What is said after a reload. `systemctl status` shows the remark, until the next one."""
    return f"{READY}\nSTATUS={' '.join(remark.split())}"


class Systemd:
    def __init__(self, environment: Mapping[str, str]) -> None:
        named = environment.get("NOTIFY_SOCKET", "")
        # An @ stands for the NUL that begins a name in the abstract namespace.
        self._address = f"\0{named[1:]}" if named.startswith("@") else named
        is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._patience = int(environment.get("WATCHDOG_USEC", 0)) / 1e6 if is_ours else 0.0

    def say(self, state: str) -> None:
        """Never blocks, never raises."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as notifying:
                notifying.sendto(state.encode(), self._address)
        except OSError as error:
            log.warning("systemd_not_told", state=state, why=error.strerror)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While the block runs, say that the event loop turns: twice as often as systemd wants to hear it."""
        feeding = asyncio.create_task(self._feed(), name="systemd")
        try:
            yield
        finally:
            feeding.cancel()
            await asyncio.wait({feeding})

    async def _feed(self) -> None:
        while self._patience > 0:
            self.say(ALIVE)
            await asyncio.sleep(self._patience / 2)
