"""What a database can do to a service: its queries end with a fault, others go on, and it is asked again.

The database is a real MariaDB behind a proxy; the bystander asks a SQLite file of the same service.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.bench import Bench, bench_over, unharmed
from tests.support.mariadb import MariaDb
from tests.support.proxy import Proxy
from tests.support.serving import Client, Message
from text2sql_ws import connecting
from text2sql_ws.engines import mysql_session

FOUR = "orders a, orders b, orders c, orders d"
ENDLESS = f"SELECT a.id, b.amount FROM {FOUR}"
SLOW = f"SELECT MAX(a.amount + b.amount + c.amount + d.amount) AS most FROM {FOUR}"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for seconds in the field waits for tenths."""
    monkeypatch.setattr(connecting, "WAITS_SECONDS", (0.1, 0.1))
    monkeypatch.setattr(mysql_session, "CONNECT_SECONDS", 0.5)


LOST = ("DATABASE_CONNECTION_FAILED", "SQL_EXECUTION_FAILED")


@asynccontextmanager
async def over(folder: Path, database: MariaDb) -> AsyncIterator[tuple[Bench, Proxy]]:
    """The bench, and the proxy between the service and the database."""
    async with Proxy(database.port) as road:
        async with bench_over(folder, database, road.port) as standing:
            yield standing, road


@pytest.fixture
async def crowded(mariadb: MariaDb) -> AsyncIterator[MariaDb]:
    """The test database with enough orders for a statement that runs for years."""
    await mariadb.execute(
        "INSERT INTO orders (id, amount, status, placed_at) "
        "SELECT seq + 1000, seq, '已付款', '2025-01-01' FROM seq_1_to_3000"
    )
    yield mariadb
    await mariadb.execute("DELETE FROM orders WHERE id > 1000")


async def ending(client: Client, sql: str = "SELECT id FROM orders LIMIT 3") -> Message:
    options = {"datasource": "far", "explain": False, "visualize": False}
    return (await client.answer(sql, **options))[-1]


async def fails(client: Client, sql: str = "SELECT id FROM orders LIMIT 3") -> None:
    failed = await ending(client, sql)
    assert failed["type"] == "query_error", failed
    assert failed["data"]["code"] in LOST, failed


async def works(client: Client) -> None:
    ended = await ending(client)
    assert ended["type"] == "query_complete", ended


async def statement_runs(database: MariaDb) -> None:
    async with asyncio.timeout(5):
        while not any("SELECT" in sql and "orders" in sql for _, sql in await database.processlist()):
            await asyncio.sleep(0.01)


async def statements_gone(database: MariaDb, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while await database.processlist():
            await asyncio.sleep(0.01)


async def test_down_at_start(tmp_path: Path, mariadb: MariaDb) -> None:
    """The service is up, says what is wrong, and asks the database as soon as it is there."""
    async with Proxy(mariadb.port) as road:
        road.refuse()
        async with bench_over(tmp_path, mariadb, road.port) as standing, unharmed(standing):
            async with standing.server.client() as client:
                await fails(client)
                await road.welcome()
                await works(client)


@pytest.mark.parametrize("sql", [SLOW, ENDLESS], ids=["before the first row", "inside a fetch"])
async def test_connection_broken(tmp_path: Path, crowded: MariaDb, sql: str) -> None:
    async with over(tmp_path, crowded) as (standing, road), unharmed(standing):
        async with standing.server.client() as client:
            asking = asyncio.create_task(fails(client, sql))
            await statement_runs(crowded)
            road.reset()
            await asking
            await works(client)
    await statements_gone(crowded)


async def test_killed_inside_a_fetch(tmp_path: Path, crowded: MariaDb) -> None:
    """`KILL` by an operator: the query fails, and its end is not taken for a result."""
    async with over(tmp_path, crowded) as (standing, _), unharmed(standing):
        async with standing.server.client() as client:
            asking = asyncio.create_task(fails(client, SLOW))
            await statement_runs(crowded)
            for number, _sql in await crowded.processlist():
                await crowded.execute(f"KILL {number}")
            await asking
            await works(client)


async def test_silent_after_accept(tmp_path: Path, mariadb: MariaDb) -> None:
    async with over(tmp_path, mariadb) as (standing, road), unharmed(standing):
        async with standing.server.client() as client:
            road.reset()
            road.stall()
            await fails(client)
            road.go_on()
            await works(client)


async def test_silent_inside_a_fetch_and_then_cancelled(tmp_path: Path, crowded: MariaDb) -> None:
    async with over(tmp_path, crowded) as (standing, road), unharmed(standing):
        async with standing.server.client() as client:
            query_id = await client.ask(ENDLESS, datasource="far")
            await client.until("query_result")
            road.stall()
            await client.send("query_cancel", query_id=query_id)
            async with asyncio.timeout(1):
                assert (await client.until("query_cancel"))["data"]["query_id"] == query_id
            road.go_on()
            await works(client)
    await statements_gone(crowded)


async def test_idle_connections_killed(tmp_path: Path, mariadb: MariaDb) -> None:
    """The next question notices nothing: it was not sent yet when the dead connection was found."""
    async with over(tmp_path, mariadb) as (standing, _), unharmed(standing):
        async with standing.server.client() as client:
            await works(client)
            asleep = await mariadb.execute(
                "SELECT id FROM information_schema.processlist WHERE user = 'reader' AND command = 'Sleep'"
            )
            assert asleep
            for (number,) in asleep:
                await mariadb.execute(f"KILL {number}")
            await works(client)


async def test_restarted(tmp_path: Path, mariadb: MariaDb) -> None:
    async with over(tmp_path, mariadb) as (standing, _), unharmed(standing):
        async with standing.server.client() as client:
            await works(client)
            await mariadb.stop()
            try:
                await fails(client)
            finally:
                await mariadb.start()
            await works(client)


async def test_gone_while_its_rows_wait_for_a_client(tmp_path: Path, crowded: MariaDb) -> None:
    """The client reads nothing, so the query stands still; nobody hangs on the connection that broke."""
    async with over(tmp_path, crowded) as (standing, road), unharmed(standing):
        client = await standing.raw(session_id="away")
        client.ask(ENDLESS, visualize=False)
        while (await client.message())["type"] != "query_result":
            pass
        client.stop_reading()
        await asyncio.sleep(0.2)
        road.reset()
        await standing.dropped()
    await statements_gone(crowded)
