"""Running a query's SQL again: what is allowed, how many at once, how long, and how it is stopped."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support.fakes import Collected, FakeCatalog, FakeEngine, refused
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.engines.engine import Chunk, OnChunk, Statement, Total
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import ResultColumn
from text2sql_ws.exporting.exports import AT_ONCE, Exports
from text2sql_ws.pipeline import Resume
from text2sql_ws.query import Owner, Query
from text2sql_ws.settings import DataSource as DataSourceSettings

SQL = "SELECT city, SUM(amount) AS total FROM orders GROUP BY city"
ROWS = [("上海", 3.5), ("北京", 2.0)]
COLUMNS = (ResultColumn("city", "string"),)


class GatedEngine(FakeEngine):
    """Sends a chunk whenever `gate` lets one through; four of them are a result, one row more its limit."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Semaphore(0)
        self.sent = asyncio.Queue[int]()

    async def run(self, statement: Statement, on_chunk: OnChunk) -> Total:
        self.statements.append(statement)
        try:
            for number in range(4):
                await self.gate.acquire()
                await on_chunk(Chunk(COLUMNS, b'[["a"]]', 1, number == 3))
                self.sent.put_nowait(number)
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return Total(COLUMNS, 4, True, 4)


def exports_of(engine: FakeEngine, folder: Path, seconds: float = 5, **settings: Any) -> Exports:
    given = DataSourceSettings(type="sqlite", path="unused.db", **settings)
    source = DataSource("sales", given, engine, FakeCatalog())  # type: ignore[arg-type]
    return Exports(DataSources({"sales": source}, _never), folder, seconds)


def _never(name: str, settings: DataSourceSettings) -> DataSource:
    raise AssertionError("no client may bring a data source")


def query_of(sql: str | None = SQL, **ask: Any) -> Query:
    asked = Ask("各城市的销售额", **ask)
    query = Query("q1", Owner("1", "s1"), asked, Resume(), datetime.now(UTC), 0.0, Collected())
    query.datasource, query.sql = "sales", sql
    return query


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(ROWS)


async def rows_of(exports: Exports, query: Query) -> list[bytes]:
    chunks: list[bytes] = []

    async def keep(chunk: Chunk) -> None:
        chunks.append(chunk.rows_json)

    async with exports.begun(query) as export:
        await export.run(keep)
    return chunks


async def test_the_sql_runs_again_for_all_rows_that_the_data_source_allows(tmp_path: Path) -> None:
    engine = FakeEngine(ROWS)
    exports = exports_of(engine, tmp_path, seconds=7, max_rows=5000, statement_timeout=3)
    assert await rows_of(exports, query_of(max_rows=1)) == ['[["上海",3.5],["北京",2.0]]'.encode()]
    assert engine.statements == [Statement(SQL, "q1", 5000, 500, 3, client_seconds=7)]


