"""The layers below the guard, with no guard before them: nothing is written, no file is read, and nothing
runs on after its limit.

What only the guard keeps out is not here: one call over a huge value (`INSTR(REPEAT('a', 16000000), …)`)
heeds neither KILL nor any limit of a server.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiomysql
import pytest

from tests.engines.rigs import MysqlRig, Rig, SqliteRig, Taken, eventually, fetch, quiet
from tests.support.mariadb import MariaDb
from text2sql_ws.engines.engine import Engine
from text2sql_ws.errors import Code, Fault

SECRET = "the-words-in-the-file"

CHANGES_IN_MYSQL = (
    *MysqlRig.write,
    "REPLACE INTO departments VALUES (1, 'x')",
    "SET STATEMENT tx_read_only = 0 FOR INSERT INTO departments VALUES (9, 'x')",
    "SET STATEMENT tx_read_only = 0, max_statement_time = 0 FOR DELETE FROM orders",
    "BEGIN NOT ATOMIC SET SESSION TRANSACTION READ WRITE; INSERT INTO departments VALUES (9, 'x'); END",
    "BEGIN NOT ATOMIC START TRANSACTION READ WRITE; DELETE FROM orders; COMMIT; END",
    "IF 1 THEN SET GLOBAL max_connections = 7; END IF",
    "EXECUTE IMMEDIATE 'INSERT INTO departments VALUES (9, ''x'')'",
    "PREPARE p FROM 'DELETE FROM orders'",
    "CALL writes()",
    "SELECT writes_too()",
    "SELECT NEXTVAL(numbers)",
    "SELECT SETVAL(numbers, 1000)",
    "WITH gone AS (SELECT 1 AS id) DELETE FROM departments WHERE id IN (SELECT id FROM gone)",
    "EXPLAIN DELETE FROM departments",
    "ANALYZE DELETE FROM departments",
    "ANALYZE TABLE departments PERSISTENT FOR ALL",
    "/*!50000 DELETE FROM departments */",
    "/*M!100000 DELETE FROM departments */",
    "SELECT 1; DELETE FROM departments",
    "SELECT 1 /*!; DELETE FROM departments */",
    "-- \nDELETE FROM departments",
    "SET GLOBAL max_connections = 7",
    "SET @@global.event_scheduler = ON",
    "SET PASSWORD FOR reader = PASSWORD('taken')",
    "CREATE USER intruder",
    "GRANT ALL ON *.* TO reader",
    "RENAME TABLE orders TO gone",
    "ALTER TABLE orders DROP COLUMN amount",
    "CREATE TEMPORARY TABLE written (id INT)",
    "CREATE FUNCTION sys_exec RETURNS INT SONAME 'udf.so'",
    "INSTALL SONAME 'ha_blackhole'",
    "CREATE EVENT later ON SCHEDULE EVERY 1 SECOND DO DELETE FROM orders",
    "LOAD DATA INFILE '{readable}' INTO TABLE departments",
    "LOAD DATA LOCAL INFILE '{readable}' INTO TABLE departments",
    "HANDLER departments OPEN",
    "LOCK TABLES departments WRITE",
    "FLUSH TABLES WITH READ LOCK",
    "XA START 'x'",
    "DO RELEASE_LOCK('x')",
    "SHUTDOWN",
)

FILES_IN_MYSQL = (
    "SELECT LOAD_FILE('{readable}')",
    "SELECT `load_file`('{readable}')",
    "SELECT load_file/**/('{readable}')",
    "SELECT /*!50000LOAD_FILE*/('{readable}')",
    "SELECT HEX(LOAD_FILE(CONCAT('{readable}', '')))",
    "SELECT CONVERT(LOAD_FILE('{readable}') USING utf8mb4) UNION SELECT 'x'",
    "SELECT 1 INTO OUTFILE '{writable}'",
    "SELECT * INTO DUMPFILE '{writable}' FROM departments LIMIT 1",
    "SELECT * FROM departments /*!INTO*/ /*!50000OUTFILE*/ '{writable}'",
    "(SELECT 1) UNION (SELECT 2) INTO OUTFILE '{writable}'",
    "WITH a AS (SELECT 1) SELECT * FROM a INTO OUTFILE '{writable}'",
    "TABLE departments INTO OUTFILE '{writable}'",
    "VALUES (1) INTO OUTFILE '{writable}'",
)

ENDLESS_IN_MYSQL = (
    "SELECT SLEEP(60)",
    "SELECT id, SLEEP(60) FROM departments",
    "SELECT BENCHMARK(100000000000, MD5('a'))",
    "SELECT GET_LOCK('held', 60)",
    "SELECT COUNT(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq <> b.seq",
    "SELECT a.seq FROM seq_1_to_100000 a, seq_1_to_100000 b ORDER BY MD5(CONCAT(a.seq, b.seq)) LIMIT 1",
    "SELECT DISTINCT a.seq * b.seq FROM seq_1_to_100000 a, seq_1_to_100000 b HAVING COUNT(*) > 1",
    "SELECT (SELECT COUNT(*) FROM seq_1_to_100000000 b WHERE b.seq > a.seq) FROM seq_1_to_100000 a",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT seq FROM n, seq_1_to_100000) SELECT COUNT(*) FROM n",
    "SELECT COUNT(*) FROM seq_1_to_10000000 WHERE SHA2(REPEAT(seq, 1000), 512) REGEXP '^(a+)+$'",
    "EXPLAIN SELECT * FROM (SELECT SLEEP(60)) d",
    "SELECT * FROM information_schema.tables WHERE SLEEP(1)",
)

FILES_IN_SQLITE = (
    "SELECT readfile('{readable}')",
    "SELECT writefile('{writable}', 'x')",
    "SELECT load_extension('{readable}')",
    "SELECT edit('x', 'touch {writable}')",
    "SELECT fts3_tokenizer('simple', x'00')",
    "ATTACH '{readable}' AS other",
    "ATTACH '{writable}' AS other",
    "ATTACH DATABASE 'file:{writable}?mode=rwc' AS other",
    "VACUUM INTO '{writable}'",
    "VACUUM main INTO '{writable}'",
    "CREATE VIRTUAL TABLE temp.t USING csv(filename='{readable}')",
    "CREATE VIRTUAL TABLE t USING fts5(body)",
    "SELECT * FROM fsdir('/')",
    "SELECT * FROM zipfile('{readable}')",
    "SELECT * FROM csv('{readable}')",
    "SELECT * FROM pragma_database_list",
    "PRAGMA temp_store_directory = '{writable}'",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA wal_checkpoint",
    "SELECT 1; VACUUM INTO '{writable}'",
    "WITH a AS (SELECT 1) INSERT INTO departments SELECT 9, 'x' FROM a",
    "WITH a AS (SELECT 1) DELETE FROM departments RETURNING *",
    "EXPLAIN DELETE FROM departments",
)

ENDLESS_IN_SQLITE = (
    SqliteRig.stuck,
    SqliteRig.slow_rows,
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT * FROM n ORDER BY i DESC",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT group_concat(i % 2, '') FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(hex(randomblob(999))) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n LIMIT 9e18) SELECT COUNT(*) FROM n",
    "WITH RECURSIVE n(s) AS (SELECT 'ab' UNION ALL SELECT substr(s || s, 1, 9999) FROM n) "
    "SELECT COUNT(*) FROM n WHERE s LIKE '%a%a%a%a%b%c'",
)


def filled(statements: tuple[str, ...], folder: Path) -> Iterator[str]:
    for sql in statements:
        yield sql.replace("{readable}", str(folder / "readable")).replace(
            "{writable}", str(folder / "written")
        )


async def outcome(engine: Engine, sql: str, **changes: Any) -> Taken | Fault:
    """The rows, or why there are none."""
    try:
        return (await fetch(engine, sql, **changes))[0]
    except Fault as fault:
        return fault


def said(told: Taken | Fault) -> str:
    """All of it that a client could see."""
    return told.message.en if isinstance(told, Fault) else str(told.rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a database server could read a secret, and write what it likes."""
    made = tmp_path / "exposed"
    made.mkdir()
    (made / "readable").write_text(f"7\t{SECRET}\n")
    for path in (made, *made.parents):
        if path.is_relative_to(Path(tmp_path.root) / "tmp") and path != Path("/tmp"):
            path.chmod(0o777)
    (made / "readable").chmod(0o666)
    return made


