"""The process, told to end or killed: it goes in time, and nothing it had running elsewhere outlives it."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer
from tests.support.process import Process, free_port, started
from tests.support.raw_client import RawClient
from tests.support.serving import Client, Served, make_shop

FOUR = "orders a, orders b, orders c, orders d"
ENDLESS = f"SELECT a.id, b.amount FROM {FOUR}"
SLOW = f"SELECT MAX(a.amount + b.amount + c.amount + d.amount) AS most FROM {FOUR}"
DRAIN = 0.5


@pytest.fixture
async def crowded(mariadb: MariaDb) -> AsyncIterator[MariaDb]:
    """The test database with enough orders for a statement that runs for years."""
    await mariadb.execute(
        "INSERT INTO orders (id, amount, status, placed_at) "
        "SELECT seq + 1000, seq, '已付款', '2025-01-01' FROM seq_1_to_3000"
    )
    yield mariadb
    await mariadb.execute("DELETE FROM orders WHERE id > 1000")


def config(folder: Path, model_url: str, database: MariaDb | None = None, port: int = 0) -> str:
    far = "" if database is None else (
        f'[datasources.far]\ntype = "mysql"\nhost = "{database.host}"\nport = {database.port}\n'
        f'user = "{database.user}"\npassword = "{database.password}"\ndatabase = "{database.database}"\n'
        "pool_size = 30\n"
    )  # fmt: skip
    shop = folder / "shop.db"
    return (
        f"[server]\nport = {port}\ndrain_seconds = {DRAIN}\n[limits]\nconnections_per_user = 1000\n"
        f'[llm.providers.main]\nbase_url = "{model_url}"\nmodel = "m"\n[storage]\nurl = "sqlite:///own.db"\n{far}'
        f'[datasources.shop]\ntype = "sqlite"\npath = "{shop if shop.exists() else make_shop(shop)}"\n'
    )


async def gone(database: MariaDb, seconds: float = 3.0) -> None:
    """Wait until the reader has no connection at all."""
    async with asyncio.timeout(seconds):
        while await database.connections():
            await asyncio.sleep(0.02)


async def asked(server: Served, session_id: str, count: int, query: str, datasource: str) -> Client:
    """A client with so many questions on their way, who then waits."""
    ws = await server.http.ws_connect(f"{server.address}/text2sql/websocket?session_id={session_id}")
    client = Client(server.http, ws)
    await client.next()
    for _ in range(count):
        await client.ask(query, datasource=datasource, explain=False)
    return client


async def stalled(process: Process) -> RawClient:
    """A client that three endless results stream to, and that takes nothing any more."""
    client = await RawClient.connect(process.port)
    for _ in range(3):
        client.ask(ENDLESS)
    while (await client.message())["type"] != "query_result":
        pass
    client.stop_reading()
    return client


async def test_sigterm_with_a_hundred_queries(tmp_path: Path, crowded: MariaDb) -> None:
    """A silent model, statements that run, clients that don't read: exit 0, and nothing is left anywhere."""
    silent = asyncio.Event()
    async with ModelServer(lambda body: ["SELECT", silent]) as model, aiohttp.ClientSession() as http:
        async with started(config(tmp_path, model.base_url, crowded), tmp_path) as process:
            await process.ready()
            server = Served(process.address, http)
            waiting = [await asked(server, f"m{n}", 3, "问", "far") for n in range(28)]
            running = [await asked(server, f"r{n}", 2, SLOW, "far") for n in range(2)]
            deaf = [await stalled(process) for _ in range(4)]
            assert len(await server.get("/text2sql/queries")) == 100
            began = asyncio.get_running_loop().time()
            process.send(signal.SIGTERM)
            codes = await asyncio.gather(*(client.closed() for client in waiting + running))
            assert set(codes) == {1001}
            assert await process.ended(DRAIN + 8) == 0, process.log
            assert asyncio.get_running_loop().time() - began >= DRAIN
            for client in waiting + running:
                assert [m["type"] for m in client.seen].count("query_cancel") == sum(
                    m["type"] == "query_start" for m in client.seen
                )
            await model.streams_closed(1.0)
            await gone(crowded)
            for client in deaf:
                client.kill()
            assert "Traceback" not in process.log


