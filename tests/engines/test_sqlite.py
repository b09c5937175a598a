"""What is SQLite's own: values without types, limits, the file, the thread."""

import asyncio
import gc
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engines.rigs import SqliteRig, Taken, eventually, fetch, quiet, running, statement
from text2sql_ws.engines import sqlite_session
from text2sql_ws.engines.engine import Engine
from text2sql_ws.errors import Code, Fault


@pytest.fixture
def rig(tmp_path: Path) -> SqliteRig:
    return SqliteRig(tmp_path)


@pytest.fixture
async def engine(rig: SqliteRig) -> AsyncIterator[Engine]:
    opened = rig.open()
    yield opened
    await opened.close()


def fill(rig: SqliteRig, script: str) -> None:
    with sqlite3.connect(rig.path) as writer:
        writer.executescript(script)
    writer.close()


# --- values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "type_", "value"),
    [
        ("1", "integer", 1),
        ("NULL", "string", None),
        ("9007199254740991", "integer", 9007199254740991),
        ("9007199254740992", "integer", "9007199254740992"),
        ("-9223372036854775808", "integer", "-9223372036854775808"),
        ("0.1", "number", 0.1),
        ("9e999", "number", None),
        ("'引\"号\\'", "string", '引"号\\'),
        ("CAST(x'61ff62' AS TEXT)", "string", "a\ufffdb"),
        ("'a' || char(0) || 'b'", "string", "a\0b"),
        ("x'00ff'", "binary", "base64:AP8="),
        ("date('2025-02-28')", "date", "2025-02-28"),
        ("datetime('2025-02-28 10:00:01')", "datetime", "2025-02-28T10:00:01"),
        ("time('10:00:01')", "time", "10:00:01"),
        ("json_object('a', 1)", "string", '{"a":1}'),
        ("'2025-02-28 or so'", "string", "2025-02-28 or so"),
    ],
)
async def test_an_expressions_value(engine: Engine, expression: str, type_: str, value: object) -> None:
    taken, _ = await fetch(engine, f"SELECT {expression} AS x")
    assert (taken.types, taken.rows) == ([type_], [[value]])


async def test_what_was_declared_decides_where_values_do_not(rig: SqliteRig, engine: Engine) -> None:
    fill(
        rig,
        "CREATE TABLE t (flag BOOLEAN, doc JSON, day DATE, at TIMESTAMP, price DECIMAL(9,2),"
        " n INT, r REAL, b BLOB);"
        "CREATE TABLE u (flag INT);"
        "INSERT INTO t VALUES (1, '[1]', '2025-01-01', '2025-01-01 00:00:00', 1.5, 2, 3, x'00');",
    )
    taken, _ = await fetch(engine, "SELECT * FROM t")
    types = ["boolean", "json", "date", "datetime", "number", "integer", "number", "binary"]
    assert taken.types == types
    assert taken.rows == [[True, [1], "2025-01-01", "2025-01-01T00:00:00", 1.5, 2, 3.0, "base64:AA=="]]
    assert (await fetch(engine, "SELECT * FROM t WHERE 0"))[0].types == types
    assert (await fetch(engine, "SELECT SUM(flag) + 1 AS flag FROM t"))[0].types == ["integer"]
    assert (await fetch(engine, "SELECT t.flag FROM t JOIN u ON t.flag <> u.flag"))[0].types == ["string"]


async def test_cells_that_are_not_what_their_column_began_as(rig: SqliteRig, engine: Engine) -> None:
    rows = ",".join(f"({i}, '2025-01-01 00:00:0{i % 10}')" for i in range(60))
    fill(
        rig,
        f"CREATE TABLE t (flag BOOLEAN, at); INSERT INTO t VALUES (1, 0); DELETE FROM t; "
        f"INSERT INTO t SELECT 1, column2 FROM (VALUES {rows}); "
        "INSERT INTO t VALUES (7, 'soon'), (x'00', 4.5)",
    )
    taken, _ = await fetch(engine, "SELECT * FROM t")
    assert taken.types == ["boolean", "datetime"]
    assert taken.rows[0] == [True, "2025-01-01T00:00:00"]
    assert taken.rows[-2:] == [[7, "soon"], ["base64:AA==", 4.5]]


async def test_a_full_text_index_can_be_read(rig: SqliteRig, engine: Engine) -> None:
    fill(
        rig, "CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES ('hello world'), ('bye')"
    )
    for _ in range(2):
        taken, _ = await fetch(engine, "SELECT body FROM notes WHERE notes MATCH 'hello'")
        assert taken.rows == [["hello world"]]
        await quiet(rig, engine)
        fill(rig, "DROP TABLE IF EXISTS changed; CREATE TABLE changed (id INT)")


async def test_json_can_be_taken_apart(engine: Engine) -> None:
    taken, _ = await fetch(engine, "SELECT value FROM json_each('[1, 2]')")
    assert taken.rows == [[1], [2]]


