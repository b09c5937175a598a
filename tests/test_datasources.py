"""Which data source a question goes to, and what clients may say of it."""

import asyncio
from dataclasses import replace

import pytest

from tests.support.fakes import FakeCatalog, FakeEngine
from text2sql_ws.commands import DataSourceChoice
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import Column, Schema, Table
from text2sql_ws.settings import DataSource as DataSourceSettings
from text2sql_ws.texts import verbatim


class DownCatalog(FakeCatalog):
    async def schema(self) -> Schema:
        raise Fault(Code.DATABASE_CONNECTION_FAILED, verbatim("down"))


def source(
    name: str, kind: str = "sqlite", table: str = "t", catalog: FakeCatalog | None = None
) -> DataSource:
    details = {"path": "x"} if kind == "sqlite" else {"user": "u", "database": "d"}
    settings = DataSourceSettings(type=kind, **details)  # type: ignore[arg-type]
    schema = Schema(name, "sqlite", "3", (Table(table, (Column("id", "INTEGER"),)),))
    return DataSource(name, settings, FakeEngine(), catalog or FakeCatalog(schema))  # type: ignore[arg-type]


class Opened:
    """Opens what clients bring, and remembers it."""

    def __init__(self) -> None:
        self.settings: list[DataSourceSettings] = []
        self.closed = 0

    def __call__(self, name: str, settings: DataSourceSettings) -> DataSource:
        self.settings.append(settings)
        opened = self

        class Engine(FakeEngine):
            async def close(self) -> None:
                opened.closed += 1

        return DataSource(name, settings, Engine(), FakeCatalog())  # type: ignore[arg-type]


def sources(
    *given: DataSource, opened: Opened | None = None, hosts: frozenset[str] | None = None
) -> DataSources:
    return DataSources({each.name: each for each in given}, opened or Opened(), hosts)


async def name_of(all_sources: DataSources, choice: DataSourceChoice, question: str = "q") -> str:
    async with all_sources.chosen(choice, question) as chosen:
        return chosen.name


async def test_named_then_of_the_type_then_the_one_that_fits() -> None:
    given = sources(
        source("a", table="invoices"), source("b", "mysql", "patients"), source("c", table="patients")
    )
    assert await name_of(given, DataSourceChoice(name="c")) == "c"
    assert await name_of(given, DataSourceChoice(name="c", type="mysql")) == "c"
    assert await name_of(given, DataSourceChoice(type="mysql")) == "b"
    assert await name_of(given, DataSourceChoice(type="sqlite")) == "a"
    assert await name_of(given, DataSourceChoice(), "how many patients") == "b"
    assert await name_of(given, DataSourceChoice(), "how many invoices") == "a"


async def test_where_none_fits_better_the_first_configured_answers() -> None:
    given = sources(source("a"), source("b"))
    assert await name_of(given, DataSourceChoice(), "你好") == "a"


async def test_one_that_is_down_fits_nothing() -> None:
    given = sources(source("a", catalog=DownCatalog()), source("b"))
    assert await name_of(given, DataSourceChoice(), "你好") == "b"


@pytest.mark.parametrize("choice", [DataSourceChoice(name="nope"), DataSourceChoice(type="oracle")])
async def test_what_is_not_configured_is_refused_with_what_is(choice: DataSourceChoice) -> None:
    with pytest.raises(Fault) as refused:
        await name_of(sources(source("a"), source("b", "mysql")), choice)
    assert refused.value.code is Code.DATASOURCE_NOT_FOUND
    assert "a" in refused.value.message.zh
    assert "b" in refused.value.message.en


BROUGHT = (("host", "db1"), ("port", 3307), ("username", "u"), ("password", "p"), ("database", "d"))


async def test_connection_details_are_refused_unless_the_operator_allows_the_host() -> None:
    choice = DataSourceChoice(type="mysql", details=BROUGHT)
    for hosts in (None, frozenset[str](), frozenset({"db2"})):
        with pytest.raises(Fault) as refused:
            sources(source("a"), hosts=hosts).check(choice)
        assert refused.value.code is Code.INSUFFICIENT_PERMISSIONS
        assert "'p'" not in refused.value.message.en


async def test_an_allowed_one_is_opened_for_the_question_and_closed_after_it() -> None:
    opened = Opened()
    given = sources(source("a"), opened=opened, hosts=frozenset({"db1"}))
    assert await name_of(given, DataSourceChoice(type="mysql", details=BROUGHT)) == "adhoc"
    (settings,) = opened.settings
    assert (settings.host, settings.port, settings.user, settings.secret()) == ("db1", 3307, "u", "p")
    assert opened.closed == 1


async def test_what_is_missing_of_the_details_is_named() -> None:
    with pytest.raises(Fault) as wrong:
        sources(source("a"), hosts=frozenset({"db1"})).check(
            DataSourceChoice(type="mysql", details=(("host", "db1"), ("port", 99999)))
        )
    assert wrong.value.code is Code.INVALID_MESSAGE
    assert "database_config" in wrong.value.message.en


class Closing(FakeEngine):
    """Counts how often it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def closing(name: str) -> tuple[DataSource, Closing]:
    engine = Closing()
    return replace(source(name), engine=engine), engine


async def test_one_that_is_replaced_closes_when_its_last_user_leaves() -> None:
    (old, engine), (new, _) = closing("a"), closing("a")
    given = sources(old)
    async with given.chosen(DataSourceChoice(name="a"), "q") as first:
        async with given.chosen(DataSourceChoice(name="a"), "q"):
            given.replace({"a": new})
        await asyncio.sleep(0)
        assert first is old
        assert engine.closed == 0
        async with given.chosen(DataSourceChoice(name="a"), "q") as second:
            assert second is new
    await asyncio.sleep(0.01)
    assert engine.closed == 1


async def test_one_that_nobody_uses_closes_at_once_and_one_that_stays_does_not() -> None:
    (gone, gone_engine), (stays, stays_engine) = closing("gone"), closing("stays")
    given = sources(gone, stays)
    given.replace({"stays": stays})
    await given.aclose()
    assert (gone_engine.closed, stays_engine.closed) == (1, 1)
    with pytest.raises(Fault) as unknown:
        await name_of(given, DataSourceChoice(name="gone"))
    assert unknown.value.code is Code.DATASOURCE_NOT_FOUND


async def test_one_that_is_replaced_while_used_is_closed_at_the_end_all_the_same() -> None:
    old, engine = closing("a")
    given = sources(old)
    async with given.chosen(DataSourceChoice(name="a"), "q"):
        given.replace({})
        await given.aclose()
        assert engine.closed == 1