async def test_sigterm_lets_a_query_end_that_can(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer(lambda body: ["```sql\nSELECT name FROM cities\n", go, "```"]) as model:
        async with started(config(tmp_path, model.base_url), tmp_path) as process:
            await process.ready()
            async with aiohttp.ClientSession() as http:
                client = await asked(Served(process.address, http), "s1", 1, "问", "shop")
                await client.until("query_token")
                process.send(signal.SIGTERM)
                await asyncio.sleep(0.1)
                go.set()
                assert await client.closed() == 1001
            assert "query_complete" in [m["type"] for m in client.seen]
            assert await process.ended(10) == 0


async def test_sigterm_twice_ends_at_once(tmp_path: Path) -> None:
    silent = asyncio.Event()
    async with ModelServer(lambda body: ["SELECT", silent]) as model:
        text = config(tmp_path, model.base_url).replace(f"drain_seconds = {DRAIN}", "drain_seconds = 60")
        async with started(text, tmp_path) as process, aiohttp.ClientSession() as http:
            await process.ready()
            client = await asked(Served(process.address, http), "s1", 1, "问", "shop")
            await client.until("query_token")
            process.send(signal.SIGTERM)
            while "shutting_down" not in process.log:
                await asyncio.sleep(0.02)
            process.send(signal.SIGTERM)
            assert await process.ended(3) == 130
            await model.streams_closed(1.0)


@pytest.mark.parametrize("seconds", [0.3, 1.3])
async def test_sigterm_during_start(tmp_path: Path, seconds: float) -> None:
    """Whenever it comes: the process ends, and the next start finds nothing in its way."""
    port = free_port()
    text = config(tmp_path, "http://127.0.0.1:9/v1", port=port)
    async with started(text, tmp_path) as process:
        await asyncio.sleep(seconds)
        process.send(signal.SIGTERM)
        # Before Python has got as far as to hear signals, the kernel's own way is as good.
        assert await process.ended(10) in (0, -signal.SIGTERM), process.log
        assert "Traceback" not in process.log
    async with started(text, tmp_path) as process:
        await process.ready()


async def test_after_sigkill_the_next_start_ends_what_was_left(tmp_path: Path, crowded: MariaDb) -> None:
    text = config(tmp_path, "http://127.0.0.1:9/v1", crowded, free_port())
    async with aiohttp.ClientSession() as http:
        async with started(text, tmp_path) as process:
            await process.ready()
            client = await asked(Served(process.address, http), "s1", 2, SLOW, "far")
            async with asyncio.timeout(5):
                while len(await crowded.processlist()) < 2:
                    await asyncio.sleep(0.02)
            process.send(signal.SIGKILL)
            assert await process.ended(2) == -signal.SIGKILL
        await client.ws.close()
        assert len(await crowded.processlist()) == 2, "the database goes on with what nobody waits for"
        async with started(text, tmp_path) as process:
            await process.ready()
            async with asyncio.timeout(5):
                while await crowded.processlist():
                    await asyncio.sleep(0.02)
            server = Served(process.address, http)
            async with server.client(session_id="s1", last_sequence="3") as client:
                assert client.seen[0]["data"]["reason"] == "unknown"
                answer = await client.answer("SELECT id FROM orders LIMIT 3", datasource="far")
                assert answer[-1]["type"] == "query_complete"
            process.send(signal.SIGTERM)
            assert await process.ended(10) == 0
    await gone(crowded)


async def test_systemd_hears_of_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(str(tmp_path / "notify"))
        hearing.setblocking(False)
        told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        async with started(config(tmp_path, "http://127.0.0.1:9/v1"), tmp_path, told) as process:
            await process.ready()
            await asyncio.sleep(0.3)
            process.send(signal.SIGTERM)
            assert await process.ended(10) == 0
        heard = []
        try:
            while True:
                heard.append(hearing.recv(100).decode())
        except BlockingIOError:
            pass
    assert [state for state in heard if state != "WATCHDOG=1"] == ["READY=1", "STOPPING=1"]
    ready = heard.index("READY=1")
    assert heard[ready:].count("WATCHDOG=1") >= 2
