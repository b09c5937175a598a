"""Our own storage on a server that falls silent: who asks is told so, soon, and nothing waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from tests.support.mariadb import MariaDb
from tests.support.proxy import Proxy
from text2sql_ws.errors import Code, Fault
from text2sql_ws.storage import database as module
from text2sql_ws.storage.database import Database, open_database


@dataclass
class Far:
    database: Database
    road: Proxy


@pytest.fixture
async def far(mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Far]:
    """A storage behind a road that can be closed."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    await mariadb.execute("CREATE OR REPLACE DATABASE far")
    account = f"{mariadb.admin_user}:{mariadb.admin_password}"
    async with Proxy(mariadb.port) as road:
        opened = await open_database(f"mysql://{account}@127.0.0.1:{road.port}/far?charset=utf8mb4")
        try:
            yield Far(opened, road)
        finally:
            road.go_on()
            await opened.aclose()
            await mariadb.execute("DROP DATABASE far")


async def ask(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("SELECT 1"))


async def test_a_kept_connection_that_is_silent_is_given_up(far: Far) -> None:
    await ask(far.database)
    far.road.stall()
    async with asyncio.timeout(20):
        with pytest.raises(Fault) as refused:
            await ask(far.database)
    assert refused.value.code is Code.UNKNOWN_ERROR
    far.road.go_on()
    far.road.reset()
    await ask(far.database)


async def test_a_new_connection_that_is_never_greeted_is_given_up(far: Far) -> None:
    far.road.reset()
    far.road.stall()
    async with asyncio.timeout(20):
        with pytest.raises(Fault):
            await ask(far.database)


async def test_whoever_is_cancelled_meanwhile_does_not_wait_for_it(far: Far) -> None:
    await ask(far.database)
    far.road.stall()
    asking = asyncio.create_task(ask(far.database))
    await asyncio.sleep(0)
    asking.cancel()
    async with asyncio.timeout(20):
        await asyncio.wait({asking})
