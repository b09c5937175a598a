"""Forgets what was kept for long enough: once a day, a little at a time, so that nobody waits for it.

Conversations go with their messages when nobody used them for so long; what has still to be sent never goes.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import structlog
from sqlalchemy import Column, ColumnElement, Table, delete, select

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Fault
from text2sql_ws.settings import Storage
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import audit, conversations, deliveries, feedback, notifications, token_usage

log = structlog.get_logger()

FIRST_SECONDS = 60.0
"""After a start, when the rush is over."""

EVERY_SECONDS = 86_400.0
PAUSE_SECONDS = 0.1
"""Between two batches, for everybody else who writes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is older than `days` goes, `batch` keys in a transaction; 0 days: nothing does."""

    table: Table
    key: Column[Any]
    age: Column[Any]
    days: int
    batch: int = 500
    but: ColumnElement[bool] | None = None


def rules_of(storage: Storage) -> list[Rule]:
    audited, told = storage.keep_audit_days, storage.keep_notifications_days
    return [
        # Their messages go with them, so there are fewer in a batch.
        Rule(conversations, conversations.c.id, conversations.c.updated_at, storage.keep_days, 50),
        Rule(feedback, feedback.c.id, feedback.c.created_at, storage.keep_feedback_days),
        Rule(notifications, notifications.c.id, notifications.c.created_at, told),
        Rule(
            deliveries, deliveries.c.id, deliveries.c.created_at, told, but=deliveries.c.status == "waiting"
        ),
        Rule(audit, audit.c.id, audit.c.at, audited),
        Rule(token_usage, token_usage.c.day, token_usage.c.day, audited, 1),
    ]


class Retention:
    def __init__(self, database: Database, clock: Clock, rules: Sequence[Rule]) -> None:
        self._database = database
        self._clock = clock
        self._rules = [rule for rule in rules if rule.days]

    @asynccontextmanager
    async def applied(self) -> AsyncIterator[Self]:
        """Every day while the block runs."""
        task = asyncio.create_task(self._apply_daily(), name="retention")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def apply(self) -> Mapping[str, int]:
        """Forget all that is too old now; returns how many rows of each table (by key). Raises `Fault`."""
        return {rule.table.name: count for rule in self._rules if (count := await self._forget(rule))}

    async def _apply_daily(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                if forgotten := await self.apply():
                    log.info("forgotten", **forgotten)
            except Fault:
                log.warning("retention_not_applied", again_in_seconds=EVERY_SECONDS)
            await asyncio.sleep(EVERY_SECONDS)

    async def _forget(self, rule: Rule) -> int:
        moment = self._clock.now().replace(tzinfo=None) - timedelta(days=rule.days)
        oldest = moment.date() if rule.table is token_usage else moment
        wanted = select(rule.key).where(rule.age < oldest).order_by(rule.age).limit(rule.batch)
        if rule.but is not None:
            wanted = wanted.where(~rule.but)
        count = 0
        while True:
            async with self._database.transaction() as connection:
                keys = list((await connection.scalars(wanted)).all())
                if keys:
                    await connection.execute(delete(rule.table).where(rule.key.in_(keys)))
            count += len(keys)
            if len(keys) < rule.batch:
                return count
            await asyncio.sleep(PAUSE_SECONDS)
