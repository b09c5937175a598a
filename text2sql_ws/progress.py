"""How far a query is: says when a stage begins and how it gets on, and counts only upwards within one."""

from collections.abc import Awaitable
from typing import Any

from text2sql_ws.done import DONE
from text2sql_ws.events import PROGRESS, Emit, SourceChosen, Stage, StageProgressed
from text2sql_ws.texts import Text, say

STAGES = tuple(Stage)


class Progress:
    """The stages of one query. Those before `start` pass in silence: a retry goes on where it failed."""

    def __init__(self, emit: Emit, start: Stage) -> None:
        self._emit = emit
        self._start = STAGES.index(start)
        self._stage = Stage.ANALYZING
        self._steps = 0

    async def begin(self, stage: Stage) -> None:
        """A stage begins; the one before it is done."""
        self._stage, self._steps = stage, 0
        await self._say(say(f"stage.{stage}"))

    async def note(self, message: Text, **details: Any) -> None:
        """Something worth knowing of the running stage."""
        await self._say(message, details)

    def step(self, done: float, message: Text, **details: Any) -> Awaitable[None]:
        """The running stage is `done` (0 to 1). Says so only when that moves the percentage."""
        steps = int(min(max(done, 0.0), 1.0) * (self._span() - 1))
        if steps <= self._steps:
            return DONE
        self._steps = steps
        return self._say(message, details)

    async def chose(self, datasource: str) -> None:
        if self._heard():
            await self._emit(SourceChosen(datasource, PROGRESS[self._stage] + self._steps))

    @property
    def percent(self) -> int:
        return PROGRESS[self._stage] + self._steps

    def _heard(self) -> bool:
        return STAGES.index(self._stage) >= self._start

    def _span(self) -> int:
        following = STAGES[min(STAGES.index(self._stage) + 1, len(STAGES) - 1)]
        return max(PROGRESS[following] - PROGRESS[self._stage], 1)

    def _say(self, message: Text, details: dict[str, Any] | None = None) -> Awaitable[None]:
        if not self._heard():
            return DONE
        return self._emit(StageProgressed(self._stage, self.percent, message, details))
