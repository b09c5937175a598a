"""A data source: does it answer, what is it, what may its account do and see, what does its clock say."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic

import orjson

from text2sql_ws.catalog import Catalog
from text2sql_ws.clock import Clock
from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.engines import open_engine
from text2sql_ws.engines.engine import Chunk, Engine, Statement
from text2sql_ws.errors import Fault
from text2sql_ws.settings import DataSource
from text2sql_ws.texts import Text, say

CLOCK_SECONDS = 5.0
"""Clocks that are further apart than this make "today" two days, and tokens too old or too young."""

OLDEST = {"mariadb": (10, 1), "mysql": (5, 7)}
"""Before these a statement can't be limited in time by the server."""

DISTINCT = ("tidb", "starrocks", "doris")


async def look_at_source(name: str, source: DataSource, clock: Clock) -> list[Finding]:
    subject = Subject("datasource", name)
    if source.password is None and source.password_env and not source.secret():
        return [subject.bad("doctor.source.no_password", variable=source.password_env)]
    engine = open_engine(name, source, "doctor")
    try:
        return [finding async for finding in _look(subject, source, engine, clock)]
    except Fault as fault:
        return [subject.failed(fault, _remedy(source))]
    finally:
        await engine.close()


async def _look(subject: Subject, source: DataSource, engine: Engine, clock: Clock) -> AsyncIterator[Finding]:
    began = monotonic()
    version = await engine.connect()
    milliseconds = round((monotonic() - began) * 1000)
    flavour = source.type if source.type == "sqlite" else _flavour(version)
    yield subject.good("doctor.source.answers", version=version, flavour=flavour, milliseconds=milliseconds)
    if flavour in DISTINCT and source.dialect != flavour:
        yield subject.doubtful("doctor.source.dialect", flavour=flavour)
    if flavour in OLDEST and _number(version) < OLDEST[flavour]:
        yield subject.doubtful("doctor.source.old", version=version)
    yield await _rights(subject, source, engine)
    async for finding in _tables(subject, source):
        yield finding
    if source.type == "mysql":
        yield await _clock(subject, engine, clock)


async def _rights(subject: Subject, source: DataSource, engine: Engine) -> Finding:
    rights = ", ".join(sorted(await engine.rights()))
    if not rights:
        return subject.good("doctor.source.reads_only")
    account = {"user": source.user, "database": source.database}
    return subject.doubtful("doctor.source.writes", rights=rights, **account)


async def _tables(subject: Subject, source: DataSource) -> AsyncIterator[Finding]:
    catalog = Catalog(subject.name, source)
    try:
        seen = {table.name for table in (await catalog.schema()).tables}
    finally:
        await catalog.aclose()
    if missing := sorted(set(source.tables) - seen):
        yield subject.doubtful("doctor.source.tables_missing", names=", ".join(missing))
    if seen:
        yield subject.good("doctor.source.tables", count=len(seen))
    else:
        yield subject.bad("doctor.source.no_tables", user=source.user, database=source.database)


async def _clock(subject: Subject, engine: Engine, clock: Clock) -> Finding:
    """Its clock against ours; what asking takes counts as apart, which is little."""
    told: list[str] = []

    async def take(chunk: Chunk) -> None:
        told.extend(str(row[0]) for row in orjson.loads(chunk.rows_json))

    await engine.run(Statement("SELECT UTC_TIMESTAMP()", "doctor", 1, 1, 5.0), take)
    there = datetime.fromisoformat(told[0]).replace(tzinfo=UTC)
    apart = abs((clock.now() - there).total_seconds())
    if apart > CLOCK_SECONDS:
        return subject.doubtful("doctor.source.clock", seconds=round(apart))
    return subject.good("doctor.source.clock_good")


def _flavour(version: str) -> str:
    known = ("mariadb", *DISTINCT)
    return next((name for name in known if name in version.lower()), "mysql")


def _number(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (999, 0)


def _remedy(source: DataSource) -> Text:
    if source.type == "sqlite":
        return say("doctor.source.remedy_sqlite", path=source.path)
    where = {"host": source.host, "port": source.port, "user": source.user, "database": source.database}
    return say("doctor.source.remedy", **where)
