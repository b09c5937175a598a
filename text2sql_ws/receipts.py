"""Who took which notification: noted at once, written down soon, many in one transaction.

The one rule: whoever notes it does not wait. What can't be written down is told once more, and no worse.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from sqlalchemy import insert, select

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Fault
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import notification_receipts, notifications

log = structlog.get_logger()

PENDING = 10_000
SETTLING_SECONDS = 5.0

Key = tuple[str, str]
"""A user's id, and a notification's."""


class Receipts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: dict[Key, datetime] = {}
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def note(self, user_id: str, ids: Sequence[str]) -> None:
        for notification_id in ids:
            if len(self._pending) < PENDING:
                self._pending.setdefault((user_id, notification_id), self._clock.now())
        if self._pending:
            self._idle.clear()
            self._wanted.set()

    def noted_of(self, user_id: str) -> set[str]:
        """What a user took that is not written down yet."""
        return {notification_id for user, notification_id in self._pending if user == user_id}

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write while the block runs; what was noted until its end is written then."""
        task = asyncio.create_task(self._write_on(), name="notification receipts")
        try:
            yield
            await self.settled()
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def settled(self) -> None:
        """Wait until all is written, or for as long as a server that stops can."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.error("receipts_not_written", count=len(self._pending))

    async def _write_on(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            batch = dict(self._pending)
            await self._write(batch)
            for key in batch:
                del self._pending[key]
            if not self._pending:
                self._idle.set()

    async def _write(self, batch: Mapping[Key, datetime]) -> None:
        ids = {notification_id for _, notification_id in batch}
        known = select(notifications.c.id).where(notifications.c.id.in_(ids))
        try:
            async with self._database.transaction() as connection:
                there = set(await connection.scalars(known))
                rows = [
                    {"notification_id": one, "user_id": user, "delivered_at": at.replace(tzinfo=None)}
                    for (user, one), at in batch.items()
                    if one in there
                ]
                if rows:
                    await connection.execute(FIRST_RECEIPT, rows)
        except Fault:
            log.warning("receipts_not_written", count=len(batch))


FIRST_RECEIPT = (
    insert(notification_receipts)
    .prefix_with("OR IGNORE", dialect="sqlite")
    .prefix_with("IGNORE", dialect="mysql")
    .prefix_with("IGNORE", dialect="mariadb")
)
"""Only the first of a user's counts."""
