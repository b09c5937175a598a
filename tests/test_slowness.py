"""The slow-query log holds what took long, its SQL and its stages; the line of every query holds no SQL."""

from structlog.testing import capture_logs

from tests.support.fakes import Collected, FakeEngine, ManualClock, ScriptedModel, pipeline_of
from tests.support.stories import Forgetful
from text2sql_ws.commands import Ask
from text2sql_ws.events import QueryCompleted, Usage
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.model import Completion, OnDelta
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.query import Owner
from text2sql_ws.slowness import slow_query_log

SQL = "SELECT city, SUM(amount) AS total FROM orders GROUP BY city"


async def logged(takes: float, limit: float) -> list[dict[str, object]]:
    """What is logged of a query whose model takes so long, where `limit` is too long."""
    clock = ManualClock()

    async def dawdle(_: OnDelta) -> Completion:
        clock.advance(takes)
        return Completion(SQL, "", Usage(10, 5), "scripted")

    bulletin = Bulletin()
    bulletin.listen(slow_query_log(limit))
    pipeline = pipeline_of(FakeEngine([("上海", 1.5)]), ScriptedModel(dawdle, "x"))
    queries, outlet = Queries(pipeline, Forgetful(), clock, Quotas(3, 9, 600.0, 600.0), bulletin), Collected()
    with capture_logs() as lines:
        queries.start(Ask("q"), Owner("me", "s"), outlet)
        await outlet.until(QueryCompleted)
    return [dict(line) for line in lines]


async def test_what_took_long_is_logged_with_its_sql_and_stages() -> None:
    (line,) = [line for line in await logged(12, 10) if line["event"] == "slow_query"]
    assert str(line["sql"]).startswith("SELECT")
    assert line["seconds"] == 12
    assert line["rows"] == 1
    assert isinstance(line["stages"], dict)
    assert line["stages"]["generating_sql"] == 12


async def test_what_did_not_is_not_and_the_usual_line_has_no_sql() -> None:
    lines = await logged(9, 10)
    assert [line["event"] for line in lines] == ["query_ended"]
    assert "SELECT" not in repr(lines)
    assert "slow_query" not in [line["event"] for line in await logged(9, 0)]


async def test_the_line_names_who_answered_where_the_asker_named_nobody() -> None:
    (line,) = await logged(1, 0)
    assert (line["provider"], line["model"]) == ("main", "scripted")
