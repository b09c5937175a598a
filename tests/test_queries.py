"""The registry: one start, one ending, whatever happens in between and whenever."""

import asyncio
import gc
import weakref
from collections.abc import Sequence

import pytest

from tests.support.fakes import Collected, FakeEngine, ManualClock, ScriptedModel, pipeline_of, refused
from text2sql_ws.commands import Ask
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    Stage,
    StageProgressed,
    Stamped,
)
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.model import Completion, Delta, OnDelta
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.pipeline import Resume
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.query import Owner, Query
from text2sql_ws.texts import verbatim

ENDINGS = (QueryCompleted, QueryFailed, QueryCancelled)
ME = Owner("me", "s1")
SAID = "```sql\nSELECT city, amount FROM orders\n```"
ROWS = [("上海", 1.0)]


class Conversation:
    """Remembers in a list."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def recall(self, user_id: str, conversation_id: str) -> Sequence[Turn]:
        return list(self.turns)

    async def remember(self, user_id: str, conversation_id: str, question: str, answer: Answer) -> None:
        self.turns.append(Turn(question, answer.sql or ""))


def registry(
    engine: FakeEngine, model: ScriptedModel, clock: ManualClock | None = None, **quotas: float
) -> Queries:
    given = {"per_session": 3, "in_all": 200, "query_seconds": 600.0, "result_seconds": 600.0} | quotas
    return Queries(
        pipeline_of(engine, model), Conversation(), clock or ManualClock(), Quotas(**given), Bulletin()
    )  # type: ignore[arg-type]


def mine(query: Query) -> bool:
    return query.owner == ME


def endings(outlet: Collected) -> list[object]:
    return [event for event in outlet.events if isinstance(event, ENDINGS)]


async def test_a_query_has_one_start_first_and_one_ending_last() -> None:
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(SAID, "x")), Collected()
    queries.start(Ask("q"), ME, outlet)
    await outlet.until(ENDINGS)
    assert isinstance(outlet.events[0], QueryStarted)
    assert isinstance(outlet.events[-1], QueryCompleted)
    assert len(endings(outlet)) == 1
    assert queries.running() == []


class CancelsAfter(Collected):
    """An outlet that cancels its query as the `count`-th event arrives."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.queries: Queries | None = None
        self.taken = 0

    def put_now(self, stamped: Stamped) -> None:
        super().put_now(stamped)
        if len(self.stamped) == self.count and self.queries is not None:
            self.queries.cancel(stamped.query_id, lambda query: True)
            self.taken = len(self.stamped)


async def count_of_events() -> int:
    outlet = Collected()
    queries = registry(FakeEngine(refused(), ROWS), ScriptedModel(SAID, SAID, "x"))
    queries.start(Ask("q"), ME, outlet)
    await outlet.until(ENDINGS)
    return len(outlet.events)


async def test_a_cancel_after_any_event_lets_nothing_through_but_the_ending() -> None:
    for count in range(2, await count_of_events()):
        outlet = CancelsAfter(count)
        queries = registry(FakeEngine(refused(), ROWS), ScriptedModel(SAID, SAID, "x"))
        outlet.queries = queries
        queries.start(Ask("q"), ME, outlet)
        await outlet.until(ENDINGS)
        assert isinstance(outlet.events[-1], QueryCancelled), count
        assert len(outlet.events) == outlet.taken + 1
        assert queries.running() == []


async def test_a_query_cancelled_before_its_first_step_ends_too() -> None:
    queries, outlet = registry(FakeEngine(), ScriptedModel()), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    queries.cancel(query.id, mine)
    await outlet.until(ENDINGS)
    assert [type(event) for event in outlet.events] == [QueryStarted, QueryCancelled]


async def test_a_cancel_stops_the_statement() -> None:
    started = asyncio.Event()
    engine = FakeEngine(started)
    queries, outlet = registry(engine, ScriptedModel(SAID)), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    await started.wait()
    queries.cancel(query.id, mine)
    await outlet.until(QueryCancelled)
    assert engine.stopped == 1
    assert outlet.dropped == [query.id]


