"""Reading a MariaDB database with an account that may do nothing but SELECT."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.support.mariadb import MariaDb
from text2sql_ws.catalog.reading import read_schema
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Column, ForeignKey, Schema, Table
from text2sql_ws.settings import DataSource

PASSWORD = "looker-secret"
SHOP = (
    "CREATE DATABASE depot CHARACTER SET utf8mb4",
    f"CREATE USER looker@'%' IDENTIFIED BY '{PASSWORD}'",
    "GRANT SELECT ON depot.* TO looker@'%'",
    """CREATE TABLE depot.customers (
        id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY COMMENT '编号',
        name VARCHAR(40) NOT NULL COMMENT '名称',
        level ENUM('战略', 'it''s') COMMENT '等级',
        tags SET('a', 'b'),
        city VARCHAR(20) CHARACTER SET latin1,
        login_token VARCHAR(20),
        story TEXT,
        active TINYINT(1) NOT NULL DEFAULT 1
    ) COMMENT '客户'""",
    """CREATE TABLE depot.`order lines` (
        order_id BIGINT, line INT, customer_id INT UNSIGNED, amount DECIMAL(12,2), paid_at DATETIME,
        PRIMARY KEY (order_id, line), CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id)
    )""",
    """CREATE TABLE depot.parts (
        o BIGINT, l INT, FOREIGN KEY (o, l) REFERENCES `order lines` (order_id, line)
    )""",
    """CREATE VIEW depot.totals AS
        SELECT customer_id, SUM(amount) AS total FROM depot.`order lines` GROUP BY 1""",
    "CREATE TABLE depot.gone (a INT)",
    "CREATE VIEW depot.broken AS SELECT a FROM depot.gone",
    "DROP TABLE depot.gone",
    """INSERT INTO depot.customers (name, city, login_token, story) VALUES
        ('c1', 'Paris', 'x', 'y'), ('c2', 'Paris', 'x', 'y'), ('c3', 'Rome', 'x', 'y')""",
)


@pytest.fixture
async def depot(mariadb: MariaDb) -> AsyncIterator[DataSource]:
    for sql in SHOP:
        await mariadb.execute(sql)
    yield DataSource(
        type="mysql", host=mariadb.host, port=mariadb.port, user="looker", password=PASSWORD, database="depot"
    )
    await mariadb.execute("DROP USER looker@'%'")
    await mariadb.execute("DROP DATABASE depot")


def named(schema: Schema, name: str) -> Table:
    return next(table for table in schema.tables if table.name == name)


async def test_tables_and_views_of_this_database_alone(depot: DataSource) -> None:
    schema = await read_schema("depot", depot)
    assert [table.name for table in schema.tables] == ["customers", "order lines", "parts", "totals"]
    assert (schema.datasource, schema.dialect) == ("depot", "mysql")
    assert "MariaDB" in schema.version


async def test_a_table_in_full(depot: DataSource) -> None:
    table = named(await read_schema("depot", depot), "customers")
    assert (table.comment, table.foreign_keys) == ("客户", ())
    assert list(table.columns) == [
        Column("id", "int unsigned", "编号", nullable=False, primary_key=True),
        Column("name", "varchar(40)", "名称", nullable=False, examples=("c1", "c2", "c3")),
        Column("level", "enum('战略','it''s')", "等级", examples=("战略", "it's")),
        Column("tags", "set('a','b')", examples=("a", "b")),
        Column("city", "varchar(20)", examples=("Paris", "Rome")),
        Column("login_token", "varchar(20)"),
        Column("story", "text"),
        Column("active", "tinyint(1)", nullable=False),
    ]


async def test_keys_of_several_columns(depot: DataSource) -> None:
    schema = await read_schema("depot", depot)
    lines = named(schema, "order lines")
    assert [column.name for column in lines.columns if column.primary_key] == ["order_id", "line"]
    assert lines.foreign_keys == (ForeignKey(("customer_id",), "customers", ("id",)),)
    assert named(schema, "parts").foreign_keys == (
        ForeignKey(("o", "l"), "order lines", ("order_id", "line")),
    )


async def test_a_view_has_columns_and_no_comment_of_its_own(depot: DataSource) -> None:
    view = named(await read_schema("depot", depot), "totals")
    assert [column.name for column in view.columns] == ["customer_id", "total"]
    assert view.comment == ""


async def test_what_is_left_out(depot: DataSource) -> None:
    narrow = depot.model_copy(update={"tables": ("customers",), "denied_columns": ("customers.level",)})
    schema = await read_schema("depot", narrow)
    assert [table.name for table in schema.tables] == ["customers"]
    assert "level" not in [column.name for column in schema.tables[0].columns]


async def test_another_dialect_of_the_same_protocol_may_be_named(depot: DataSource) -> None:
    tidb = depot.model_copy(update={"dialect": "tidb"})
    assert (await read_schema("depot", tidb)).dialect == "tidb"


async def test_a_wrong_password_is_a_fault_that_tells_no_secret(depot: DataSource) -> None:
    wrong = DataSource(
        type="mysql", host=depot.host, port=depot.port, user="looker", password="hunter2", database="depot"
    )
    with pytest.raises(Fault) as failure, capture_logs() as logs:
        await read_schema("depot", wrong)
    assert failure.value.code is Code.DATABASE_CONNECTION_FAILED
    assert "looker" not in failure.value.message.en
    assert "hunter2" not in f"{failure.value.message} {logs}"
    assert "Access denied" in logs[0]["error"]


async def test_a_server_that_says_nothing_is_given_up() -> None:
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        hung_up.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = DataSource(type="mysql", port=port, user="u", password="p", database="d")
        with pytest.raises(Fault) as failure:
            await read_schema("depot", settings, within_seconds=0.2)
        assert failure.value.code is Code.DATABASE_CONNECTION_FAILED
        async with asyncio.timeout(5):
            await hung_up.wait()


async def test_nobody_listening_is_a_fault() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(Fault):
        await read_schema("depot", DataSource(type="mysql", port=port, user="u", password="p", database="d"))


async def test_a_cancelled_read_leaves_no_connection(depot: DataSource, mariadb: MariaDb) -> None:
    for steps in range(0, 120, 3):
        reading = asyncio.create_task(read_schema("depot", depot))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
    async with asyncio.timeout(5):
        while await mariadb.connections("looker"):  # only the server knows, and it sends no event
            pass
    assert asyncio.all_tasks() == {asyncio.current_task()}