# --- MySQL ----------------------------------------------------------------------------------------------


@pytest.fixture
async def server(mariadb: MariaDb, folder: Path) -> AsyncIterator[MariaDb]:
    """With routines that write, and an account with every right: the files are truly within its reach."""
    for sql in (
        "CREATE OR REPLACE PROCEDURE writes() "
        "BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO departments VALUES (9, 'x'); END",
        "CREATE OR REPLACE FUNCTION writes_too() RETURNS INT MODIFIES SQL DATA "
        "BEGIN INSERT INTO departments VALUES (9, 'x'); RETURN 1; END",
        "CREATE OR REPLACE SEQUENCE numbers",
    ):
        await mariadb.execute(sql)
    ((content,),) = await mariadb.execute(f"SELECT LOAD_FILE('{folder}/readable')")
    assert SECRET in content.decode()
    await mariadb.execute(f"SELECT 1 INTO OUTFILE '{folder}/possible'")
    yield mariadb
    for sql in ("DROP PROCEDURE writes", "DROP FUNCTION writes_too", "DROP SEQUENCE numbers"):
        await mariadb.execute(sql)


async def state(server: MariaDb) -> list[Any]:
    """Everything that a statement could have left changed."""
    tables = await server.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'"
    )
    names = sorted(name for (name,) in tables)
    return [
        names,
        await server.execute(f"CHECKSUM TABLE {', '.join(names)}"),
        await server.execute(
            "SELECT user, host, authentication_string, plugin FROM mysql.user ORDER BY 1, 2"
        ),
        await server.execute("SELECT @@max_connections, @@event_scheduler"),
        await server.execute("SELECT name FROM mysql.event UNION SELECT name FROM mysql.func"),
        await server.execute(
            "SELECT plugin_name FROM information_schema.plugins WHERE plugin_status = 'ACTIVE'"
        ),
    ]