async def test_only_a_running_query_of_ones_own_can_be_cancelled() -> None:
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(SAID, "x")), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    with pytest.raises(Fault) as other:
        queries.cancel(query.id, lambda query: query.owner.session_id == "other")
    assert other.value.code is Code.QUERY_NOT_FOUND
    await outlet.until(ENDINGS)
    for query_id in (query.id, "unknown"):
        with pytest.raises(Fault) as gone:
            queries.cancel(query_id, mine)
        assert gone.value.code is Code.QUERY_NOT_FOUND


async def test_the_time_limit_ends_a_query_with_timeout_error() -> None:
    engine = FakeEngine(asyncio.Event())
    queries, outlet = registry(engine, ScriptedModel(SAID)), Collected()
    queries.start(Ask("q", timeout=0.05), ME, outlet)
    ending = await outlet.until(ENDINGS)
    assert isinstance(ending, QueryFailed)
    assert ending.fault.code is Code.TIMEOUT_ERROR
    assert engine.stopped == 1


async def test_a_stage_has_its_own_limit_which_begins_anew_with_the_next() -> None:
    started = asyncio.Event()
    queries, outlet = registry(FakeEngine(started), ScriptedModel(SAID), step_seconds=1.0), Collected()
    queries.start(Ask("q"), ME, outlet)
    failed = await outlet.until(QueryFailed)
    assert isinstance(failed, QueryFailed)
    assert (failed.fault.code, failed.stage) == (Code.TIMEOUT_ERROR, Stage.EXECUTING_SQL)
    assert "Run the query" in failed.fault.message.en
    assert started.is_set()


async def test_a_failed_query_goes_on_for_another_session_from_where_it_is_told() -> None:
    down = Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(down, SAID)), Collected()
    failed = queries.start(Ask("q", explain=False), ME, outlet)
    await outlet.until(QueryFailed)
    other = Collected()
    again = queries.go_on(failed, Owner("1", "s2"), other, Resume(Stage.GENERATING_SQL, "sales"))
    assert isinstance(await other.until(ENDINGS), QueryCompleted)
    stages = [event.stage for event in other.events if isinstance(event, StageProgressed)]
    assert stages[0] is Stage.GENERATING_SQL
    assert other.events[0] == QueryStarted("q", failed.id)
    with pytest.raises(Fault):
        queries.go_on(again, ME, other, Resume())


async def test_what_nobody_foresaw_becomes_a_reference_and_nothing_more() -> None:
    async def explode(on_delta: OnDelta) -> Completion:
        raise ZeroDivisionError("secret /srv/path")

    queries, outlet = registry(FakeEngine(), ScriptedModel(explode)), Collected()
    queries.start(Ask("q"), ME, outlet)
    ending = await outlet.until(ENDINGS)
    assert isinstance(ending, QueryFailed)
    assert ending.fault.code is Code.UNKNOWN_ERROR
    assert "secret" not in ending.fault.message.en


async def test_a_cancel_wins_over_an_error_that_follows_it() -> None:
    started = asyncio.Event()

    async def fail_when_stopped(on_delta: OnDelta) -> Completion:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise Fault(Code.LLM_SERVICE_ERROR, refused().message)
        raise AssertionError

    queries, outlet = registry(FakeEngine(), ScriptedModel(fail_when_stopped)), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    await started.wait()
    queries.cancel(query.id, mine)
    assert isinstance(await outlet.until(ENDINGS), QueryCancelled)


async def test_a_session_runs_so_many_at_once_and_the_server_so_many_in_all() -> None:
    events = [asyncio.Event() for _ in range(4)]
    engine, model = FakeEngine(*events), ScriptedModel(*[SAID] * 4)
    queries = registry(engine, model, per_session=2, in_all=3)
    outlet = Collected()
    queries.start(Ask("q"), ME, outlet)
    queries.start(Ask("q"), ME, outlet)
    with pytest.raises(Fault) as session_full:
        queries.start(Ask("q"), ME, outlet)
    queries.start(Ask("q"), Owner("me", "s2"), outlet)
    with pytest.raises(Fault) as server_full:
        queries.start(Ask("q"), Owner("me", "s3"), outlet)
    assert session_full.value.code is server_full.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    await queries.close()
    assert len(endings(outlet)) == 3


