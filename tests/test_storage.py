"""Our own storage: what is kept, whose it is, and one clear line when it can't be used."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.fakes import ManualClock
from tests.support.mariadb import MariaDb
from text2sql_ws.commands import Feedback
from text2sql_ws.conversations import RECALLED_TURNS, Conversations
from text2sql_ws.feedback import FeedbackBook
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage.database import Database, open_database
from text2sql_ws.storage.tables import feedback


@pytest.fixture(params=["sqlite", "mysql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/new/own.db"
    if request.param == "mysql":
        server: MariaDb = request.getfixturevalue("mariadb")
        await server.execute("CREATE DATABASE IF NOT EXISTS own")
        account = f"{server.admin_user}:{server.admin_password}"
        url = f"mysql://{account}@{server.host}:{server.port}/own?charset=utf8mb4"
    opened = await open_database(url)
    yield opened
    await opened.aclose()
    if request.param == "mysql":
        await server.execute("DROP DATABASE own")


async def test_a_conversation_is_recalled_oldest_first_and_only_its_end(database: Database) -> None:
    conversations = Conversations(database, ManualClock())
    for number in range(RECALLED_TURNS + 3):
        await conversations.remember("me", "c", Turn(f"问题{number}", f"SELECT {number}"))
    recalled = await conversations.recall("me", "c")
    assert recalled[0] == Turn("问题3", "SELECT 3")
    assert recalled[-1].sql == f"SELECT {RECALLED_TURNS + 2}"
    assert len(recalled) == RECALLED_TURNS


async def test_a_conversation_is_its_users_own(database: Database) -> None:
    conversations = Conversations(database, ManualClock())
    await conversations.remember("me", "c", Turn("q", "SELECT 1"))
    assert await conversations.recall("another", "c") == []
    assert await conversations.recall("me", "d") == []


@pytest.mark.parametrize("said", ["好", {"rating": 1, "why": ["清楚"]}, 3, None, [1, None]], ids=repr)
async def test_feedback_is_kept_as_it_was_said(database: Database, said: object) -> None:
    await FeedbackBook(database, ManualClock()).record("me", Feedback("q1", said, 1, "SELECT 1"))
    async with database.transaction() as connection:
        (row,) = (await connection.execute(select(feedback))).all()
    assert (row.user_id, row.query_id, row.rating, row.sql, row.feedback) == ("me", "q1", 1, "SELECT 1", said)
    assert row.created_at == ManualClock().now().replace(tzinfo=None)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database URL"),
        ("postgresql://h/d", "not supported"),
        ("mysql://u:s3cret@127.0.0.1:1/d", "can't be opened"),
        ("sqlite:////proc/no/own.db", "can't be opened"),
    ],
)
async def test_storage_that_cannot_be_used_is_one_clear_line(url: str, says: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        await open_database(url)
    (problem,) = wrong.value.problems
    assert says in problem
    assert "storage.url" in problem
    assert "s3cret" not in problem
