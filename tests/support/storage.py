"""Our own storage on each of the databases that can hold it: fixtures to be imported where they are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.mariadb import MariaDb
from text2sql_ws.storage.database import Database, open_database


@pytest.fixture(params=["sqlite", "mysql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with _address(request, tmp_path) as url:
        opened = await open_database(url)
        yield opened
        await opened.aclose()


@pytest.fixture(params=["sqlite", "mysql"])
async def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Where nothing is yet."""
    async with _address(request, tmp_path) as url:
        yield url


@asynccontextmanager
async def _address(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/new/own.db"
        return
    server: MariaDb = request.getfixturevalue("mariadb")
    await server.execute("CREATE OR REPLACE DATABASE own")
    account = f"{server.admin_user}:{server.admin_password}"
    yield f"mysql://{account}@{server.host}:{server.port}/own?charset=utf8mb4"
    await server.execute("DROP DATABASE own")
