"""The stories of the test suite: what can become of a question, each told by fakes and always the same."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from tests.support.fakes import Collected, FakeEngine, ManualClock, ScriptedModel, pipeline_of, refused
from text2sql_ws.commands import Ask
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Answer, Ending, QueryCancelled, QueryCompleted, QueryFailed, Stamped
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.model import Completion, Delta, OnDelta
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.query import Owner
from text2sql_ws.texts import verbatim

SQL = "SELECT city, SUM(amount) AS total FROM orders GROUP BY city"
SAID = f"```sql\n{SQL}\n```"
ROWS = [("上海", 3.5), ("北京", 2.0), (None, 1.0)]
ENDINGS = (QueryCompleted, QueryFailed, QueryCancelled)


class Forgetful:
    async def recall(self, user_id: str, conversation_id: str) -> list[Turn]:
        return []

    async def remember(self, user_id: str, conversation_id: str, question: str, answer: Answer) -> None:
        pass


async def _think(on_delta: OnDelta) -> Completion:
    await on_delta(Delta("reasoning", "按城市汇总。"))
    await on_delta(Delta("content", SAID))
    return Completion(SAID, "按城市汇总。", None, "m")


async def told(
    ask: Ask, engine: FakeEngine, model: ScriptedModel, cancel_at: asyncio.Event | None = None
) -> list[Stamped]:
    """Every stamped event of one question, under the id `q1`."""
    quotas = Quotas(3, 200, 600.0, 600.0)
    queries = Queries(pipeline_of(engine, model), Forgetful(), ManualClock(), quotas, Bulletin())
    outlet = Collected()
    query = queries.start(ask, Owner("1", "s1"), outlet)
    if cancel_at is not None:
        await cancel_at.wait()
        queries.cancel(query.id, lambda query: True)
    ending: Ending = await outlet.until(ENDINGS)  # type: ignore[assignment]
    assert outlet.events[-1] == ending
    return [Stamped("q1", s.at, s.locale, s.event, s.remaining_seconds) for s in outlet.stamped]


async def _cancelled() -> list[Stamped]:
    started = asyncio.Event()
    return await told(Ask("等待"), FakeEngine(started), ScriptedModel(SAID), started)


STORIES: Mapping[str, Callable[[], Awaitable[list[Stamped]]]] = {
    "answered": lambda: told(Ask("每个城市的销售额"), FakeEngine(ROWS), ScriptedModel(_think, "上海最高。")),
    "in_english": lambda: told(
        Ask("Sales by city", locale="en"), FakeEngine(ROWS), ScriptedModel(SAID, "上海 leads.")
    ),
    "rewritten": lambda: told(
        Ask("每个城市的销售额"),
        FakeEngine(refused(), ROWS),
        ScriptedModel("```sql\nSELECT nope FROM orders\n```", SAID, "好"),
    ),
    "rewritten_in_vain": lambda: told(
        Ask("每个城市的销售额"), FakeEngine(refused(), refused()), ScriptedModel(SAID, SAID)
    ),
    "in_words": lambda: told(Ask("你好"), FakeEngine(), ScriptedModel("你好！可以问我订单。")),
    "own_sql": lambda: told(Ask(SQL), FakeEngine(ROWS), ScriptedModel()),
    "not_read_only": lambda: told(Ask("DROP TABLE orders"), FakeEngine(), ScriptedModel()),
    "abbreviation": lambda: told(
        Ask("魔都的订单"),
        FakeEngine(ROWS),
        ScriptedModel("```sql\nSELECT city, amount FROM orders WHERE city = '魔都'\n```", "好"),
    ),
    "no_rows": lambda: told(Ask("没有的数据"), FakeEngine([]), ScriptedModel(SAID, "没有数据。")),
    "model_down": lambda: told(
        Ask("每个城市的销售额"),
        FakeEngine(),
        ScriptedModel(Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))),
    ),
    "explanation_lost": lambda: told(
        Ask("每个城市的销售额"),
        FakeEngine(ROWS),
        ScriptedModel(SAID, Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))),
    ),
    "cancelled": _cancelled,
}
