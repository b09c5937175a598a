"""Questions that were asked of fakes, for the rooms that hear of them afterwards."""

import asyncio

from tests.support.fakes import Collected, FakeEngine, ManualClock, ScriptedModel, pipeline_of
from tests.support.stories import ENDINGS, ROWS, SAID, Forgetful
from text2sql_ws.commands import Ask
from text2sql_ws.happenings import Bulletin
from text2sql_ws.queries import Allotment, Queries, Quotas
from text2sql_ws.query import Owner, Query

QUOTAS = Quotas(200, 200, 600.0, 600.0)


class Asked:
    """Asks, one question after the other; each is 30 tokens at the scripted model unless told otherwise."""

    def __init__(self, bulletin: Bulletin, clock: ManualClock, allotment: Allotment | None = None) -> None:
        self._bulletin = bulletin
        self._clock = clock
        self._allotment = allotment

    async def ask(
        self, user_id: str = "me", question: str = "每个城市的销售额", model: ScriptedModel | None = None
    ) -> Query:
        return await self._ended(user_id, question, FakeEngine(ROWS), model or ScriptedModel(SAID, "好"))

    async def cancel(self, user_id: str = "me") -> Query:
        """A question whose statement hangs, cancelled."""
        started = asyncio.Event()
        return await self._ended(user_id, "等待", FakeEngine(started), ScriptedModel(SAID), started)

    async def _ended(
        self,
        user_id: str,
        question: str,
        engine: FakeEngine,
        model: ScriptedModel,
        cancel_at: asyncio.Event | None = None,
    ) -> Query:
        pipeline = pipeline_of(engine, model)
        queries = Queries(pipeline, Forgetful(), self._clock, QUOTAS, self._bulletin, self._allotment)
        outlet = Collected()
        query = queries.start(Ask(question), Owner(user_id, "s"), outlet)
        if cancel_at is not None:
            async with asyncio.timeout(5):
                await cancel_at.wait()
            queries.cancel(query.id, lambda query: True)
        await outlet.until(ENDINGS)
        await asyncio.sleep(0)
        return query
