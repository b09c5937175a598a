"""The day's token budgets, of all and of each user: who has used how much, and whether more may be asked.

Counted in memory as queries end, and begun from what is stored. Days are UTC's. Each of `MARKS` is told once
a day, also across a restart: what was passed before it was told then.
"""

from datetime import UTC, date, datetime, time, timedelta

from text2sql_ws.clock import Clock, iso
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import BudgetReached, Bulletin, Happening, QueryOver
from text2sql_ws.texts import say
from text2sql_ws.usage import UsageBook

MARKS = (80, 95, 100)
"""Percent."""


class Budget:
    """`in_all` and `per_user` are tokens a day; 0 is no bound."""

    def __init__(self, clock: Clock, bulletin: Bulletin, in_all: int, per_user: int) -> None:
        self._clock = clock
        self._bulletin = bulletin
        self._in_all = in_all
        self._per_user = per_user
        self._day = clock.now().date()
        self._total = 0
        self._of_users: dict[str, int] = {}

    async def recall(self, book: UsageBook) -> None:
        """Go on from what is stored of today. Raises `Fault` when the storage fails."""
        self._of_users = await book.of_day(self._today())
        self._total = sum(self._of_users.values())

    def check(self, user_id: str) -> None:
        """Raises `Fault` RESOURCE_LIMIT_EXCEEDED for who may not ask any more today."""
        self._today()
        if _is_spent(self._total, self._in_all):
            raise self._spent("budget.spent", self._in_all)
        if _is_spent(self._of_users.get(user_id, 0), self._per_user):
            raise self._spent("budget.spent_user", self._per_user)

    def state(self, user_id: str) -> dict[str, int]:
        """What was used today and what may be, of all and of this user; 0 is no bound."""
        self._today()
        return {
            "tokens_per_day": self._in_all,
            "used": self._total,
            "tokens_per_user_per_day": self._per_user,
            "used_by_user": self._of_users.get(user_id, 0),
        }

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin."""
        if not isinstance(happening, QueryOver):
            return
        tokens = sum(call.usage.total_tokens for call in happening.query.calls)
        user_id = happening.query.owner.user_id
        self._today()
        before, mine = self._total, self._of_users.get(user_id, 0)
        self._total += tokens
        self._of_users[user_id] = mine + tokens
        self._tell(None, before, self._total, self._in_all)
        self._tell(user_id, mine, mine + tokens, self._per_user)

    def _tell(self, user_id: str | None, before: int, used: int, budget: int) -> None:
        for percent in MARKS:
            if before * 100 < percent * budget <= used * 100:
                self._bulletin.tell(BudgetReached(percent, user_id, used, budget))

    def _today(self) -> date:
        """Which day it is; with a new one all begins again. A clock that is set back doesn't give it back."""
        today = self._clock.now().date()
        if today > self._day:
            self._day, self._total, self._of_users = today, 0, {}
        return self._day

    def _spent(self, key: str, budget: int) -> Fault:
        again = datetime.combine(self._day + timedelta(days=1), time(), UTC)
        seconds = max(1.0, (again - self._clock.now()).total_seconds())
        why = say(key, budget=budget, again=iso(again))
        return Fault(Code.RESOURCE_LIMIT_EXCEEDED, why, retry_after=seconds)


def _is_spent(used: int, budget: int) -> bool:
    return 0 < budget <= used
