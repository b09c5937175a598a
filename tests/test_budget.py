"""Budgets: told at 80, 95 and 100 percent, once a day each; then no more questions until the next day."""

from dataclasses import dataclass, field

import pytest

from tests.support.asked import Asked
from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.bookkeeping import Books
from text2sql_ws.budget import Budget
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import BudgetReached, Bulletin, Happening
from text2sql_ws.storage.database import Database
from text2sql_ws.usage import UsageBook

__all__ = ["database"]

HOUR = 3600


@dataclass
class Day:
    """A service with a budget; questions take 30 tokens each."""

    in_all: int = 0
    per_user: int = 0
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.bulletin = Bulletin()
        self.told: list[tuple[int, str | None, int]] = []
        self.budget = Budget(self.clock, self.bulletin, self.in_all, self.per_user)
        self.bulletin.listen(self.budget.hear)
        self.bulletin.listen(self._hear)
        self.asked = Asked(self.bulletin, self.clock, self.budget)

    def _hear(self, happening: Happening) -> None:
        if isinstance(happening, BudgetReached):
            self.told.append((happening.percent, happening.user_id, happening.used))


async def test_each_mark_is_told_once_when_it_is_passed() -> None:
    day = Day(in_all=600)
    for _ in range(15):
        await day.asked.ask()
    assert day.told == []
    for _ in range(5):
        await day.asked.ask()
    assert day.told == [(80, None, 480), (95, None, 570), (100, None, 600)]


async def test_at_its_end_questions_are_refused_and_who_asks_learns_when_they_are_taken_again() -> None:
    day = Day(in_all=30)
    await day.asked.ask("alice")
    assert [percent for percent, _, _ in day.told] == [80, 95, 100]
    with pytest.raises(Fault) as refused:
        await day.asked.ask("bob")
    assert refused.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    assert "2026-11-22T00:00:00.000Z" in refused.value.message.en
    assert refused.value.retry_after == 16 * HOUR


async def test_a_users_budget_is_theirs_alone() -> None:
    day = Day(per_user=60)
    await day.asked.ask("alice")
    await day.asked.ask("alice")
    assert day.told == [(80, "alice", 60), (95, "alice", 60), (100, "alice", 60)]
    with pytest.raises(Fault):
        await day.asked.ask("alice")
    await day.asked.ask("bob")
    assert day.budget.state("alice") == {
        "tokens_per_day": 0, "used": 90, "tokens_per_user_per_day": 60, "used_by_user": 60,
    }  # fmt: skip


async def test_a_new_day_begins_again_and_a_clock_that_goes_back_gives_nothing_back() -> None:
    day = Day(in_all=30)
    await day.asked.ask()
    day.clock.advance(16 * HOUR)
    await day.asked.ask()
    assert [percent for percent, _, _ in day.told] == [80, 95, 100] * 2
    day.clock.advance(-16 * HOUR)
    with pytest.raises(Fault):
        await day.asked.ask()


async def test_cancelled_queries_count() -> None:
    day = Day(in_all=15)
    await day.asked.cancel()
    assert [percent for percent, _, _ in day.told] == [80, 95, 100]


async def test_a_restart_forgets_nothing_and_tells_nothing_twice(database: Database) -> None:
    before = Day(in_all=100)
    books = Books(database, before.clock)
    before.bulletin.listen(books.hear)
    async with books.keeping():
        for _ in range(3):
            await before.asked.ask()
    assert before.told == [(80, None, 90)]
    after = Day(in_all=100)
    await after.budget.recall(UsageBook(database))
    await after.asked.ask()
    assert after.told == [(95, None, 120), (100, None, 120)]
    with pytest.raises(Fault):
        await after.asked.ask()


async def test_without_a_budget_nobody_is_told_and_nobody_refused() -> None:
    day = Day()
    for _ in range(3):
        await day.asked.ask()
    assert day.told == []
