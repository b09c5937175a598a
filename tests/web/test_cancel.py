"""A cancel really stops: the model's stream, the statement in the database; and leaves nothing behind."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer
from tests.support.serving import Client, Leftovers, Served, make_shop, served, settled

FOUR = "orders a, orders b, orders c, orders d"
ENDLESS = f"SELECT a.id, b.amount FROM {FOUR}"
SLOW = f"SELECT MAX(a.amount + b.amount + c.amount + d.amount) AS most FROM {FOUR}"


@asynccontextmanager
async def sqlite_server(folder: Path, model: ModelServer, **limits: Any) -> AsyncIterator[Served]:
    settings = {
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
        "limits": limits,
    }
    async with served(folder, settings) as server:
        yield server


@asynccontextmanager
async def mysql_server(folder: Path, model: ModelServer, database: MariaDb) -> AsyncIterator[Served]:
    shop = {
        "type": "mysql", "host": database.host, "port": database.port, "user": database.user,
        "password": database.password, "database": database.database,
    }  # fmt: skip
    settings = {
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
        "datasources": {"shop": shop},
    }
    async with served(folder, settings) as server:
        yield server


@pytest.fixture
async def crowded(mariadb: MariaDb) -> AsyncIterator[MariaDb]:
    """The test database with enough orders for a statement that runs for years."""
    await mariadb.execute(
        "INSERT INTO orders (id, amount, status, placed_at) "
        "SELECT seq + 1000, seq, '已付款', '2025-01-01' FROM seq_1_to_3000"
    )
    yield mariadb
    await mariadb.execute("DELETE FROM orders WHERE id > 1000")


async def statement_runs(database: MariaDb) -> None:
    async with asyncio.timeout(5):
        while not await database.processlist(database.user):
            await asyncio.sleep(0.01)


async def statements_gone(database: MariaDb, seconds: float = 1.0) -> None:
    async with asyncio.timeout(seconds):
        while await database.processlist(database.user):
            await asyncio.sleep(0.01)


async def cancelled(client: Client, query_id: str) -> None:
    """Cancel, and check that nothing of the query follows its ending."""
    await client.send("query_cancel", query_id=query_id)
    ending = await client.until("query_cancel")
    assert ending["data"]["query_id"] == query_id
    await client.send("heartbeat")
    assert (await client.next())["type"] == "heartbeat"


async def test_during_tokens_the_models_stream_is_closed(tmp_path: Path) -> None:
    async with ModelServer(lambda body: itertools.repeat("SELECT ")) as model:
        async with sqlite_server(tmp_path, model) as server, server.client() as client:
            query_id = await client.ask("q")
            await client.until("query_token")
            assert model.open_streams == 1
            await cancelled(client, query_id)
            await model.streams_closed(1.0)


async def test_while_the_model_is_silent(tmp_path: Path) -> None:
    silent = asyncio.Event()
    async with ModelServer(lambda body: [silent]) as model:
        async with sqlite_server(tmp_path, model) as server, server.client() as client:
            query_id = await client.ask("q")
            while not model.open_streams:
                await asyncio.sleep(0.01)
            await cancelled(client, query_id)
            await model.streams_closed(1.0)


async def test_during_a_statement_it_is_killed_in_mariadb(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model:
        async with mysql_server(tmp_path, model, crowded) as server, server.client() as client:
            query_id = await client.ask(SLOW)
            await statement_runs(crowded)
            await cancelled(client, query_id)
            await statements_gone(crowded)


async def test_during_rows_the_statement_is_killed_in_mariadb(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model:
        async with mysql_server(tmp_path, model, crowded) as server, server.client() as client:
            query_id = await client.ask(ENDLESS)
            await client.until("query_result")
            await client.until("query_result")
            await cancelled(client, query_id)
            await statements_gone(crowded)


@pytest.mark.parametrize("sql", [ENDLESS, SLOW], ids=["rows", "before the first row"])
async def test_in_sqlite_the_statement_is_interrupted(tmp_path: Path, sql: str) -> None:
    async with ModelServer() as model:
        async with sqlite_server(tmp_path, model) as server, server.client() as client:
            query_id = await client.ask(sql)
            if sql is ENDLESS:
                await client.until("query_result")
            await cancelled(client, query_id)
            # Its slot is free again: more queries than the pool has connections, one after the other.
            for _ in range(10):
                again = await client.ask(sql)
                await cancelled(client, again)
            await client.answer("SELECT 1 AS one FROM cities")


async def test_two_hundred_rounds_leave_nothing_behind(tmp_path: Path, crowded: MariaDb) -> None:
    """Cancelled in tokens, in a statement, in rows, or not at all: tasks and descriptors are as before."""

    def script(body: dict[str, Any]) -> Any:
        asked = body["messages"][-1]["content"]
        return itertools.repeat("SELECT ") if asked == "forever" else "done"

    async with ModelServer(script) as model, mysql_server(tmp_path, model, crowded) as server:
        async with server.client() as client:
            await client.answer("SELECT id FROM orders LIMIT 3")
        before = Leftovers.now()
        for number in range(200):
            async with server.client() as client:
                match number % 4:
                    case 0:
                        query_id = await client.ask("forever")
                        await client.until("query_token")
                        await cancelled(client, query_id)
                    case 1:
                        query_id = await client.ask(SLOW)
                        await cancelled(client, query_id)
                    case 2:
                        query_id = await client.ask(ENDLESS)
                        await client.until("query_result")
                        await cancelled(client, query_id)
                    case _:
                        await client.answer("SELECT id FROM orders LIMIT 3", visualize=False)
        await model.streams_closed(1.0)
        await statements_gone(crowded)
        after = await settled(before)
        assert after.tasks <= before.tasks
        assert after.descriptors <= before.descriptors + 8, "at most the pool's idle connections"
