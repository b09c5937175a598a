"""The books: every ended query is in them once, with the tokens it took, and no query waits for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from tests.support.asked import Asked
from tests.support.fakes import ManualClock, ScriptedModel
from tests.support.storage import database
from tests.support.stories import SAID, SQL
from text2sql_ws import bookkeeping
from text2sql_ws.auditing import AuditLog
from text2sql_ws.bookkeeping import Books
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import Bulletin
from text2sql_ws.storage.database import Database
from text2sql_ws.texts import verbatim
from text2sql_ws.usage import UsageBook, Used

__all__ = ["database"]

TODAY = date(2026, 11, 21)


class Failing(Database):
    """Fails so many times before it works; `None`: for ever."""

    def __init__(self, inner: Database, failures: int) -> None:
        self._inner = inner
        self.failures = failures

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        if self.failures > 0:
            self.failures -= 1
            raise Fault(Code.UNKNOWN_ERROR, verbatim("the disk is full"))
        async with self._inner.transaction() as connection:
            yield connection


def kept(database: Database, **options: bool) -> tuple[Books, Asked, AuditLog]:
    bulletin, clock = Bulletin(), ManualClock()
    books = Books(database, clock, **options)
    bulletin.listen(books.hear)
    return books, Asked(bulletin, clock), AuditLog(database, clock)


async def test_who_asked_what_and_what_ran_is_kept(database: Database) -> None:
    books, asked, audit = kept(database)
    async with books.keeping():
        query = await asked.ask("alice")
    (record,) = await audit.page(10)
    assert (record.user_id, record.action, record.subject) == ("alice", "query", query.id)
    assert record.at == ManualClock().now()
    assert record.detail == {
        "question": "每个城市的销售额", "sql": query.sql, "datasource": "sales", "ending": "completed",
        "rows": 3, "seconds": 0.0, "tokens": 30, "session_id": "s",
    }  # fmt: skip
    assert query.sql is not None
    assert query.sql.startswith(SQL.split(" FROM")[0])


async def test_the_words_of_a_question_are_left_out_where_they_should_be(database: Database) -> None:
    books, asked, audit = kept(database, with_questions=False)
    async with books.keeping():
        await asked.ask(question="谁的工资最高")
    (record,) = await audit.page(10)
    assert "工资" not in str(record)
    assert record.detail["sql"] is not None


async def test_failed_and_cancelled_queries_are_kept_with_the_tokens_they_took(database: Database) -> None:
    books, asked, audit = kept(database)
    down = Fault(Code.LLM_SERVICE_ERROR, verbatim("down"))
    async with books.keeping():
        await asked.cancel()
        refused = await asked.ask(model=ScriptedModel(SAID.replace("city", "DROP"), down))
        unreachable = await asked.ask(model=ScriptedModel(down))
    latest = await audit.page(10)
    assert [record.detail["ending"] for record in latest] == ["failed", "failed", "cancelled"]
    assert [record.detail["tokens"] for record in latest] == [0, 15, 15]
    assert latest[0].detail["code"] == "LLM_SERVICE_ERROR"
    assert [call.whole for call in (*refused.calls, *unreachable.calls)] == [True, False]


async def test_tokens_add_up_by_day_user_provider_and_model(database: Database) -> None:
    books, asked, _ = kept(database)
    usage = UsageBook(database)
    async with books.keeping():
        for user_id in ("alice", "bob", "alice"):
            await asked.ask(user_id)
        await books.settled()
        await asked.ask("alice")
    assert await usage.of_day(TODAY) == {"alice": 90, "bob": 30}
    assert await usage.page() == [
        Used(TODAY, "alice", "main", "scripted", 6, 60, 30),
        Used(TODAY, "bob", "main", "scripted", 2, 20, 10),
    ]
    assert await usage.page(user_id="bob") == [Used(TODAY, "bob", "main", "scripted", 2, 20, 10)]
    assert await usage.page(date(2026, 11, 20)) == []


async def test_a_stream_that_is_cut_is_counted_by_what_came(database: Database) -> None:
    async def cut(on_delta):  # type: ignore[no-untyped-def]
        from text2sql_ws.llm.model import Delta

        for _ in range(4):
            await on_delta(Delta("content", "SELECT "))
        raise Fault(Code.LLM_SERVICE_ERROR, verbatim("cut"))

    books, asked, _ = kept(database)
    async with books.keeping():
        query = await asked.ask(model=ScriptedModel(cut))
    (call,) = query.calls
    assert call.usage.completion_tokens == 4
    assert call.usage.prompt_tokens > 100


async def test_while_the_storage_fails_queries_go_on_and_nothing_is_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "RETRY_SECONDS", 0.01)
    failing = Failing(database, failures=3)
    books, asked, _ = kept(failing)
    async with books.keeping():
        queries = [await asked.ask(question=f"问题 {n}") for n in range(5)]
    assert failing.failures == 0
    assert all(query.status == "completed" for query in queries)
    records = await AuditLog(database, ManualClock()).page(10)
    assert [record.detail["question"] for record in reversed(records)] == [f"问题 {n}" for n in range(5)]
    assert await UsageBook(database).of_day(TODAY) == {"me": 150}


async def test_what_the_queue_cannot_hold_is_counted_and_logged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "PENDING", 2)
    monkeypatch.setattr(bookkeeping, "SETTLING_SECONDS", 0.05)
    books, asked, _ = kept(Failing(database, failures=10**9))
    with capture_logs() as logged:
        async with books.keeping():
            for _ in range(7):
                await asked.ask()
            assert books.lost == 5
    told = [entry["lost"] for entry in logged if entry["event"] == "queries_not_recorded"]
    assert told == [1, 2, 4, 7]


async def test_the_audit_log_is_paged_and_narrowed(database: Database) -> None:
    _, _, audit = kept(database)
    for number in range(5):
        await audit.record("root" if number % 2 else "alice", "broadcast", str(number))
    await audit.record("alice", "user_disconnected", "bob")
    first = await audit.page(2)
    assert [record.subject for record in first] == ["bob", "4"]
    assert [record.subject for record in await audit.page(2, first[-1].id)] == ["3", "2"]
    assert [record.subject for record in await audit.page(9, user_id="root")] == ["3", "1"]
    assert [record.subject for record in await audit.page(9, action="user_disconnected")] == ["bob"]


async def test_books_keep_up_with_many_queries_at_once(database: Database) -> None:
    books, asked, audit = kept(database)
    async with books.keeping():
        await asyncio.gather(*(asked.ask(f"u{n % 7}") for n in range(60)))
    assert sum((await UsageBook(database).of_day(TODAY)).values()) == 60 * 30
    assert len(await audit.page(100)) == 60
