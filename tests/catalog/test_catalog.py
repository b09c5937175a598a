"""The cache: one read for all who wait, old tables while new ones are read, nothing left behind."""

import asyncio

import pytest

from text2sql_ws.catalog import Catalog
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Column, Schema, Table
from text2sql_ws.settings import DataSource
from text2sql_ws.texts import verbatim

SETTINGS = DataSource(type="sqlite", path="never-opened.db")


class ManualClock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class FakeDatabase:
    """Reads that end when the test says so; `reads` counts those begun."""

    def __init__(self) -> None:
        self.reads = 0
        self.cancelled = 0
        self.failing = False
        self.begun = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, name: str, datasource: DataSource) -> Schema:
        assert datasource is SETTINGS
        self.reads += 1
        self.begun.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failing:
            raise Fault(Code.DATABASE_CONNECTION_FAILED, verbatim("down"))
        return Schema(name, "sqlite", f"read {self.reads}", (Table("t", (Column("a", "INT"),)),))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def catalog(database: FakeDatabase, clock: ManualClock) -> Catalog:
    return Catalog("sales", SETTINGS, refresh_seconds=300, read=database, clock=clock)


async def settle() -> None:
    """Wait for every other task to end."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def test_it_is_read_once(catalog: Catalog, database: FakeDatabase) -> None:
    first = await catalog.schema()
    assert await catalog.schema() is first
    assert database.reads == 1


async def test_those_who_come_together_share_one_read(catalog: Catalog, database: FakeDatabase) -> None:
    schemas = await asyncio.gather(*(catalog.schema() for _ in range(5)))
    assert database.reads == 1
    assert all(schema is schemas[0] for schema in schemas)


async def test_a_cancelled_caller_leaves_the_read_to_the_others(
    catalog: Catalog, database: FakeDatabase
) -> None:
    database.may_answer.clear()
    impatient, patient = asyncio.create_task(catalog.schema()), asyncio.create_task(catalog.schema())
    await database.begun.wait()
    impatient.cancel()
    await asyncio.wait([impatient])
    assert impatient.cancelled()
    database.may_answer.set()
    assert (await patient).version == "read 1"
    assert database.cancelled == 0


async def test_a_failure_reaches_everyone_and_is_not_kept(catalog: Catalog, database: FakeDatabase) -> None:
    database.failing = True
    outcomes = await asyncio.gather(catalog.schema(), catalog.schema(), return_exceptions=True)
    assert [isinstance(outcome, Fault) for outcome in outcomes] == [True, True]
    database.failing = False
    assert (await catalog.schema()).version == "read 2"


async def test_old_tables_serve_while_new_ones_are_read(
    catalog: Catalog, database: FakeDatabase, clock: ManualClock
) -> None:
    await catalog.schema()
    clock.seconds += 300
    database.may_answer.clear()
    assert (await catalog.schema()).version == "read 1"
    assert (await catalog.schema()).version == "read 1"
    database.may_answer.set()
    await settle()
    assert (await catalog.schema()).version == "read 2"
    assert database.reads == 2


async def test_a_failed_refresh_keeps_the_old_tables_and_is_tried_again_later(
    catalog: Catalog, database: FakeDatabase, clock: ManualClock
) -> None:
    await catalog.schema()
    database.failing = True
    clock.seconds += 300
    for _ in range(3):
        assert (await catalog.schema()).version == "read 1"
        await settle()
    assert database.reads == 2
    database.failing = False
    clock.seconds += 30
    await catalog.schema()
    await settle()
    assert (await catalog.schema()).version == "read 3"


async def test_closing_ends_the_read_that_is_under_way(catalog: Catalog, database: FakeDatabase) -> None:
    database.may_answer.clear()
    waiting = asyncio.create_task(catalog.schema())
    await database.begun.wait()
    await catalog.aclose()
    await catalog.aclose()
    assert database.cancelled == 1
    with pytest.raises(Fault) as failure:
        await waiting
    assert failure.value.code is Code.DATABASE_CONNECTION_FAILED
    assert len(asyncio.all_tasks()) == 1


async def test_closing_without_ever_reading(catalog: Catalog) -> None:
    await catalog.aclose()


def wide(name: str, comment: str = "") -> Table:
    return Table(name, tuple(Column(f"column_{number}", "VARCHAR(20)") for number in range(30)), comment)


async def test_all_tables_are_relevant_if_they_fit(catalog: Catalog) -> None:
    assert await catalog.relevant("anything") is await catalog.schema()


async def test_only_what_a_question_needs_is_relevant_if_not() -> None:
    tables = (*(wide(f"t{number}") for number in range(100)), wide("refunds", "退货单"))

    async def read(name: str, _: DataSource) -> Schema:
        return Schema(name, "mysql", "8.0", tables)

    catalog = Catalog("sales", SETTINGS, read=read)
    schema = await catalog.relevant("有多少退货单", budget_chars=4000)
    assert "refunds" in [table.name for table in schema.tables]
    assert 1 <= len(schema.tables) < 10
    assert (schema.datasource, schema.dialect, schema.version) == ("sales", "mysql", "8.0")
