"""What is written for MySQL runs on a real server, strict about GROUP BY, and gives what SQLite gives."""

from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from typing import Any

import aiomysql
import pytest_asyncio

from tests.llm_offline import shop
from tests.llm_offline.asking import ask, rows, sql_of
from tests.support.mariadb import MariaDb

QUESTIONS = (
    "Revenue by category",
    "Top 2 customers by revenue",
    "Number of orders per month in 2026",
    "revenue per quarter",
    "orders per week",
    "revenue per year",
    "revenue by day",
    "Customers who have never placed an order",
    "How many customers have more than 1 order?",
    "What percentage of orders were cancelled?",
    "share of revenue by category",
    "Which product in each category has the highest price?",
    "How did revenue this year compare with last year?",
    "month-over-month growth of revenue by month",
    "Compare monthly revenue of this year with last year",
    "average number of orders per customer",
    "每个产品的销量占比",
    "没有下过单的客户有哪些",
)


@pytest_asyncio.fixture
async def cursor(mariadb: MariaDb) -> AsyncIterator[aiomysql.Cursor]:
    connection = await aiomysql.connect(
        host=mariadb.host, port=mariadb.port, user=mariadb.admin_user, password=mariadb.admin_password
    )
    cursor = await connection.cursor()
    await cursor.execute("SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES'")
    await cursor.execute("CREATE DATABASE offline_shop CHARACTER SET utf8mb4")
    await cursor.execute("USE offline_shop")
    for table in shop.TABLES:
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        await cursor.execute(f"CREATE TABLE {table.name} ({columns})")
        places = ", ".join(["%s"] * len(table.columns))
        await cursor.executemany(f"INSERT INTO {table.name} VALUES ({places})", shop.ROWS[table.name])
    yield cursor
    await cursor.execute("DROP DATABASE offline_shop")
    connection.close()


async def test_both_dialects_give_the_same_rows(cursor: aiomysql.Cursor) -> None:
    for question in QUESTIONS:
        sql = sql_of(ask(question, shop.schema("mysql")))
        assert sql is not None, question
        await cursor.execute(sql)
        got = _plain(await cursor.fetchall())
        with closing(shop.database()) as database:
            assert got == _plain(rows(ask(question, shop.schema()), database)), sql


def _plain(found: Sequence[Sequence[Any]]) -> list[str]:
    return sorted("|".join(_cell(cell) for cell in row) for row in found)


def _cell(cell: object) -> str:
    try:
        return f"{float(str(cell)):.4f}"
    except ValueError:
        return str(cell)
