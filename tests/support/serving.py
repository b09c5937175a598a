"""The real server in this process, on a free port, and a client that speaks `text2sql` to it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson

from text2sql_ws.app import serving
from text2sql_ws.clock import Clock
from text2sql_ws.settings import load

Message = dict[str, Any]
ENDINGS = ("query_complete", "query_error", "query_cancel")
PATIENCE_SECONDS = 20


class Client:
    """One WebSocket connection. `seen` keeps every message in order."""

    def __init__(self, served: "Served", ws: aiohttp.ClientWebSocketResponse) -> None:
        self.served = served
        self.ws = ws
        self.seen: list[Message] = []

    async def send(self, kind: str, **data: Any) -> None:
        await self.ws.send_str(orjson.dumps({"type": kind, "data": data}).decode())

    async def ask(self, query: str, **options: Any) -> str:
        """Send a question; returns its id. `datasource` names one, the rest are options."""
        datasource = options.pop("datasource", None)
        config = {"datasource": datasource} if datasource else {}
        await self.send("query_request", query=query, database_config=config, options=options)
        started: str = (await self.until("query_start"))["data"]["query_id"]
        return started

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message: Message = orjson.loads(await self.ws.receive_str())
        self.seen.append(message)
        return message

    async def until(self, *kinds: str) -> Message:
        """The next message of one of these kinds."""
        while (message := await self.next())["type"] not in kinds:
            pass
        return message

    async def answer(self, query: str, **options: Any) -> list[Message]:
        """Ask, and return every message of the query in order, start and ending included."""
        before = len(self.seen)
        query_id = await self.ask(query, **options)
        while (await self.until(*ENDINGS))["data"].get("query_id") != query_id:
            pass
        return [m for m in self.seen[before:] if m["data"].get("query_id") == query_id]

    async def closed(self) -> int:
        """Read on until the server closes; returns the close code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                self.seen.append(orjson.loads(message.data))
        assert self.ws.close_code is not None
        return self.ws.close_code


@dataclass
class Served:
    """A running server: `address` is its origin."""

    address: str
    http: aiohttp.ClientSession

    @asynccontextmanager
    async def client(self, headers: Mapping[str, str] | None = None, **query: str) -> AsyncIterator[Client]:
        """A connected client, its ack read."""
        async with self.http.ws_connect(
            f"{self.address}/text2sql/websocket", params=query, headers=headers, autoping=True, max_msg_size=0
        ) as ws:
            client = Client(self, ws)
            await client.next()
            yield client

    async def get(self, path: str, status: int = 200) -> Any:
        async with self.http.get(self.address + path) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        async with self.http.post(self.address + path, json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()


@asynccontextmanager
async def served(
    folder: Path, settings: Mapping[str, Any], clock: Clock | None = None
) -> AsyncIterator[Served]:
    """Run the server with these settings over the defaults, on a free port, all its files in `folder`."""
    given = {"server": {"port": 0, "drain_seconds": 0}, "storage": {"url": f"sqlite:///{folder}/own.db"}}
    merged = {**given, **settings, "server": {**given["server"], **settings.get("server", {})}}
    async with serving(load(None, merged), folder / "var", clock) as address, aiohttp.ClientSession() as http:
        yield Served(address, http)


def make_shop(path: Path) -> Path:
    """A little SQLite database: cities, and orders with amounts."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE cities ( -- 城市
          id INTEGER PRIMARY KEY, -- 编号
          name TEXT NOT NULL -- 名称
        );
        CREATE TABLE orders ( -- 订单
          id INTEGER PRIMARY KEY, -- 编号
          city_id INTEGER NOT NULL REFERENCES cities (id), -- 城市
          amount REAL, -- 金额
          made_on DATE -- 下单日期
        );
        INSERT INTO cities VALUES (1, '上海'), (2, '北京'), (3, '广州');
        """
    )
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        [(n, n % 3 + 1, n * 1.5, f"2026-{n % 12 + 1:02}-01") for n in range(1, 1001)],
    )
    connection.commit()
    connection.close()
    return path


@dataclass(frozen=True)
class Leftovers:
    """What may not grow: tasks of this process, and its open descriptors."""

    tasks: int
    descriptors: int

    @classmethod
    def now(cls) -> Self:
        return cls(len(asyncio.all_tasks()), sum(1 for _ in Path("/proc/self/fd").iterdir()))


async def settled(before: Leftovers, seconds: float = 2.0) -> Leftovers:
    """What is left once nothing more goes away, or after `seconds`."""
    async with asyncio.timeout(seconds + 1):
        for _ in range(int(seconds / 0.02)):
            now = Leftovers.now()
            if now.tasks <= before.tasks and now.descriptors <= before.descriptors:
                return now
            await asyncio.sleep(0.02)
    return Leftovers.now()
