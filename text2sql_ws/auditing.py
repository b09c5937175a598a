"""The audit log: who did what to whom. What is recorded stays until its retention is over.

An administrator's deed is recorded before it is done: what can't be recorded isn't done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Fault
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import audit

SUBJECT_CHARS = 200


PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Record:
    """`id` rises with each. `detail` is what there is to say of this action."""

    id: int
    at: datetime
    user_id: str
    action: str
    subject: str
    detail: Mapping[str, Any]


class AuditLog:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self, user_id: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        """`action` is a word or two, such as `user_disconnected`; `subject` whom or what it was done to.

        Raises `Fault` UNKNOWN_ERROR when the storage fails.
        """
        row = {
            "at": self._clock.now().replace(tzinfo=None),
            "user_id": user_id[:SUBJECT_CHARS],
            "action": action,
            "subject": subject[:SUBJECT_CHARS],
            "detail": dict(detail or {}),
        }
        async with self._database.transaction() as connection:
            await connection.execute(insert(audit).values(row))

    async def page(
        self, limit: int, before: int | None = None, user_id: str | None = None, action: str | None = None
    ) -> list[Record]:
        """The latest first: those ahead of the id `before`, of one user or of one action where asked for.

        Raises `Fault` UNKNOWN_ERROR when the storage fails.
        """
        wanted = select(audit).order_by(audit.c.id.desc()).limit(min(limit, PAGE_SIZE))
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        if user_id is not None:
            wanted = wanted.where(audit.c.user_id == user_id)
        if action is not None:
            wanted = wanted.where(audit.c.action == action)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            Record(row.id, row.at.replace(tzinfo=UTC), row.user_id, row.action, row.subject, row.detail)
            for row in rows
        ]

    async def is_readable(self) -> bool:
        """Whether the storage answers."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(select(audit.c.id).limit(1))
        except Fault:
            return False
        return True
