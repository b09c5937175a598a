"""A few rows of a table, for the schema browser: never more than their reader may ask for."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.model_server import ModelServer
from tests.support.serving import Served, make_shop, served


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    path = make_shop(tmp_path / "shop.db")
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "odd ""name"" 名" (id INTEGER, "a ""b""" TEXT, phone TEXT)')
        connection.execute("""INSERT INTO "odd ""name"" 名" VALUES (1, NULL, '138')""")
        connection.execute("CREATE TABLE secrets (password TEXT)")
    connection.close()
    shop = {"type": "sqlite", "path": str(path)}
    async with ModelServer(lambda body: "words") as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {
                "shop": shop,
                "narrow": shop | {"tables": ["orders"], "denied_columns": ["orders.amount"]},
                "gone": {"type": "sqlite", "path": str(tmp_path / "gone.db")},
            },
        }
        async with served(tmp_path, settings) as running:
            yield running


def address(source: str, table: str) -> str:
    return f"/text2sql/datasources/{source}/tables/{table}/sample"


async def test_a_sample_is_the_first_rows(server: Served) -> None:
    assert await server.get(address("shop", "cities")) == {
        "columns": ["id", "name"],
        "rows": [[1, "上海"], [2, "北京"], [3, "广州"]],
        "withheld": [],
    }
    assert len((await server.get(address("shop", "orders")))["rows"]) == 5


async def test_any_name_of_a_table_or_column_will_do(server: Served) -> None:
    found = await server.get(address("shop", "odd%20%22name%22%20%E5%90%8D"))
    assert found == {"columns": ["id", 'a "b"'], "rows": [[1, None]], "withheld": ["phone"]}


async def test_what_looks_like_a_secret_is_not_even_read(server: Served) -> None:
    assert await server.get(address("shop", "secrets")) == {
        "columns": [],
        "rows": [],
        "withheld": ["password"],
    }


async def test_a_denied_column_is_not_there(server: Served) -> None:
    found = await server.get(address("narrow", "orders"))
    assert found["columns"] == ["id", "city_id", "made_on"]
    assert found["withheld"] == []


@pytest.mark.parametrize(
    ("source", "table"),
    [("narrow", "cities"), ("shop", "sqlite_master"), ("shop", "nope"), ("nope", "cities"), ("shop", "x;y")],
)
async def test_what_may_not_be_asked_about_is_not_found(server: Served, source: str, table: str) -> None:
    refused = await server.get(address(source, table), status=404)
    assert refused["error"]["code"] == "DATASOURCE_NOT_FOUND"


async def test_a_database_that_is_down_is_told(server: Served) -> None:
    refused = await server.get(address("gone", "cities"), status=503)
    assert refused["error"]["code"] == "DATABASE_CONNECTION_FAILED"
