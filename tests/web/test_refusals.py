"""What a database refuses, end to end: the nearest names for person and model, and the EXPLAIN gate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer
from tests.support.serving import Client, Message, make_shop, served


def of_mariadb(database: MariaDb) -> dict[str, Any]:
    return {
        "type": "mysql", "host": database.host, "port": database.port, "user": database.user,
        "password": database.password, "database": database.database,
    }  # fmt: skip


@asynccontextmanager
async def asked(
    folder: Path, source: dict[str, Any], *said: str, **limits: Any
) -> AsyncIterator[tuple[Client, list[str]]]:
    """A client, and what the model is sent; it says `said`, one after the other."""
    script, heard = list(said), []

    def answer(body: dict[str, Any]) -> list[str]:
        heard.append(body["messages"][-1]["content"])
        return [f"```sql\n{script.pop(0)}\n```"]

    async with ModelServer(answer) as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": source},
            "limits": limits,
        }
        async with served(folder, settings) as server, server.client() as client:
            yield client, heard


def rewriting(messages: list[Message]) -> list[dict[str, Any]]:
    """The details of the refused attempts."""
    progress = [message["data"]["progress"] for message in messages if message["type"] == "query_progress"]
    return [each["details"] for each in progress if "attempt" in (each["details"] or {})]


@pytest.mark.parametrize(
    ("wrong", "mended", "named"),
    [
        ("SELECT salry FROM employees", "SELECT salary FROM employees", "employees.salary"),
        ("SELECT e.职员姓名 FROM employees e", "SELECT e.name FROM employees e", "employees.name"),
        ("SELECT * FROM employes", "SELECT * FROM employees", "employees"),
        (
            "SELECT id FROM employees JOIN departments ON departments.id = department_id",
            "SELECT employees.id FROM employees JOIN departments ON departments.id = department_id",
            "departments.id, employees.id",
        ),
    ],
)
async def test_mariadbs_refusal_names_what_is_there(
    tmp_path: Path, mariadb: MariaDb, wrong: str, mended: str, named: str
) -> None:
    async with asked(tmp_path, of_mariadb(mariadb), wrong, mended) as (client, heard):
        messages = await client.answer("工资", explain=False, visualize=False)
    assert messages[-1]["type"] == "query_complete", messages[-1]
    assert messages[-1]["data"]["attempts"] == 2
    (refused,) = rewriting(messages)
    assert refused["code"] == "SQL_EXECUTION_FAILED"
    assert named in refused["error"]
    assert named in heard[1]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("SELECT amout FROM orders", "orders.amount"),
        ("SELECT o.city_name FROM orders o", "cities.name"),
        ("SELECT * FROM citys", "cities"),
        ("SELECT id FROM orders JOIN cities ON cities.id = city_id", "cities.id, orders.id"),
    ],
)
async def test_sqlites_refusal_names_what_is_there(tmp_path: Path, wrong: str, named: str) -> None:
    source = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    async with asked(tmp_path, source, wrong, wrong) as (client, heard):
        messages = await client.answer("金额", explain=False, locale="en")
    ending = messages[-1]
    assert ending["type"] == "query_error"
    assert ending["data"]["code"] == "SQL_EXECUTION_FAILED"
    assert named in ending["data"]["error"]
    assert named in rewriting(messages)[0]["error"]
    assert named in heard[1]


async def test_denied_columns_are_never_named(tmp_path: Path, mariadb: MariaDb) -> None:
    source = of_mariadb(mariadb) | {"denied_columns": ["employees.salary"]}
    async with asked(tmp_path, source, "SELECT salry FROM employees", "SELECT salry FROM employees") as (
        client,
        heard,
    ):
        messages = await client.answer("工资", explain=False)
    assert messages[-1]["type"] == "query_error"
    assert not any("salary" in text for text in (messages[-1]["data"]["error"], *heard))


async def test_what_mariadb_expects_to_be_too_much_is_refused_before_it_runs(
    tmp_path: Path, mariadb: MariaDb
) -> None:
    pairs = "SELECT a.id FROM orders a JOIN orders b JOIN employees c"
    async with asked(tmp_path, of_mariadb(mariadb), pairs, max_examined_rows=50) as (client, heard):
        messages = await client.answer("订单", explain=False)
        refused = messages[-1]["data"]
        assert messages[-1]["type"] == "query_error"
        assert refused["code"] == "RESOURCE_LIMIT_EXCEEDED"
        assert refused["stage"] == "executing_sql"
        assert "124" in refused["error"]  # 4 employees, 4 x 5 orders, 4 x 5 x 5 pairs of them
        assert "50" in refused["error"]
        assert len(heard) == 1
        assert not any(message["type"] == "query_result" for message in messages)
        export = f"/text2sql/queries/{refused['query_id']}/export?format=csv"
        told = await client.served.get(export, status=429)
        assert "124" in told["error"]["message"], "nor may it be exported"
        for small in ("SELECT id FROM orders", "SHOW TABLES"):
            assert (await client.answer(small, explain=False))[-1]["type"] == "query_complete"