@pytest.mark.parametrize("may_write", [True, False], ids=["every right", "only reading"])
async def test_nothing_is_changed_in_mysql(server: MariaDb, folder: Path, may_write: bool) -> None:
    rig = MysqlRig(server)
    engine = rig.open_as_admin() if may_write else rig.open()
    before = await state(server)
    for sql in filled(CHANGES_IN_MYSQL, folder):
        told = await outcome(engine, sql, timeout_seconds=2)
        assert isinstance(told, Fault) or sql.startswith("EXPLAIN"), sql
        assert SECRET not in said(told), sql
        await quiet(rig, engine)
        assert await state(server) == before, sql
    await engine.close()


@pytest.mark.usefixtures("any_words")
async def test_an_account_that_only_reads_changes_nothing_even_if_it_may_say_anything(
    server: MariaDb, folder: Path
) -> None:
    engine = MysqlRig(server).open()
    before = await state(server)
    for sql in filled(CHANGES_IN_MYSQL + FILES_IN_MYSQL, folder):
        assert SECRET not in said(await outcome(engine, sql, timeout_seconds=2)), sql
    await quiet(MysqlRig(server), engine)
    assert await state(server) == before
    assert not (folder / "written").exists()
    await engine.close()


async def test_no_file_is_read_or_written_by_mysql(server: MariaDb, folder: Path) -> None:
    engine = MysqlRig(server).open_as_admin()
    for sql in filled(FILES_IN_MYSQL, folder):
        with pytest.raises(Fault) as refused:
            await fetch(engine, sql)
        assert refused.value.code is Code.SQL_NOT_READ_ONLY, sql
        assert str(folder) not in refused.value.message.en
    assert sorted(path.name for path in folder.iterdir()) == ["possible", "readable"]
    await engine.close()


@pytest.fixture
async def held(mariadb: MariaDb) -> AsyncIterator[None]:
    """Somebody holds the lock `held`."""
    connection = await aiomysql.connect(
        host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password
    )
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT GET_LOCK('held', 0)")
    yield
    connection.close()


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("sql", ENDLESS_IN_MYSQL)
async def test_nothing_runs_on_in_mysql(mariadb: MariaDb, sql: str) -> None:
    rig = MysqlRig(mariadb)
    engine = rig.open_as_admin()
    await _ends(rig, engine, sql)

    async def is_over() -> bool:  # the server's list is a moment behind its answers
        return not [info for _, info in await mariadb.processlist(mariadb.admin_user) if "t2s:" in info]

    await eventually(is_over)
    await engine.close()


# --- SQLite ---------------------------------------------------------------------------------------------


async def test_no_file_is_read_or_written_by_sqlite(tmp_path: Path, folder: Path) -> None:
    rig = SqliteRig(tmp_path)
    engine = rig.open()
    before = rig.path.read_bytes()
    for sql in (*filled(FILES_IN_SQLITE, folder), *rig.write):
        told = await outcome(engine, sql)
        assert isinstance(told, Fault), sql
        assert SECRET not in said(told), sql
        assert str(folder) not in said(told), sql
    assert rig.path.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["readable"]
    assert {path.name for path in tmp_path.iterdir()} == {rig.path.name, folder.name}
    await engine.close()


@pytest.mark.parametrize("sql", ENDLESS_IN_SQLITE)
async def test_nothing_runs_on_in_sqlite(tmp_path: Path, sql: str) -> None:
    rig = SqliteRig(tmp_path)
    engine = rig.open()
    await _ends(rig, engine, sql)
    await engine.close()


async def _ends(rig: Rig, engine: Engine, sql: str) -> None:
    """It ends at its limit at the latest; within a second nothing of it runs, and its slot is free."""
    began = asyncio.get_running_loop().time()
    told = await outcome(engine, sql, timeout_seconds=0.3, max_rows=10**9)
    if isinstance(told, Fault):
        assert told.code in (Code.TIMEOUT_ERROR, Code.RESOURCE_LIMIT_EXCEEDED), told
    assert asyncio.get_running_loop().time() - began < 2
    await quiet(rig, engine)
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
