"""What the server says at its start of data sources that are less guarded than they could be."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from tests.support.mariadb import MariaDb
from tests.support.serving import make_shop, served


async def logged_at_start(folder: Path, sources: Mapping[str, Any], **limits: Any) -> list[Mapping[str, Any]]:
    """What is logged until every data source is ready, and warned of."""
    with capture_logs() as logged:
        async with served(folder, {"datasources": sources, "limits": limits}), asyncio.timeout(10):
            (preparing,) = [task for task in asyncio.all_tasks() if task.get_name() == "prepare"]
            await asyncio.wait({preparing})
    return [*logged]


def source(database: MariaDb, user: str, password: str) -> dict[str, Any]:
    return {
        "type": "mysql", "host": database.host, "port": database.port, "user": user, "password": password,
        "database": database.database,
    }  # fmt: skip


async def test_an_account_that_can_write_is_warned_of_once(tmp_path: Path, mariadb: MariaDb) -> None:
    sources = {
        "careless": source(mariadb, mariadb.admin_user, mariadb.admin_password),
        "careful": source(mariadb, mariadb.user, mariadb.password),
        "file": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))},
    }
    logged = await logged_at_start(tmp_path, sources)
    assert {entry["datasource"] for entry in logged if entry["event"] == "datasource_ready"} == set(sources)
    (warned,) = [entry for entry in logged if entry["log_level"] == "warning"]
    assert warned["event"] == "account_can_do_more_than_read"
    assert warned["datasource"] == "careless"
    assert warned["rights"] == ["ALL PRIVILEGES", "GRANT OPTION"]
    assert "secret" not in str(logged)
    assert "PASSWORD" not in str(logged)


async def test_a_bound_that_a_data_source_cannot_keep_is_warned_of(tmp_path: Path, mariadb: MariaDb) -> None:
    sources = {
        "server": source(mariadb, mariadb.user, mariadb.password),
        "file": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))},
    }
    logged = await logged_at_start(tmp_path, sources, max_examined_rows=1000)
    warned = [(entry["event"], entry["datasource"]) for entry in logged if entry["log_level"] == "warning"]
    assert warned == [("no_estimates", "file")]
