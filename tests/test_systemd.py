"""A real datagram socket in systemd's place."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from text2sql_ws.systemd import READY, STOPPING, Systemd


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.setblocking(False)
        yield bound


async def heard(hearing: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(hearing, 4096)).decode()


def waiting(hearing: socket.socket) -> list[str]:
    """What has arrived by now."""
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(hearing.recv(4096).decode())
    return found


async def test_states_arrive_as_they_are_said(hearing: socket.socket) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": hearing.getsockname()})
    systemd.say(READY)
    systemd.say(STOPPING)
    assert [await heard(hearing), await heard(hearing)] == ["READY=1", "STOPPING=1"]


async def test_a_name_in_the_abstract_namespace() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(f"\0text2sql-ws-{os.getpid()}")
        bound.setblocking(False)
        Systemd({"NOTIFY_SOCKET": f"@text2sql-ws-{os.getpid()}"}).say(READY)
        assert await heard(bound) == "READY=1"


async def test_the_watchdog_is_fed_from_the_loop_until_the_end(hearing: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": hearing.getsockname(), "WATCHDOG_USEC": "40000"}
    loop = asyncio.get_running_loop()
    async with Systemd(environment).watching():
        began = loop.time()
        assert [await heard(hearing) for _ in range(4)] == ["WATCHDOG=1"] * 4
        assert loop.time() - began >= 0.05
    assert set(waiting(hearing)) <= {"WATCHDOG=1"}
    await asyncio.sleep(0.05)
    assert waiting(hearing) == []


@pytest.mark.parametrize(
    "environment", [{}, {"WATCHDOG_USEC": "1000"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}]
)
async def test_where_nobody_listens_nothing_is_said(environment: dict[str, str]) -> None:
    with capture_logs() as logged:
        systemd = Systemd(environment)
        async with systemd.watching():
            systemd.say(READY)
            await asyncio.sleep(0)
    assert logged == []


async def test_another_process_s_watchdog_is_not_fed(hearing: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": hearing.getsockname(), "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
    async with Systemd(environment).watching():
        await asyncio.sleep(0.01)
    assert waiting(hearing) == []


async def test_a_socket_that_is_gone_is_logged_and_no_more(tmp_path: Path) -> None:
    with capture_logs() as logged:
        Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).say(READY)
    assert [entry["event"] for entry in logged] == ["systemd_not_told"]
