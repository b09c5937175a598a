"""Our own storage: what is kept, whose it is, and one clear line when it can't be used."""

import pytest
from sqlalchemy import select

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
