"""The tables of older versions become today's with what is in them; those of newer ones are not touched."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from tests.support.paths import ROOT
from tests.support.storage import storage_url
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage import migrating
from text2sql_ws.storage.database import address_of, open_database
from text2sql_ws.storage.migrations import REVISIONS
from text2sql_ws.storage.migrations.versions import r0001_tables
from text2sql_ws.storage.revising import versions
from text2sql_ws.storage.tables import conversations, feedback, messages, metadata

__all__ = ["storage_url"]

WHEN = datetime(2026, 11, 1, 12, 0, tzinfo=UTC).replace(tzinfo=None)

checkout = MetaData()
old_turns = Table(
    "conversation_turns", checkout,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False),
    Column("conversation_id", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index("ix_conversation_turns_conversation", "user_id", "conversation_id", "id"),
)  # fmt: skip
old_feedback = Table(
    "feedback", checkout,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False),
    Column("query_id", String(200), nullable=False, index=True),
    Column("rating", Integer),
    Column("sql", Text),
    Column("feedback", JSON, nullable=False),
    Column("created_at", DateTime, nullable=False),
)  # fmt: skip


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(address_of(url))
    if engine.url.database and engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def open_and_close(url: str) -> None:
    await (await open_database(url)).aclose()


def differences(connection: Connection) -> Sequence[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, metadata)


async def assert_is_todays(url: str) -> None:
    async with connected(url) as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.scalar(select(versions.c.version_num)) == REVISIONS[-1]


def test_the_revisions_are_those_that_there_are_modules_of() -> None:
    scripts = ScriptDirectory(str(migrating.FOLDER)).walk_revisions()
    assert [script.revision for script in scripts][::-1] == list(REVISIONS)


async def test_new_tables_are_todays(storage_url: str) -> None:
    await open_and_close(storage_url)
    await assert_is_todays(storage_url)


async def test_tables_of_the_first_revision_become_todays_and_nothing_is_lost(storage_url: str) -> None:
    row = {
        "id": "c", "space": "scm", "owner_id": "me", "name": "n", "title": "t",
        "created_at": WHEN, "updated_at": WHEN,
    }  # fmt: skip
    async with connected(storage_url) as connection:
        await connection.run_sync(r0001_tables.metadata.create_all)
        await connection.execute(insert(conversations).values(row))
    await open_and_close(storage_url)
    await assert_is_todays(storage_url)
    async with connected(storage_url) as connection:
        (kept,) = (await connection.execute(select(conversations))).all()
        assert kept._asdict() == row


async def test_what_an_early_checkout_kept_is_taken_over(storage_url: str) -> None:
    turn = {"user_id": "me", "conversation_id": "c1", "created_at": WHEN}
    async with connected(storage_url) as connection:
        await connection.run_sync(checkout.create_all)
        for number in range(3):
            row = turn | {"question": f"问题 {number}", "sql": f"SELECT {number}"}
            await connection.execute(insert(old_turns).values(row))
        said = {"user_id": "me", "query_id": "q", "feedback": {"a": "好"}, "created_at": WHEN}
        await connection.execute(insert(old_feedback).values(said))
    await open_and_close(storage_url)
    await assert_is_todays(storage_url)
    async with connected(storage_url) as connection:
        (opinion,) = (await connection.execute(select(feedback))).all()
        assert (opinion.query_id, opinion.feedback, opinion.created_at) == ("q", {"a": "好"}, WHEN)
        (kept,) = (await connection.execute(select(conversations))).all()
        assert (kept.space, kept.owner_id, kept.name, kept.title) == ("ask", "me", "c1", "问题 0")
        asked = (await connection.execute(select(messages).order_by(messages.c.position))).all()
        assert [(row.role, row.content, row.sql) for row in asked] == [
            ("user", f"问题 {number}", f"SELECT {number}") for number in range(3)
        ]


async def test_a_migration_that_was_interrupted_is_done_again(storage_url: str) -> None:
    """MySQL keeps what was done before the power went; a table may also be there in part."""
    async with connected(storage_url) as connection:
        await connection.run_sync(r0001_tables.metadata.create_all)
        await connection.execute(text("DROP TABLE audit"))
        await connection.execute(text("DROP TABLE deliveries"))
    await open_and_close(storage_url)
    await assert_is_todays(storage_url)


async def test_tables_of_a_newer_version_are_one_clear_line_and_stay_as_they_are(storage_url: str) -> None:
    await open_and_close(storage_url)
    async with connected(storage_url) as connection:
        await connection.execute(update(versions).values(version_num="9999"))
        before = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    with pytest.raises(Misconfigured) as refused:
        await open_database(storage_url)
    (problem,) = refused.value.problems
    assert "9999" in problem
    assert "run the newer version" in problem
    assert "\n" not in problem
    async with connected(storage_url) as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == before
        assert await connection.scalar(select(versions.c.version_num)) == "9999"


async def test_a_start_with_tables_of_today_does_not_load_alembic(tmp_path: Path) -> None:
    """It takes half a second that no start should take."""
    program = (
        "import asyncio, sys\n"
        "from text2sql_ws.storage.database import open_database\n"
        "async def twice():\n"
        "    for _ in range(2):\n"
        f"        await (await open_database('sqlite:///{tmp_path}/own.db')).aclose()\n"
        "asyncio.run(twice())\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('alembic', 'apprise')))\n"
    )
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await running.communicate()
    assert (running.returncode, out.decode()) == (0, "[]\n")
