"""The bench that faults are tried on: the service over a little shop, a scripted model, a proxy before each.

And the bystander: another client, whom nothing of what is done to the first may touch.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from structlog.testing import capture_logs

from tests.support.free import Holdings, freed
from tests.support.mariadb import MariaDb
from tests.support.model_server import Answer, ModelServer
from tests.support.proxy import Proxy
from tests.support.raw_client import RawClient
from tests.support.serving import Client, Served, make_shop, served

LATENCY_SECONDS = 4.0
"""No answer to a bystander may take longer; most of it is for a machine that others work on."""

ENDLESS = "SELECT a.id, b.amount, c.amount AS more FROM orders a, orders b, orders c, orders d"
SAID = "```sql\nSELECT name FROM cities\n```"
POOL_SIZE = 2
KEPT = {"socket": 3 * POOL_SIZE + 3, "task Proxy._accept": POOL_SIZE + 1, "task _pump": 2 * POOL_SIZE + 2}
"""Idle connections to a database and to the model are no leak; each is three sockets, the proxy has two."""

STORAGE_POOL = 5

LIMITS: Mapping[str, Any] = {
    "connections_per_user": 1000,
    "slow_client_timeout": 0.6,
    "outbox_bytes": 65_536,
    "resume_bytes": 262_144,
    "resume_seconds": 0.3,
    "messages_per_minute": 100_000,
}


@dataclass
class Bench:
    """`server` is reached directly, or through `network`; the service reaches its model through `wire`."""

    server: Served
    model: ModelServer
    network: Proxy
    wire: Proxy
    script: list[Answer]
    before: Holdings
    folder: Path
    rough: list[RawClient] = field(default_factory=list)

    def says(self, *answers: Answer) -> None:
        """The model's next answers; beyond them it says what a bystander needs."""
        self.script[:] = answers

    async def raw(self, **query: str) -> RawClient:
        """A client of the roughest kind, through the network."""
        client = await RawClient.connect(self.network.port, **query)
        assert (await client.message())["type"] == "connection_ack"
        self.rough.append(client)
        return client

    async def connections(self) -> int:
        return int((await self.server.get("/text2sql/connections"))["total_connections"])

    async def dropped(self, seconds: float = 10.0) -> None:
        """Wait until the service has let go of all connections but the bystander's."""
        async with asyncio.timeout(seconds):
            while await self.connections() > 1:
                await asyncio.sleep(0.02)

    async def is_free(self, seconds: float = 4.0) -> None:
        """Check that the service, still running, holds nothing of its clients any more."""
        for client in self.rough:
            client.kill()
        async with asyncio.timeout(seconds):
            while await self.connections() or await self.server.get("/text2sql/queries"):
                await asyncio.sleep(0.02)
        await self.model.streams_closed(seconds)
        await freed(self.before, kept={**KEPT, **self.storage}, seconds=seconds)

    @property
    def storage(self) -> dict[str, int]:
        """Idle connections to our own storage, as many as its pool keeps: a file, its log, a thread each."""
        names = (str(self.folder / "own.db"), str(self.folder / "own.db-wal"))
        return dict.fromkeys([*names, "thread Thread (_connection_worker_thread)"], STORAGE_POOL)


@asynccontextmanager
async def bench(folder: Path, **settings: Any) -> AsyncIterator[Bench]:
    """The bench over SQLite; `settings` over those that make faults show quickly."""
    shop = {"type": "sqlite", "path": str(make_shop(folder / "shop.db")), "pool_size": POOL_SIZE}
    async with _bench(folder, {"datasources": {"shop": shop}} | settings) as standing:
        yield standing


@asynccontextmanager
async def bench_over(folder: Path, database: MariaDb, port: int, **settings: Any) -> AsyncIterator[Bench]:
    """The bench over MariaDB, reached at `port`; beside it a little SQLite shop for the bystander."""
    shop = {"type": "sqlite", "path": str(make_shop(folder / "shop.db")), "pool_size": POOL_SIZE}
    far = {
        "type": "mysql", "host": database.host, "port": port, "user": database.user,
        "password": database.password, "database": database.database, "pool_size": POOL_SIZE,
        "max_rows": 100_000_000,
    }  # fmt: skip
    async with _bench(folder, {"datasources": {"shop": shop, "far": far}} | settings) as standing:
        yield standing


@asynccontextmanager
async def _bench(folder: Path, settings: Mapping[str, Any]) -> AsyncIterator[Bench]:
    script: list[Answer] = []
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(ModelServer(lambda body: script.pop(0) if script else SAID))
        wire = await stack.enter_async_context(Proxy(model.port))
        provider = {
            "base_url": f"http://127.0.0.1:{wire.port}/v1", "model": "m", "max_retries": 0,
            "first_token_timeout": 0.5, "idle_timeout": 0.5, "total_timeout": 3,
        }  # fmt: skip
        given = {"llm": {"providers": {"main": provider}}} | dict(settings)
        given["limits"] = dict(LIMITS) | given.get("limits", {})
        server = await stack.enter_async_context(served(folder, given))
        network = await stack.enter_async_context(Proxy(int(server.address.rsplit(":", 1)[1])))
        standing = Bench(server, model, network, wire, script, Holdings.now(), folder)
        await _warm_up(standing)
        yield standing


async def _warm_up(standing: Bench) -> None:
    """Have everything made that is made once: the pool's connections, the model's, the tests' own."""
    async with standing.server.client() as client:
        await client.answer("城市", datasource="shop", visualize=False)
        busy = {await client.ask(ENDLESS, datasource="shop", visualize=False) for _ in range(POOL_SIZE)}
        streaming: set[str] = set()
        while streaming < busy:
            streaming.add((await client.until("query_result"))["data"]["query_id"])
        for query_id in busy:
            await client.send("query_cancel", query_id=query_id)
            await client.until("query_cancel")
    while await standing.connections():
        await asyncio.sleep(0.01)
    standing.before = Holdings.now()


@asynccontextmanager
async def unharmed(standing: Bench) -> AsyncIterator[None]:
    """While the block runs a bystander asks and beats; each answer came in time, and the connection stayed.

    Afterwards the service is free of everything, and has logged nothing that nobody foresaw.
    """
    async with AsyncExitStack() as stack:
        logged = stack.enter_context(capture_logs())
        client = await stack.enter_async_context(standing.server.client())
        over = asyncio.Event()
        watching = asyncio.create_task(_stand_by(client, over))
        try:
            yield
        finally:
            over.set()
            rounds, slowest = await watching
    assert rounds >= 1
    assert slowest < LATENCY_SECONDS, f"a bystander waited {slowest:.2f} s"
    await standing.is_free()
    assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def _stand_by(client: Client, over: asyncio.Event) -> tuple[int, float]:
    """Ask again and again: how often, and the longest time that an answer took, in seconds."""
    loop = asyncio.get_running_loop()
    rounds, slowest = 0, 0.0
    while not over.is_set() or not rounds:
        for step in (_beat, _select):
            began = loop.time()
            await step(client)
            slowest = max(slowest, loop.time() - began)
        rounds += 1
        await asyncio.sleep(0.02)
    return rounds, slowest


async def _beat(client: Client) -> None:
    await client.send("heartbeat")
    await client.until("heartbeat")


async def _select(client: Client) -> None:
    options = {"explain": False, "visualize": False}
    messages = await client.answer("SELECT name FROM cities", datasource="shop", **options)
    assert messages[-1]["type"] == "query_complete", messages[-1]


async def hung_up(ws: aiohttp.ClientWebSocketResponse) -> None:
    """Read until the connection is gone."""
    while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