async def test_a_failed_query_can_be_retried_from_where_it_failed() -> None:
    engine = FakeEngine(Fault(Code.TIMEOUT_ERROR, refused().message), ROWS)
    queries, outlet = registry(engine, ScriptedModel(SAID, "x")), Collected()
    failed = queries.start(Ask("q"), ME, outlet)
    await outlet.until(QueryFailed)
    again = queries.retry(failed.id, ME, outlet)
    await outlet.until(QueryCompleted)
    started = [event for event in outlet.events if isinstance(event, QueryStarted)]
    assert started[1].retry_of == failed.id
    after = outlet.events[outlet.events.index(started[1]) :]
    first = next(event for event in after if isinstance(event, StageProgressed))
    assert first.stage.value == "executing_sql"
    assert queries.find(again.id, "me").status == "completed"


async def test_what_did_not_fail_cannot_be_retried() -> None:
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(SAID, "x")), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    await outlet.until(QueryCompleted)
    with pytest.raises(Fault) as wrong:
        queries.retry(query.id, ME, outlet)
    assert wrong.value.code is Code.INVALID_MESSAGE
    with pytest.raises(Fault) as unknown:
        queries.retry(query.id, Owner("me", "another session"), outlet)
    assert unknown.value.code is Code.QUERY_NOT_FOUND


async def test_an_ended_query_is_remembered_for_so_long() -> None:
    clock = ManualClock()
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(SAID, "x"), clock), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    await outlet.until(QueryCompleted)
    clock.advance(599)
    assert queries.find(query.id, "me").sql == "SELECT city, amount FROM orders"
    with pytest.raises(Fault):
        queries.find(query.id, "another user")
    clock.advance(2)
    with pytest.raises(Fault):
        queries.find(query.id, "me")


async def test_time_left_is_unknown_at_first_and_an_estimate_afterwards() -> None:
    clock = ManualClock()

    async def slowly(on_delta: OnDelta) -> Completion:
        clock.advance(7)
        await on_delta(Delta("content", SAID))
        return Completion(SAID, "", None, "m")

    queries, outlet = (
        registry(FakeEngine(ROWS, ROWS), ScriptedModel(slowly, "x", slowly, "x"), clock),
        Collected(),
    )
    queries.start(Ask("q"), ME, outlet)
    await outlet.until(QueryCompleted)
    assert all(stamped.remaining_seconds is None for stamped in outlet.stamped)
    second = Collected()
    queries.start(Ask("q"), ME, second)
    await second.until(QueryCompleted)
    left = {
        stamped.event.stage.value: stamped.remaining_seconds
        for stamped in second.stamped
        if isinstance(stamped.event, StageProgressed)
    }
    assert left["retrieving_schema"] == 7
    assert left["validating_sql"] == 0


async def test_a_conversation_remembers_what_was_asked_and_answered() -> None:
    model = ScriptedModel(SAID, "x", SAID, "x")
    queries, outlet = registry(FakeEngine(ROWS, ROWS), model), Collected()
    queries.start(Ask("first", conversation_id="c"), ME, outlet)
    await outlet.until(QueryCompleted)
    second = Collected()
    queries.start(Ask("second", conversation_id="c"), ME, second)
    await second.until(QueryCompleted)
    assert "first" in [message.content for message in model.calls[2]]


async def test_draining_takes_no_more_and_closing_ends_the_rest() -> None:
    engine = FakeEngine(asyncio.Event())
    queries, outlet = registry(engine, ScriptedModel(SAID)), Collected()
    queries.start(Ask("q"), ME, outlet)
    await queries.drain(0.01)
    with pytest.raises(Fault):
        queries.start(Ask("q"), ME, outlet)
    await queries.close()
    assert isinstance(outlet.events[-1], QueryCancelled)
    assert queries.running() == []


async def test_the_record_of_an_ended_query_does_not_keep_its_outlet() -> None:
    """An outlet is a session's channel, with megabytes in its journal."""
    queries, outlet = registry(FakeEngine(ROWS), ScriptedModel(SAID, "x")), Collected()
    query = queries.start(Ask("q"), ME, outlet)
    await outlet.until(QueryCompleted)
    kept = weakref.ref(outlet)
    del outlet
    gc.collect()
    assert kept() is None
    assert queries.find(query.id, ME.user_id) is query
