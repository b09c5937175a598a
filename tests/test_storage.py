"""Our own storage: what is kept, whose it is, and one clear line when it can't be used."""

import asyncio
import gc
import random
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.commands import Feedback
from text2sql_ws.feedback import FeedbackBook
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage.database import Database, open_database
from text2sql_ws.storage.tables import feedback

__all__ = ["database"]


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


async def test_a_cancel_at_any_moment_leaves_no_connection_behind(tmp_path: Path) -> None:
    kept = await open_database(f"sqlite:///{tmp_path}/own.db")

    async def use() -> None:
        async with kept.transaction() as connection:
            await connection.execute(text("SELECT 1"))
            await connection.execute(text("DELETE FROM audit"))

    dice = random.Random(2026)
    for _ in range(60):
        using = [asyncio.create_task(use()) for _ in range(3)]
        for task in using:
            asyncio.get_running_loop().call_later(dice.random() * 0.01, task.cancel)
        await asyncio.wait(using)
    await use()
    await kept.aclose()
    gc.collect()  # SQLAlchemy keeps a cancelled statement, and so its file, until then
    open_files = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    assert not [path for path in open_files if path.is_relative_to(tmp_path)]
