"""What a machine does to the service: a stopped client, no descriptors, a full disk, a clock set back."""

import asyncio
import resource
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.support.process import Process, started
from tests.support.serving import Client, Served, make_shop
from text2sql_ws.app import serving
from text2sql_ws.clock import SystemClock
from text2sql_ws.settings import load

ENDLESS = "SELECT a.id, b.amount FROM orders a, orders b, orders c, orders d"
OTHERS = 199
SLOW_CLIENT_SECONDS = 2.0
FREED_SECONDS = 12.0

READER = """
import asyncio, sys, aiohttp
async def main():
    async with aiohttp.ClientSession() as http, http.ws_connect(sys.argv[1], max_msg_size=0) as ws:
        await ws.send_json({"type": "query_request", "data": {"query": sys.argv[2]}})
        async for message in ws:
            if '"query_result"' in message.data[:200]:
                print("streaming", flush=True)
asyncio.run(main())
"""


def config(folder: Path) -> str:
    shop = folder / "shop.db"
    return (
        "[server]\nport = 0\ndrain_seconds = 0\n[limits]\nconnections_per_user = 1000\nqueries = 1000\n"
        f"slow_client_timeout = {SLOW_CLIENT_SECONDS}\nresume_seconds = 0.5\nmessages_per_minute = 100000\n"
        '[storage]\nurl = "sqlite:///own.db"\n'
        f'[datasources.shop]\ntype = "sqlite"\npath = "{shop if shop.exists() else make_shop(shop)}"\n'
        "pool_size = 16\nmax_rows = 100000000\n"
    )


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    async with started(config(tmp_path), tmp_path) as process:
        await process.ready()
        yield process


@asynccontextmanager
async def connected(process: Process, **query: str) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        async with Served(process.address, http).client(**query) as client:
            yield client


# --- a stopped client -------------------------------------------------------------------------------


@asynccontextmanager
async def stopped_reader(process: Process) -> AsyncIterator[None]:
    """Another process that a big result streams to, stopped in the middle of it."""
    address = process.address.replace("http", "ws") + "/text2sql/websocket"
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READER, address, ENDLESS, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert reader.stdout is not None
        async with asyncio.timeout(30):
            await reader.stdout.readline()
        reader.send_signal(signal.SIGSTOP)
        yield
    finally:
        reader.kill()
        await reader.wait()
        reader._transport.close()  # type: ignore[attr-defined]


async def slowest_beat(clients: list[Client]) -> float:
    """All clients beat once, one after the other: the longest that one waited, in seconds."""
    loop, slowest = asyncio.get_running_loop(), 0.0
    for client in clients:
        began = loop.time()
        await client.send("heartbeat")
        await client.until("heartbeat")
        slowest = max(slowest, loop.time() - began)
    return slowest


async def test_a_stopped_client_among_two_hundred_harms_only_itself(process: Process) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(process)) for _ in range(OTHERS)]
        admin = clients[0].served
        before = await slowest_beat(clients)
        async with stopped_reader(process):
            during = await slowest_beat(clients)
            async with asyncio.timeout(FREED_SECONDS):
                while (await admin.get("/text2sql/connections"))["total_connections"] > OTHERS:
                    await asyncio.sleep(0.05)
                while await admin.get("/text2sql/queries"):
                    await asyncio.sleep(0.05)
        assert during < before + 1.0
        answered = await clients[-1].answer("SELECT name FROM cities", explain=False, visualize=False)
        assert answered[-1]["type"] == "query_complete"


# --- no descriptors left ------------------------------------------------------------------------------


async def test_with_256_descriptors_who_is_in_is_served_and_room_comes_back(process: Process) -> None:
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (256, 256))
    async with AsyncExitStack() as stack:
        crowd = [await asyncio.open_connection("127.0.0.1", process.port) for _ in range(400)]
        for _, writer in crowd:
            stack.callback(writer.close)
        await asyncio.sleep(0.5)
    async with asyncio.timeout(30), connected(process) as client:
        answered = await client.answer("SELECT name FROM cities", explain=False)
        assert answered[-1]["type"] == "query_complete"
    assert "Traceback" not in process.log
    assert process.log.count("\n") < 1000


# --- a full disk --------------------------------------------------------------------------------------


async def test_a_full_disk_costs_no_answer(process: Process, tmp_path: Path) -> None:
    """Files may not grow any more: what can't be stored is said so, questions are still answered."""
    async with connected(process) as client:
        await client.answer("SELECT name FROM cities", explain=False)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        await client.send("user_feedback", query_id="q", feedback={"rating": 1})
        refused = (await client.until("query_error"))["data"]
        assert refused["code"] == "UNKNOWN_ERROR"
        assert str(tmp_path) not in orjson.dumps(refused).decode()
        kept = await client.answer("SELECT name FROM cities", explain=False, conversation_id="c")
        assert kept[-1]["type"] == "query_complete"
        assert [warning["code"] for warning in kept[-1]["data"]["warnings"]] == ["UNKNOWN_ERROR"]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        await client.send("user_feedback", query_id="q", feedback={"rating": 1})
        await client.until("user_feedback")


# --- a clock that jumps -------------------------------------------------------------------------------


class JumpingClock(SystemClock):
    """The system's, except that somebody sets the time of day."""

    def __init__(self) -> None:
        self.set_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.set_by


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_set_by_an_hour_ends_nothing(tmp_path: Path, hours: int) -> None:
    clock = JumpingClock()
    settings = {
        "server": {"port": 0, "drain_seconds": 0},
        "storage": {"url": f"sqlite:///{tmp_path}/own.db"},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "limits": {"resume_seconds": 30},
    }
    async with serving(load(None, settings), tmp_path / "var", clock) as address:
        async with aiohttp.ClientSession() as http:
            served = Served(address, http)
            async with served.client(session_id="s") as client:
                await client.answer("SELECT name FROM cities", explain=False)
                query_id = await client.ask(ENDLESS)
                await client.until("query_result")
                clock.set_by = timedelta(hours=hours)
                await client.send("heartbeat")
                await client.until("heartbeat")
                last = max(message.get("sequence", 0) for message in client.seen)
            async with served.client(session_id="s", last_sequence=str(last)) as client:
                assert client.seen[0]["data"]["resumed"]
                await client.until("query_result")
                await client.send("query_cancel", query_id=query_id)
                await client.until("query_cancel")
                answered = await client.answer("SELECT name FROM cities", explain=False)
                assert answered[-1]["type"] == "query_complete"
                assert 0 <= answered[-1]["data"]["execution_time"] < 60
                assert (await served.get(f"/text2sql/queries/{query_id}"))["status"] == "cancelled"
