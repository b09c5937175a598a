"""What the contract needs of each kind of database: an engine on it, and SQL that behaves in known ways."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from tests.support.mariadb import MariaDb
from text2sql_ws.engines import open_engine
from text2sql_ws.engines.engine import Chunk, Engine, Statement, Total
from text2sql_ws.settings import DataSource


class Rig(Protocol):
    """`stuck` never yields a row, `many(n)` yields n rows of a number and a text."""

    stuck: str
    write: tuple[str, ...]
    slow_rows: str

    def open(self, **settings: Any) -> Engine: ...

    def many(self, rows: int) -> str: ...

    async def running(self) -> int:
        """Statements that the database itself still works on."""
        ...

    async def open_connections(self) -> int: ...


class MysqlRig:
    stuck = "SELECT SLEEP(30)"
    slow_rows = "SELECT seq, SLEEP(0.05), REPEAT('x', 16384) FROM seq_1_to_100"
    write = (
        "INSERT INTO departments VALUES (9, 'x')",
        "UPDATE departments SET name = 'x'",
        "DELETE FROM departments",
        "CREATE TABLE written (id INT)",
        "DROP TABLE orders",
        "TRUNCATE orders",
        "CREATE OR REPLACE VIEW written AS SELECT 1",
    )

    def __init__(self, server: MariaDb) -> None:
        self.server = server

    def open(self, **settings: Any) -> Engine:
        given: dict[str, Any] = {
            "type": "mysql",
            "host": self.server.host,
            "port": self.server.port,
            "user": self.server.user,
            "password": self.server.password,
            "database": self.server.database,
        }
        return open_engine("shop", DataSource(**(given | settings)), "test")

    def open_as_admin(self, **settings: Any) -> Engine:
        """With an account that may write, so that only the session stands in the way."""
        return self.open(user=self.server.admin_user, password=self.server.admin_password, **settings)

    def many(self, rows: int) -> str:
        return f"SELECT seq AS i, CONCAT('row ', seq) AS name FROM seq_1_to_{rows}"

    async def running(self) -> int:
        return len([sql for _, sql in await self.server.processlist() if "t2s:" in sql])

    async def open_connections(self) -> int:
        return await self.server.connections()


class SqliteRig:
    stuck = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    slow_rows = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100), "
        "m(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM m WHERE j < 200000) "
        "SELECT i, (SELECT COUNT(*) FROM m WHERE j > i) FROM n"
    )
    write = (
        "INSERT INTO departments VALUES (9, 'x')",
        "UPDATE departments SET name = 'x'",
        "DELETE FROM departments",
        "CREATE TABLE written (id INT)",
        "CREATE TABLE x (id INT)",
        "CREATE TEMP TABLE x (id INT)",
        "CREATE TABLE temp.x (id INT)",
        "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
        "UPDATE sqlite_master SET sql = ''",
        "PRAGMA writable_schema = ON",
        "DROP TABLE departments",
        "PRAGMA query_only = OFF",
        "PRAGMA user_version = 7",
        "ATTACH 'file:written.db?mode=rwc' AS written",
        "VACUUM INTO 'written.db'",
        "BEGIN IMMEDIATE",
        "REINDEX",
        "VACUUM",
        "ANALYZE",
        "SELECT load_extension('x')",
    )

    def __init__(self, folder: Path) -> None:
        self.path = folder / "shop #1?.db"
        self.engines: list[Any] = []
        with sqlite3.connect(self.path) as made:
            made.executescript(
                "CREATE TABLE departments (id INTEGER PRIMARY KEY, name TEXT);"
                "CREATE INDEX by_name ON departments (name);"
                "INSERT INTO departments VALUES (1, '研究开发部'), (2, '市场销售部'), (3, '财务部');"
            )
        made.close()

    def open(self, **settings: Any) -> Engine:
        given: dict[str, Any] = {"type": "sqlite", "path": str(self.path)}
        engine = open_engine("shop", DataSource(**(given | settings)), "test")
        self.engines.append(engine)
        return engine

    open_as_admin = open

    def many(self, rows: int) -> str:
        return (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            "SELECT i, 'row ' || i AS name FROM n"
        )

    async def running(self) -> int:
        sessions = [one for each in self.engines for one in (*each._pool.idle, *each._pool.lent)]
        return sum(session._thread.is_busy for session in sessions)

    async def open_connections(self) -> int:
        return sum(thread.name == "sqlite" for thread in threading.enumerate())


@dataclass
class Taken:
    """The chunks of a run, as the next floor gets them."""

    chunks: list[Chunk] = field(default_factory=list)

    async def __call__(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)

    @property
    def rows(self) -> list[list[Any]]:
        return [row for chunk in self.chunks for row in orjson.loads(chunk.rows_json)]

    @property
    def types(self) -> list[str]:
        return [column.type for column in self.chunks[0].columns]


def statement(sql: str, **changes: Any) -> Statement:
    given: dict[str, Any] = {"query_id": "q1", "max_rows": 100_000, "chunk_rows": 500, "timeout_seconds": 20}
    return Statement(sql, **(given | changes))


async def fetch(engine: Engine, sql: str, **changes: Any) -> tuple[Taken, Total]:
    taken = Taken()
    return taken, await engine.run(statement(sql, **changes), taken)


async def eventually(is_so: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    """Ask until it is so. The contract gives a cancelled statement a second; a loaded machine takes longer
    to notice, and what is not stopped goes on for half a minute.
    """
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(0.005)


async def quiet(rig: Rig, engine: Any) -> None:
    """Soon nothing runs in the database, and every slot is back."""

    async def is_quiet() -> bool:
        return engine._pool.is_quiet and await rig.running() == 0

    await eventually(is_quiet)


async def running(rig: Rig, statements: int = 1) -> None:
    """Until the database works on so many statements."""

    async def is_running() -> bool:
        return await rig.running() >= statements

    await eventually(is_running, seconds=5)


def held() -> tuple[int, int, int]:
    """What this process holds: tasks, threads, descriptors."""
    return len(asyncio.all_tasks()), threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
