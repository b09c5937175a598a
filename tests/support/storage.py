"""Our own storage on each of the databases that can hold it: a fixture to be imported where it is used."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.mariadb import MariaDb
from text2sql_ws.storage.database import Database, open_database


@pytest.fixture(params=["sqlite", "mysql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/new/own.db"
    if request.param == "mysql":
        server: MariaDb = request.getfixturevalue("mariadb")
        await server.execute("CREATE DATABASE IF NOT EXISTS own")
        account = f"{server.admin_user}:{server.admin_password}"
        url = f"mysql://{account}@{server.host}:{server.port}/own?charset=utf8mb4"
    opened = await open_database(url)
    yield opened
    await opened.aclose()
    if request.param == "mysql":
        await server.execute("DROP DATABASE own")
