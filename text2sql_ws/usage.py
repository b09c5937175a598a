"""Tokens that were used, by day, user, provider and model. Days are UTC's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from text2sql_ws.llm.metering import Call
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import token_usage

ROWS = 1000
"""What one answer holds at most."""


@dataclass(frozen=True, slots=True)
class Used:
    day: date
    user_id: str
    provider: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def key(self) -> tuple[date, str, str, str]:
        return (self.day, self.user_id, self.provider, self.model)


def used_by(day: date, user_id: str, call: Call) -> Used:
    usage = call.usage
    return Used(day, user_id, call.provider, call.model, 1, usage.prompt_tokens, usage.completion_tokens)


async def add_usage(connection: AsyncConnection, used: Iterable[Used]) -> None:
    """Add to what is there, in the caller's transaction."""
    rows = [_row(one) for one in summed(used)]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        lite = sqlite.insert(token_usage)
        added = {name: token_usage.c[name] + lite.excluded[name] for name in COUNTS}
        await connection.execute(lite.on_conflict_do_update(KEY, set_=added), rows)
    else:
        my = mysql.insert(token_usage)
        added = {name: token_usage.c[name] + my.inserted[name] for name in COUNTS}
        await connection.execute(my.on_duplicate_key_update(added), rows)


def summed(used: Iterable[Used]) -> list[Used]:
    """One of each key, in their order: two writers that lock rows in one order wait for no circle."""
    totals: dict[tuple[date, str, str, str], Used] = {}
    for one in used:
        total = totals.get(one.key)
        totals[one.key] = one if total is None else _sum(total, one)
    return [totals[key] for key in sorted(totals)]


class UsageBook:
    """Methods raise `Fault` UNKNOWN_ERROR when the storage fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_day(self, day: date) -> dict[str, int]:
        """The tokens of each user on that day."""
        tokens = func.sum(token_usage.c.prompt_tokens + token_usage.c.completion_tokens)
        wanted = select(token_usage.c.user_id, tokens).where(token_usage.c.day == day)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted.group_by(token_usage.c.user_id))).all()
        return {user_id: int(total) for user_id, total in rows}

    async def page(self, day: date | None = None, user_id: str | None = None) -> Sequence[Used]:
        """The latest days first; all days and users unless said otherwise; at most `ROWS`."""
        wanted = select(token_usage)
        if day is not None:
            wanted = wanted.where(token_usage.c.day == day)
        if user_id is not None:
            wanted = wanted.where(token_usage.c.user_id == user_id)
        ordered = wanted.order_by(token_usage.c.day.desc(), *(token_usage.c[name] for name in KEY[1:]))
        async with self._database.transaction() as connection:
            rows = (await connection.execute(ordered.limit(ROWS))).all()
        return [Used(*row) for row in rows]


KEY = ("day", "user_id", "provider", "model")
COUNTS = ("calls", "prompt_tokens", "completion_tokens")


def _sum(one: Used, other: Used) -> Used:
    counts = (getattr(one, name) + getattr(other, name) for name in COUNTS)
    return Used(*one.key, *counts)


def _row(one: Used) -> dict[str, object]:
    return {name: getattr(one, name) for name in (*KEY, *COUNTS)}
