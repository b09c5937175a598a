"""Stand-ins with names, for tests of the rooms above them: a clock, an engine, a model, a catalogue."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import orjson

from tests.support.paths import PROMPTS
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.engines.engine import Chunk, OnChunk, Statement, Total
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Event, ResultColumn, Stamped, Usage
from text2sql_ws.llm.model import Completion, Delta, Message, OnDelta
from text2sql_ws.llm.prompts import read_prompts
from text2sql_ws.llm.providers import Offered, Providers
from text2sql_ws.pipeline import Pipeline
from text2sql_ws.running import Bounds
from text2sql_ws.schema import Column, Schema, SqlDialect, Table
from text2sql_ws.settings import DataSource as DataSourceSettings
from text2sql_ws.texts import verbatim

TODAY = date(2026, 11, 21)

ORDERS = Schema(
    "sales",
    "sqlite",
    "3.45",
    (
        Table(
            "orders",
            (Column("id", "INTEGER", primary_key=True), Column("city", "TEXT"), Column("amount", "REAL")),
        ),
    ),
)


class ManualClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 8, 0, tzinfo=UTC) + timedelta(seconds=self.seconds - 1000)

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class FakeEngine:
    """Answers every statement with the next of `answers`: rows, a fault, or an event to wait for for ever."""

    dialect: SqlDialect = "sqlite"

    def __init__(self, *answers: Sequence[tuple[object, ...]] | Fault | asyncio.Event) -> None:
        self.answers = list(answers)
        self.statements: list[Statement] = []
        self.refusals: list[Fault] = []
        self.stopped = 0
        self.estimated: int | None = None

    @property
    def in_use(self) -> tuple[int, int]:
        return (0, 1)

    async def connect(self) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        return "3.45"

    async def run(self, statement: Statement, on_chunk: OnChunk) -> Total:
        self.statements.append(statement)
        answer = self.answers.pop(0)
        if isinstance(answer, Fault):
            raise answer
        if isinstance(answer, asyncio.Event):
            await self._stall(answer)
            answer = []
        columns = (ResultColumn("city", "string"), ResultColumn("total", "number"))
        for start in range(0, max(len(answer), 1), statement.chunk_rows):
            rows = answer[start : start + statement.chunk_rows]
            is_last = start + statement.chunk_rows >= len(answer)
            await on_chunk(Chunk(columns, orjson.dumps(rows), len(rows), is_last))
        chunks = max(-(-len(answer) // statement.chunk_rows), 1)
        return Total(columns, len(answer), False, chunks)

    async def estimate(self, statement: Statement) -> int | None:
        return self.estimated

    async def rights(self) -> frozenset[str]:
        return frozenset()

    async def _stall(self, started: asyncio.Event) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped += 1

    async def close(self) -> None:
        pass


class ScriptedModel:
    """Answers each call with the next of `answers`: text in deltas of `step` characters, or a fault."""

    def __init__(
        self, *answers: str | Fault | Callable[[OnDelta], Awaitable[Completion]], step: int = 7
    ) -> None:
        self.answers = list(answers)
        self.calls: list[Sequence[Message]] = []
        self._step = step

    async def stream(
        self, messages: Sequence[Message], on_delta: OnDelta, *, model: str | None = None
    ) -> Completion:
        self.calls.append(messages)
        answer = self.answers.pop(0)
        if isinstance(answer, Fault):
            raise answer
        if not isinstance(answer, str):
            return await answer(on_delta)
        for start in range(0, len(answer), self._step):
            await on_delta(Delta("content", answer[start : start + self._step]))
        return Completion(answer, "", Usage(10, 5), model or "scripted")


class FakeCatalog:
    def __init__(self, schema: Schema = ORDERS) -> None:
        self._schema = schema

    async def schema(self) -> Schema:
        return self._schema

    async def relevant(self, question: str) -> Schema:
        return self._schema

    async def aclose(self) -> None:
        pass


class Collected:
    """An outlet that keeps everything, and lets a test wait for the ending."""

    def __init__(self) -> None:
        self.stamped: list[Stamped] = []
        self.dropped: list[str] = []
        self.changed = asyncio.Event()

    @property
    def events(self) -> list[Event]:
        return [stamped.event for stamped in self.stamped]

    async def put(self, stamped: Stamped) -> None:
        self.put_now(stamped)

    def put_now(self, stamped: Stamped) -> None:
        self.stamped.append(stamped)
        self.changed.set()

    def drop(self, query_id: str) -> None:
        self.dropped.append(query_id)

    async def until(self, kind: type | tuple[type, ...]) -> Event:
        """The first event of a kind, once it is there."""
        async with asyncio.timeout(5):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        return event
                self.changed.clear()
                await self.changed.wait()


def pipeline_of(
    engine: FakeEngine,
    model: ScriptedModel,
    *,
    max_rewrites: int = 1,
    max_examined_rows: int = 0,
    schema: Schema = ORDERS,
    sees_values: bool = True,
) -> Pipeline:
    """A pipeline over one fake data source, `sales`, and one scripted model."""
    settings = DataSourceSettings(type="sqlite", path="unused.db")
    source = DataSource("sales", settings, engine, FakeCatalog(schema))  # type: ignore[arg-type]
    sources = DataSources({"sales": source}, _no_adhoc)
    providers = Providers({"main": Offered(model, ("scripted", "other"), sees_values=sees_values)}, "main")
    dictionaries = {"city": {"魔都": "上海"}}
    bounds = Bounds(max_rewrites, 2, max_examined_rows)
    return Pipeline(sources, providers, read_prompts(PROMPTS), dictionaries, bounds, lambda: TODAY)


def refused(message: str = "no such column: nope") -> Fault:
    """What a database says of SQL that another SQL could do better."""
    return Fault(Code.SQL_EXECUTION_FAILED, verbatim(message), mendable=True)


def _no_adhoc(name: str, settings: DataSourceSettings) -> DataSource:
    raise AssertionError("no client may bring a data source")