async def test_a_query_without_sql_has_nothing_to_export(engine: FakeEngine, tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        await rows_of(exports_of(engine, tmp_path), query_of(None))
    assert raised.value.code is Code.INVALID_MESSAGE
    assert "q1" in raised.value.message.en


@pytest.mark.parametrize(
    ("sql", "settings", "code"),
    [
        ("DELETE FROM orders", {}, Code.SQL_NOT_READ_ONLY),
        (SQL, {"tables": ("cities",)}, Code.INSUFFICIENT_PERMISSIONS),
        (SQL, {"denied_columns": ("orders.amount",)}, Code.INSUFFICIENT_PERMISSIONS),
    ],
)
async def test_the_guard_is_asked_again(
    engine: FakeEngine, tmp_path: Path, sql: str, settings: Any, code: Code
) -> None:
    with pytest.raises(Fault) as raised:
        await rows_of(exports_of(engine, tmp_path, **settings), query_of(sql))
    assert raised.value.code is code
    assert engine.statements == []


async def test_a_data_source_that_is_gone_is_not_replaced_by_another(
    engine: FakeEngine, tmp_path: Path
) -> None:
    query = query_of()
    query.datasource = "gone"
    with pytest.raises(Fault) as raised:
        await rows_of(exports_of(engine, tmp_path), query)
    assert raised.value.code is Code.DATASOURCE_NOT_FOUND


async def test_connection_details_of_a_client_are_checked_again(engine: FakeEngine, tmp_path: Path) -> None:
    choice = DataSourceChoice(type="mysql", details=(("host", "127.0.0.1"),))
    with pytest.raises(Fault) as raised:
        await rows_of(exports_of(engine, tmp_path), query_of(datasource=choice))
    assert raised.value.code is Code.INSUFFICIENT_PERMISSIONS


async def test_a_few_at_once_and_a_place_comes_back_however_an_export_ends(tmp_path: Path) -> None:
    engine = FakeEngine()
    exports = exports_of(engine, tmp_path)
    for _ in range(2 * AT_ONCE):
        engine.answers = [refused()]
        with pytest.raises(Fault, match="no such column"):
            await rows_of(exports, query_of())
    started = [asyncio.Event() for _ in range(AT_ONCE)]
    engine.answers = list(started)
    tasks = [asyncio.create_task(rows_of(exports, query_of())) for _ in started]
    for event in started:
        await event.wait()
    with pytest.raises(Fault) as raised:
        await rows_of(exports, query_of())
    assert raised.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    tasks[0].cancel()
    await asyncio.wait(tasks[:1])
    engine.answers = [ROWS]
    assert await rows_of(exports, query_of())
    await exports.close()
    assert all(task.cancelled() for task in tasks)
    assert engine.stopped == AT_ONCE


async def test_an_export_has_a_time_limit(tmp_path: Path) -> None:
    engine = FakeEngine(asyncio.Event())
    with pytest.raises(Fault) as raised:
        await rows_of(exports_of(engine, tmp_path, seconds=0.01), query_of())
    assert raised.value.code is Code.TIMEOUT_ERROR
    assert engine.stopped == 1


async def test_a_workbook_is_whole_and_gone_afterwards(tmp_path: Path) -> None:
    engine = GatedEngine()
    engine.gate = asyncio.Semaphore(4)
    exports = exports_of(engine, tmp_path / "exports")
    async with exports.begun(query_of()) as export, exports.spreadsheet(export, "en") as (file, total):
        book = openpyxl.load_workbook(file)  # type: ignore[arg-type]
        assert [row[0].value for row in book["Sheet1"].iter_rows()] == ["city", "a", "a", "a", "a"]
        assert "first 4 rows" in book["Note"]["A1"].value
        assert total.truncated
    assert file.closed
    assert not list((tmp_path / "exports").iterdir())
    await exports.close()


@pytest.mark.parametrize("chunks", range(5))
async def test_a_workbook_cancelled_after_any_chunk_leaves_nothing(tmp_path: Path, chunks: int) -> None:
    engine = GatedEngine()
    exports = exports_of(engine, tmp_path / "exports")
    sending = asyncio.Event()

    async def export() -> None:
        async with exports.begun(query_of()) as begun, exports.spreadsheet(begun, "zh"):
            sending.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(export())
    await asyncio.sleep(0)
    for _ in range(chunks):
        engine.gate.release()
        await engine.sent.get()
    if chunks == 4:
        await sending.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert engine.stopped == (chunks < 4)
    assert not (tmp_path / "exports").exists() or not list((tmp_path / "exports").iterdir())
    await exports.close()


async def test_a_workbook_cancelled_twice_leaves_nothing(tmp_path: Path) -> None:
    engine = GatedEngine()
    exports = exports_of(engine, tmp_path / "exports")

    async def export() -> None:
        async with exports.begun(query_of()) as begun, exports.spreadsheet(begun, "zh"):
            pass

    task = asyncio.create_task(export())
    await asyncio.sleep(0)
    engine.gate.release()
    await engine.sent.get()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await exports.close()
    assert not list((tmp_path / "exports").iterdir())


async def test_draining_lets_exports_end_and_begins_no_more(tmp_path: Path) -> None:
    engine = GatedEngine()
    exports = exports_of(engine, tmp_path)
    task = asyncio.create_task(rows_of(exports, query_of()))
    await asyncio.sleep(0)
    draining = asyncio.create_task(exports.drain(5))
    await asyncio.sleep(0)
    with pytest.raises(Fault) as raised:
        await rows_of(exports, query_of())
    assert raised.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    assert not draining.done()
    for _ in range(4):
        engine.gate.release()
    await draining
    assert len(task.result()) == 4
    await exports.close()


async def test_draining_does_not_wait_for_ever(tmp_path: Path) -> None:
    engine = GatedEngine()
    exports = exports_of(engine, tmp_path)
    task = asyncio.create_task(rows_of(exports, query_of()))
    await asyncio.sleep(0)
    await exports.drain(0.01)
    assert not task.done()
    await exports.close()
    assert task.cancelled()


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    """No task outlives its export."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - {asyncio.current_task()} <= before
