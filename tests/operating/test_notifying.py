"""What systemd hears of the real process, from start to end; a datagram socket stands in for systemd."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.process import Process, started

PATIENCE_SECONDS = 60

pytestmark = pytest.mark.timeout(240)
"""A loaded machine takes its time to start processes."""
ALIVE = "WATCHDOG=1"


class Systemd:
    """`heard` is all that was said, in order."""

    def __init__(self, bound: socket.socket) -> None:
        self._bound = bound
        self.heard: list[str] = []

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            said = (await asyncio.get_running_loop().sock_recv(self._bound, 4096)).decode()
        self.heard.append(said)
        return said

    async def until(self, said: str) -> None:
        while not (await self.next()).startswith(said):
            pass

    def but_alive(self) -> list[str]:
        """What was said besides that the loop turns, a line of each."""
        return [said.splitlines()[0] for said in self.heard if said != ALIVE]


@asynccontextmanager
async def watched(folder: Path, watchdog_seconds: float) -> AsyncIterator[tuple[Process, Systemd]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(folder / "notify"))
        bound.setblocking(False)
        environment = {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": str(int(watchdog_seconds * 1e6)),
        }
        text = "[server]\nport = 0\ndrain_seconds = 0\n"
        async with started(text, folder, environment) as process:
            yield process, Systemd(bound)


async def test_what_systemd_hears_of_a_life(tmp_path: Path) -> None:
    async with watched(tmp_path, 0.2) as (process, systemd):
        await systemd.until("READY=1")
        await process.ready()
        for _ in range(3):
            await systemd.until(ALIVE)
        process.send(signal.SIGHUP)
        await systemd.until("RELOADING=1")
        since = int(systemd.heard[-1].split("MONOTONIC_USEC=")[1])
        assert since > 0
        await systemd.until("READY=1")
        assert systemd.heard[-1].endswith("\nSTATUS=")
        process.send(signal.SIGTERM)
        await systemd.until("STOPPING=1")
        assert systemd.but_alive() == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]
        assert await process.ended(30) == 0


async def test_systemctl_status_shows_why_a_reload_changed_nothing_and_what_it_could_not(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path, 60) as (process, systemd):
        await systemd.until("READY=1")
        settings = tmp_path / "service.toml"
        for text, remark in (
            ("[server]\nprot = 0\n", "reload refused: server.prot"),
            (
                "[server]\nport = 0\ndrain_seconds = 0\n[limits]\nqueries = 7\n",
                "restart needed for limits.queries",
            ),
        ):
            settings.write_text(text)
            process.send(signal.SIGHUP)
            await systemd.until("READY=1")
            assert systemd.heard[-1].startswith(f"READY=1\nSTATUS={remark}")
