"""What was kept for long enough goes, with what belongs to it; nothing else does."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws import retention
from text2sql_ws.conversations import Conversations
from text2sql_ws.messages import Said
from text2sql_ws.notifications import Notifications
from text2sql_ws.retention import Retention, rules_of
from text2sql_ws.settings import Storage
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import (
    audit,
    conversations,
    deliveries,
    feedback,
    messages,
    notification_receipts,
    notifications,
    token_usage,
)

__all__ = ["database"]

DAY = 86_400
TEN = Storage(keep_days=10, keep_notifications_days=10, keep_audit_days=10, keep_feedback_days=10)
EVER = Storage(keep_days=0, keep_notifications_days=0, keep_audit_days=0, keep_feedback_days=0)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)


async def count(database: Database, table: Table) -> int:
    async with database.transaction() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def fill(database: Database, clock: ManualClock) -> None:
    """A conversation, a notification that was taken, one of each of the rest."""
    kept = Conversations(database, clock)
    conversation = await kept.open("scm", "me", f"c {clock.seconds}")
    await kept.add(conversation, Said("user", "a", "me"), Said("assistant", "b"))
    async with Notifications(database, clock, {}).marking() as told:
        told.delivered("me", await told.send(["me"], "t", "m"))
    now = clock.now().replace(tzinfo=None)
    delivery = {"channel": "email", "service": "s", "title": "t", "message": "m", "type": "info",
                "attempts": 1, "created_at": now, "next_at": now}  # fmt: skip
    rows: list[tuple[Table, dict[str, Any]]] = [
        (deliveries, delivery | {"status": "sent"}),
        (deliveries, delivery | {"status": "waiting"}),
        (audit, {"at": now, "user_id": "me", "action": "a", "subject": "s", "detail": {}}),
        (feedback, {"user_id": "me", "query_id": "q", "feedback": 1, "created_at": now}),
        (token_usage, {"day": now.date(), "user_id": "me", "provider": "p", "model": "m", "calls": 1,
                       "prompt_tokens": 1, "completion_tokens": 1}),
    ]  # fmt: skip
    async with database.transaction() as connection:
        for table, row in rows:
            await connection.execute(insert(table).values(row))


async def counts(database: Database) -> dict[str, int]:
    tables = (
        conversations, messages, notifications, notification_receipts, deliveries, audit, feedback,
        token_usage,
    )  # fmt: skip
    return {table.name: await count(database, table) for table in tables}


async def test_what_is_too_old_goes_with_what_belongs_to_it(database: Database) -> None:
    clock = ManualClock()
    await fill(database, clock)
    clock.advance(timedelta(days=9).total_seconds())
    await fill(database, clock)
    both = await counts(database)
    assert await Retention(database, clock, rules_of(TEN)).apply() == {}
    clock.advance(2 * DAY)
    gone = await Retention(database, clock, rules_of(TEN)).apply()
    assert gone == {
        "conversations": 1, "feedback": 1, "notifications": 1, "deliveries": 1, "audit": 1, "token_usage": 1,
    }  # fmt: skip
    left = {name: number // 2 for name, number in both.items()} | {"deliveries": 3}
    assert await counts(database) == left


async def test_zero_days_are_for_ever(database: Database) -> None:
    clock = ManualClock()
    await fill(database, clock)
    clock.advance(10_000 * DAY)
    assert await Retention(database, clock, rules_of(EVER)).apply() == {}


async def test_many_go_in_small_batches(database: Database) -> None:
    clock = ManualClock()
    now = clock.now().replace(tzinfo=None)
    row = {"at": now, "user_id": "me", "action": "a", "subject": "s", "detail": {}}
    async with database.transaction() as connection:
        await connection.execute(insert(audit), [row] * 1200)
    clock.advance(11 * DAY)
    assert await Retention(database, clock, rules_of(TEN)).apply() == {"audit": 1200}
    assert await count(database, audit) == 0


async def test_a_conversation_that_was_used_lately_stays_however_old(database: Database) -> None:
    clock = ManualClock()
    kept = Conversations(database, clock)
    conversation = await kept.open("scm", "me", "c")
    clock.advance(20 * DAY)
    await kept.add(conversation, Said("user", "again", "me"))
    assert await Retention(database, clock, rules_of(TEN)).apply() == {}
    assert await count(database, messages) == 1
