"""Reading a SQLite file: what is in the schema, what never is, and what happens when there is no file."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from text2sql_ws.catalog.reading import read_schema
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Column, ForeignKey, Schema, Table
from text2sql_ws.settings import DataSource

SHOP = """
CREATE TABLE customers ( -- 客户
  id INTEGER PRIMARY KEY, -- 编号
  name NVARCHAR(40) NOT NULL, -- 名称
  level TEXT, -- 等级
  phone TEXT, -- 联系方式
  city VARCHAR(20)
);
CREATE TABLE orders ( -- 订单
  id INTEGER PRIMARY KEY,
  customer_id INT REFERENCES customers, -- 客户
  amount MONEY,
  status VARCHAR(10)
);
CREATE TABLE lines (order_id INT, line INT, note, PRIMARY KEY (line, order_id)) WITHOUT ROWID;
CREATE VIEW totals AS SELECT customer_id, SUM(amount) AS total FROM orders GROUP BY customer_id;
CREATE TABLE gone (a INT);
CREATE VIEW broken AS SELECT a FROM gone;
DROP TABLE gone;
CREATE VIRTUAL TABLE texts USING fts5(body);
CREATE INDEX by_status ON orders (status);
ANALYZE;
"""


@pytest.fixture(autouse=True)
async def no_thread_is_left() -> AsyncIterator[None]:
    """aiosqlite has a thread for each connection; every one of them ends."""
    yield
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a shop #1?%20.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(SHOP)
        people = [
            (n, f"客户{n}", "战略" if n % 3 else "普通", f"1380000{n}", f"城市{n}") for n in range(1, 31)
        ]
        database.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", people)
        orders = ((n, 1, 9.5, "待发货" if n > 9990 else "已完成") for n in range(1, 10_001))
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", orders)
        database.commit()
    return file


async def read(path: Path, **more: tuple[str, ...]) -> Schema:
    return await read_schema("shop", DataSource(type="sqlite", path=str(path), **more))


def named(schema: Schema, name: str) -> Table:
    return next(table for table in schema.tables if table.name == name)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_tables_and_views_but_none_of_sqlites_own(path: Path) -> None:
    schema = await read(path)
    assert [table.name for table in schema.tables] == ["customers", "lines", "orders", "texts", "totals"]
    assert (schema.datasource, schema.dialect, schema.version) == ("shop", "sqlite", sqlite3.sqlite_version)


async def test_a_table_in_full(path: Path) -> None:
    assert named(await read(path), "customers") == Table(
        "customers",
        (
            Column("id", "INTEGER", "编号", nullable=False, primary_key=True),
            Column("name", "NVARCHAR(40)", "名称", nullable=False),
            Column("level", "TEXT", "等级", examples=("战略", "普通")),
            Column("phone", "TEXT", "联系方式"),
            Column("city", "VARCHAR(20)"),
        ),
        "客户",
    )


async def test_types_are_the_databases_own_words(path: Path) -> None:
    schema = await read(path)
    assert [column.type for column in named(schema, "orders").columns] == [
        "INTEGER",
        "INT",
        "MONEY",
        "VARCHAR(10)",
    ]
    assert [column.type for column in named(schema, "lines").columns] == ["INT", "INT", "ANY"]


async def test_keys(path: Path) -> None:
    schema = await read(path)
    assert named(schema, "orders").foreign_keys == (ForeignKey(("customer_id",), "customers", ("id",)),)
    assert [column.primary_key for column in named(schema, "lines").columns] == [True, True, False]


async def test_examples_are_frequent_ones_from_both_ends(path: Path) -> None:
    """A status that only the newest orders have is found, though ten thousand come before."""
    assert named(await read(path), "orders").columns[3].examples == ("已完成", "待发货")


async def test_only_listed_tables_are_read(path: Path) -> None:
    schema = await read(path, tables=("Orders",))
    assert [table.name for table in schema.tables] == ["orders"]
    assert schema.tables[0].foreign_keys == ()


async def test_denied_columns_are_not_there(path: Path) -> None:
    schema = await read(path, denied_columns=("customers.level", "CUSTOMERS.City"))
    assert [column.name for column in named(schema, "customers").columns] == ["id", "name", "phone"]


async def test_reading_makes_no_file_and_writes_none(tmp_path: Path, path: Path) -> None:
    before = contents(tmp_path)
    await read(path)
    with pytest.raises(Fault):
        await read(tmp_path / "missing.db")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("content", [None, b"no database, but long enough to be taken for one" * 100])
async def test_what_can_not_be_read_is_a_fault_without_its_path(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "shop.db"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Fault) as failure, capture_logs() as logs:
        await read(file)
    assert failure.value.code is Code.DATABASE_CONNECTION_FAILED
    assert "shop" in failure.value.message.zh
    assert str(tmp_path) not in failure.value.message.zh + failure.value.message.en
    assert [entry["event"] for entry in logs] == ["schema_read_failed"]


async def test_an_empty_file_is_an_empty_schema(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert (await read(tmp_path / "empty.db")).tables == ()


async def test_no_time_for_examples_costs_only_the_examples(path: Path) -> None:
    settings = DataSource(type="sqlite", path=str(path))
    with capture_logs() as logs:
        schema = await read_schema("shop", settings, within_seconds=1.0)
    assert len(schema.tables) == 5
    assert all(column.examples == () for table in schema.tables for column in table.columns)
    assert "examples_incomplete" in [entry["event"] for entry in logs]


async def test_a_cancelled_read_leaves_nothing_open(path: Path) -> None:
    for steps in range(40):
        reading = asyncio.create_task(read(path))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
    assert asyncio.all_tasks() == {asyncio.current_task()}