# --- limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT randomblob(900000000)", Code.RESOURCE_LIMIT_EXCEEDED),
        ("SELECT zeroblob(900000000)", Code.RESOURCE_LIMIT_EXCEEDED),
        ("SELECT hex(zeroblob(10000000))", Code.RESOURCE_LIMIT_EXCEEDED),
        ("SELECT 'a' LIKE '" + "%a" * 600 + "'", Code.SQL_EXECUTION_FAILED),
        ("SELECT " + "abs(" * 600 + "1" + ")" * 600, Code.SQL_EXECUTION_FAILED),
        ("SELECT '" + "x" * (2 << 20) + "'", Code.RESOURCE_LIMIT_EXCEEDED),
        ("SELECT 1\0", Code.SQL_SYNTAX_ERROR),
        ("SELECT readfile('/etc/hostname')", Code.SQL_EXECUTION_FAILED),
        ("SELECT fts3_tokenizer('simple')", Code.SQL_NOT_READ_ONLY),
        ("SELECT * FROM pragma_database_list", Code.SQL_NOT_READ_ONLY),
        ("PRAGMA database_list", Code.SQL_NOT_READ_ONLY),
    ],
)
async def test_what_could_hurt_is_refused(engine: Engine, sql: str, code: Code) -> None:
    with pytest.raises(Fault) as refused:
        await fetch(engine, sql)
    assert refused.value.code is code, refused.value
    assert "/" not in refused.value.message.en


async def test_nothing_is_written_whatever_is_asked(rig: SqliteRig, engine: Engine) -> None:
    before = rig.path.read_bytes()
    for sql in rig.write:
        with pytest.raises(Fault):
            await fetch(engine, sql)
    assert rig.path.read_bytes() == before
    assert [each.name for each in rig.path.parent.iterdir()] == [rig.path.name]


# --- the file --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [None, b"", b"this is no database, but it is long enough to look like one" * 99]
)
async def test_a_file_that_is_missing_or_no_database(rig: SqliteRig, content: bytes | None) -> None:
    path = rig.path.parent / "other.db"
    if content is not None:
        path.write_bytes(content)
    engine = rig.open(path=str(path))
    if content == b"":
        await engine.connect()  # an empty file is an empty database
    else:
        for attempt in (engine.connect(), fetch(engine, "SELECT 1")):
            with pytest.raises(Fault) as unusable:
                await attempt
            assert unusable.value.code is Code.DATABASE_CONNECTION_FAILED
            assert "other" not in unusable.value.message.en
        assert path.exists() == (content is not None)
    await engine.close()


async def test_a_file_that_was_replaced_is_opened_anew(rig: SqliteRig, engine: Engine) -> None:
    assert (await fetch(engine, "SELECT COUNT(*) FROM departments"))[0].rows == [[3]]
    await quiet(rig, engine)
    rig.path.unlink()
    with pytest.raises(Fault):
        await fetch(engine, "SELECT COUNT(*) FROM departments")
    fill(rig, "CREATE TABLE departments (id INTEGER); INSERT INTO departments VALUES (1)")
    assert (await fetch(engine, "SELECT COUNT(*) FROM departments"))[0].rows == [[1]]


async def test_what_others_write_is_seen(rig: SqliteRig, engine: Engine) -> None:
    for expected in (4, 5, 6):
        fill(rig, f"INSERT INTO departments VALUES ({expected}, 'new')")
        assert (await fetch(engine, "SELECT COUNT(*) FROM departments"))[0].rows == [[expected]]


async def test_a_cursor_left_open_does_not_lock_the_file(rig: SqliteRig, engine: Engine) -> None:
    _, total = await fetch(engine, "SELECT * FROM departments a, departments b", max_rows=2)
    assert total.truncated
    await quiet(rig, engine)
    fill(rig, "INSERT INTO departments VALUES (4, 'new')")


async def test_a_locked_file_is_not_worth_a_rewrite(
    rig: SqliteRig, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_session, "BUSY_SECONDS", 0.05)
    await engine.connect()
    await quiet(rig, engine)
    writer = sqlite3.connect(rig.path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Fault) as locked:
        await fetch(engine, "SELECT * FROM departments")
    assert (locked.value.code, locked.value.mendable) == (Code.SQL_EXECUTION_FAILED, False)
    writer.close()


# --- the thread -------------------------------------------------------------------------------------------


async def test_an_interrupt_that_comes_before_its_statement_still_stops_it(
    rig: SqliteRig, engine: Engine
) -> None:
    """Cancelled in the turn in which the call was handed to the thread, wherever the thread then is."""
    await engine.connect()
    for turns in range(12):
        run = asyncio.create_task(engine.run(statement(rig.stuck), Taken()))
        for _ in range(turns):
            await asyncio.sleep(0)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await quiet(rig, engine)


async def test_a_file_whose_opening_was_cancelled_is_closed(rig: SqliteRig) -> None:
    async def is_closed() -> bool:
        return str(rig.path) not in {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}

    gc.disable()  # which would close in the end what nobody holds
    try:
        for turns in range(40):
            engine = rig.open()
            opening = asyncio.create_task(engine.connect())
            for _ in range(turns):
                await asyncio.sleep(0.0001 if turns % 2 else 0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            await engine.close()
            await eventually(is_closed)
    finally:
        gc.enable()


async def test_a_call_that_heeds_nothing_costs_its_slot_three_seconds(
    rig: SqliteRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_session, "STOP_SECONDS", 0.1)
    engine = rig.open(pool_size=1)
    long_call = "SELECT instr(hex(zeroblob(200000)), hex(zeroblob(100000)) || '1')"
    run = asyncio.create_task(engine.run(statement(long_call), Taken()))
    await running(rig)
    run.cancel()
    began = time.monotonic()
    await asyncio.gather(run, return_exceptions=True)
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    assert time.monotonic() - began < 10  # the call itself takes minutes
    await engine.close()
    stuck = [thread for thread in threading.enumerate() if thread.name == "sqlite"]
    assert all(thread.daemon for thread in stuck)
    for thread in stuck:
        await asyncio.to_thread(thread.join, 60)
