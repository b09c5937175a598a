"""The pipeline's story, told by its events: the order, the rewrites, the words, the way back in."""

from dataclasses import replace

import pytest

from tests.support.fakes import FakeEngine, ScriptedModel, pipeline_of, refused
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.errors import Code, Fault, Misnamed
from text2sql_ws.events import (
    Answer,
    Event,
    RowsReady,
    SqlDrafted,
    SqlFailed,
    SqlReady,
    Stage,
    StageProgressed,
    Token,
)
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.pipeline import Pipeline, Resume
from text2sql_ws.schema import Column, Schema, Table
from text2sql_ws.texts import verbatim

ASK = Ask("每个城市的销售额", locale="en")
SQL = "SELECT city, SUM(amount) AS total FROM orders GROUP BY city"
SAID = f"```sql\n{SQL}\n```"
ROWS = [("上海", 3.5), ("北京", 2.0), ("广州", 1.0)]
START = Resume()


async def told(
    pipeline: Pipeline, ask: Ask = ASK, resume: Resume = START, history: tuple[Turn, ...] = ()
) -> tuple[Answer | Fault, list[Event]]:
    """The answer, or the fault that came instead; and every event."""
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    try:
        return await pipeline.answer("q1", ask, emit, resume, history), events
    except Fault as fault:
        return fault, events


def stages(events: list[Event]) -> list[Stage]:
    """The stages in the order in which they began."""
    began: list[Stage] = []
    for event in events:
        if isinstance(event, StageProgressed) and (not began or began[-1] != event.stage):
            began.append(event.stage)
    return began


def answered(outcome: Answer | Fault) -> Answer:
    assert isinstance(outcome, Answer), outcome
    return outcome


async def test_a_question_goes_through_all_stages_in_order() -> None:
    outcome, events = await told(pipeline_of(FakeEngine(ROWS), ScriptedModel(SAID, "上海 leads.")))
    answer = answered(outcome)
    assert stages(events) == list(Stage)
    assert answer.sql == SQL
    assert answer.results.data[0] == {"city": "上海", "total": 3.5}
    assert (answer.results.row_count, answer.results.chunks, answer.attempts) == (3, 2, 1)
    assert answer.explanation.explanation == "上海 leads."
    assert answer.visualization.chart_type == "bar"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 30
    assert answer.warnings == ()


async def test_within_a_stage_progress_only_rises() -> None:
    _, events = await told(pipeline_of(FakeEngine(ROWS), ScriptedModel(SAID, "words " * 100, step=1)))
    by_stage: dict[Stage, list[int]] = {}
    for event in events:
        if isinstance(event, StageProgressed):
            by_stage.setdefault(event.stage, []).append(event.progress)
    order = list(Stage)
    for stage, progress in by_stage.items():
        assert progress == sorted(progress)
        following = order[order.index(stage) + 1 :]
        assert all(progress[-1] < by_stage[later][0] for later in following[:1])


async def test_the_deltas_of_one_kind_and_attempt_are_the_models_whole_output() -> None:
    _, events = await told(pipeline_of(FakeEngine(ROWS), ScriptedModel(SAID, "It is so.", step=3)))
    deltas = [event for event in events if isinstance(event, Token) and event.kind == "sql"]
    assert "".join(event.delta for event in deltas) == SAID
    assert [event.number for event in deltas] == list(range(len(deltas)))


async def test_rows_come_in_chunks_and_the_last_says_so() -> None:
    _, events = await told(pipeline_of(FakeEngine(ROWS), ScriptedModel(SAID, "x")))
    chunks = [event for event in events if isinstance(event, RowsReady)]
    assert [(c.chunk_index, c.row_offset, c.row_count, c.is_last) for c in chunks] == [
        (0, 0, 2, False),
        (1, 2, 1, True),
    ]


async def test_sql_that_the_database_refuses_is_rewritten_once_with_the_error() -> None:
    model = ScriptedModel("```sql\nSELECT nope FROM orders\n```", SAID, "fine")
    engine = FakeEngine(refused(), ROWS)
    outcome, events = await told(pipeline_of(engine, model))
    answer = answered(outcome)
    assert (answer.sql, answer.attempts) == (SQL, 2)
    assert [e.attempt for e in events if isinstance(e, SqlReady)] == [1, 2]
    assert [e.sql for e in events if isinstance(e, SqlFailed)] == ["SELECT nope FROM orders"]
    assert {e.attempt for e in events if isinstance(e, Token) and e.kind == "sql"} == {1, 2}
    assert "no such column: nope" in model.calls[1][-1].content
    assert "CREATE TABLE `orders`" in model.calls[1][0].content


async def test_the_failure_after_the_last_rewrite_ends_the_query() -> None:
    model = ScriptedModel(SAID, SAID, SAID)
    outcome, events = await told(pipeline_of(FakeEngine(refused("a"), refused("b")), model))
    assert isinstance(outcome, Fault)
    assert (outcome.code, outcome.message.en) == (Code.SQL_EXECUTION_FAILED, "b")
    assert len([e for e in events if isinstance(e, SqlFailed)]) == 1
    assert len(model.calls) == 2


async def test_with_no_rewrites_allowed_the_first_failure_ends_it() -> None:
    model = ScriptedModel(SAID)
    outcome, _ = await told(pipeline_of(FakeEngine(refused()), model, max_rewrites=0))
    assert isinstance(outcome, Fault)
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Code.TIMEOUT_ERROR, verbatim("too slow")),
        Fault(Code.DATABASE_CONNECTION_FAILED, verbatim("gone")),
        Fault(Code.INSUFFICIENT_PERMISSIONS, verbatim("denied")),
    ],
    ids=lambda fault: fault.code.value,
)
async def test_what_rewriting_cannot_mend_is_not_rewritten(fault: Fault) -> None:
    model = ScriptedModel(SAID)
    outcome, _ = await told(pipeline_of(FakeEngine(fault), model))
    assert outcome is fault
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    "sql", ["DELETE FROM orders", "SELECT 1; DROP TABLE orders", "SELECT * FROM sqlite_master"]
)
async def test_sql_that_the_guard_refuses_is_neither_run_nor_rewritten(sql: str) -> None:
    engine, model = FakeEngine(), ScriptedModel(f"```sql\n{sql}\n```")
    outcome, events = await told(pipeline_of(engine, model))
    assert isinstance(outcome, Fault)
    assert outcome.code in (Code.SQL_NOT_READ_ONLY, Code.INSUFFICIENT_PERMISSIONS)
    assert engine.statements == []
    assert len(model.calls) == 1
    assert not any(isinstance(event, SqlReady) for event in events)


async def test_an_answer_in_words_runs_nothing() -> None:
    engine = FakeEngine()
    outcome, events = await told(pipeline_of(engine, ScriptedModel("Hello! Ask me about orders.")))
    answer = answered(outcome)
    assert answer.sql is None
    assert answer.explanation.explanation == "Hello! Ask me about orders."
    assert answer.results.row_count == 0
    assert engine.statements == []
    assert stages(events)[-2:] == [Stage.GENERATING_SQL, Stage.COMPLETED]


async def test_a_question_that_is_sql_never_meets_the_model() -> None:
    model = ScriptedModel()
    outcome, events = await told(pipeline_of(FakeEngine(ROWS), model), replace(ASK, question=SQL))
    answer = answered(outcome)
    assert answer.sql == SQL
    assert answer.explanation.explanation
    assert answer.usage is None
    assert model.calls == []
    assert Stage.GENERATING_SQL not in stages(events)


async def test_own_sql_that_fails_is_not_rewritten() -> None:
    model = ScriptedModel()
    outcome, _ = await told(pipeline_of(FakeEngine(refused()), model), replace(ASK, question=SQL))
    assert isinstance(outcome, Fault)
    assert model.calls == []


async def test_abbreviations_are_expanded_before_the_guard_and_said() -> None:
    engine = FakeEngine(ROWS)
    said = "```sql\nSELECT city, amount FROM orders WHERE city = '魔都'\n```"
    outcome, events = await told(pipeline_of(engine, ScriptedModel(said, "x")))
    assert answered(outcome).sql == "SELECT city, amount FROM orders WHERE city = '上海'"
    drafted = [event for event in events if isinstance(event, SqlDrafted)]
    assert drafted[0].replaced == (("魔都", "上海"),)


async def test_an_answer_is_never_lost_to_its_explanation() -> None:
    fault = Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))
    outcome, _ = await told(pipeline_of(FakeEngine(ROWS), ScriptedModel(SAID, fault)))
    answer = answered(outcome)
    assert "3" in answer.explanation.explanation
    assert [caution.code for caution in answer.warnings] == [Code.LLM_SERVICE_ERROR]


async def test_a_model_that_fails_ends_the_query_with_its_fault() -> None:
    fault = Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))
    engine = FakeEngine()
    outcome, _ = await told(pipeline_of(engine, ScriptedModel(fault)))
    assert outcome is fault
    assert engine.statements == []


async def test_a_result_without_rows_completes_with_a_warning() -> None:
    outcome, events = await told(pipeline_of(FakeEngine([]), ScriptedModel(SAID, "none")))
    answer = answered(outcome)
    assert [caution.code for caution in answer.warnings] == [Code.NO_DATA_RETURNED]
    assert [event.is_last for event in events if isinstance(event, RowsReady)] == [True]


async def test_what_is_not_wanted_is_skipped() -> None:
    ask = replace(ASK, explain=False, visualize=False)
    model = ScriptedModel(SAID)
    outcome, events = await told(pipeline_of(FakeEngine(ROWS), model), ask)
    answer = answered(outcome)
    assert answer.explanation.explanation == ""
    assert answer.visualization.config == {}
    assert len(model.calls) == 1
    assert not {Stage.GENERATING_EXPLANATION, Stage.RECOMMENDING_VISUALIZATION} & set(stages(events))


async def test_a_retry_goes_on_from_the_stage_that_failed_with_what_was_found() -> None:
    model, engine = ScriptedModel("again"), FakeEngine(ROWS)
    resume = Resume(Stage.EXECUTING_SQL, "sales", SQL)
    outcome, events = await told(pipeline_of(engine, model), resume=resume)
    assert answered(outcome).sql == SQL
    assert stages(events)[0] == Stage.EXECUTING_SQL
    assert not any(isinstance(event, Token) and event.kind == "sql" for event in events)
    assert len(model.calls) == 1


async def test_a_retry_of_the_generation_asks_the_model_again() -> None:
    model = ScriptedModel(SAID, "x")
    resume = Resume(Stage.GENERATING_SQL, "sales", None)
    outcome, events = await told(pipeline_of(FakeEngine(ROWS), model), resume=resume)
    assert answered(outcome).sql == SQL
    assert stages(events)[0] == Stage.GENERATING_SQL


async def test_earlier_questions_go_to_the_model() -> None:
    model = ScriptedModel(SAID, "x")
    history = (Turn("总销售额", "SELECT SUM(amount) FROM orders"),)
    await told(pipeline_of(FakeEngine(ROWS), model), history=history)
    said = [message.content for message in model.calls[0]]
    assert "总销售额" in said
    assert any("SELECT SUM(amount) FROM orders" in text for text in said)


async def test_what_the_database_expects_to_be_too_much_is_not_run() -> None:
    model, engine = ScriptedModel(SAID), FakeEngine()
    engine.estimated = 1_000_001
    outcome, events = await told(pipeline_of(engine, model, max_examined_rows=1_000_000))
    assert isinstance(outcome, Fault)
    assert outcome.code is Code.RESOURCE_LIMIT_EXCEEDED
    assert "1,000,001" in outcome.message.en
    assert "1,000,001" in outcome.message.zh
    assert engine.statements == []
    assert len(model.calls) == 1
    assert stages(events)[-1] is Stage.EXECUTING_SQL


@pytest.mark.parametrize(("estimated", "bound"), [(1_000_000, 1_000_000), (None, 1), (10**12, 0)])
async def test_within_the_bound_without_an_estimate_or_a_bound_it_runs(
    estimated: int | None, bound: int
) -> None:
    engine = FakeEngine(ROWS)
    engine.estimated = estimated
    outcome, _ = await told(pipeline_of(engine, ScriptedModel(SAID, "x"), max_examined_rows=bound))
    assert answered(outcome).results.row_count == 3


async def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    wrong = Fault(
        Code.SQL_EXECUTION_FAILED,
        verbatim("no such column: amout"),
        mendable=True,
        misnamed=Misnamed("column", "amout"),
    )
    model = ScriptedModel("```sql\nSELECT amout FROM orders\n```", SAID, "x")
    outcome, events = await told(pipeline_of(FakeEngine(wrong, ROWS), model))
    assert answered(outcome).attempts == 2
    said = "no such column: amout. Nearest columns: orders.amount"
    assert [event.fault.message.en for event in events if isinstance(event, SqlFailed)] == [said]
    assert said in model.calls[1][-1].content


async def test_an_unknown_data_source_is_named_with_the_known() -> None:
    ask = replace(ASK, datasource=DataSourceChoice(name="nope"))
    outcome, _ = await told(pipeline_of(FakeEngine(), ScriptedModel()), ask)
    assert isinstance(outcome, Fault)
    assert outcome.code is Code.DATASOURCE_NOT_FOUND
    assert "sales" in outcome.message.en


async def test_an_answer_with_neither_sql_nor_words_is_a_failed_generation() -> None:
    outcome, _ = await told(pipeline_of(FakeEngine(), ScriptedModel("```sql\n```")))
    assert isinstance(outcome, Fault)
    assert outcome.code is Code.SQL_GENERATION_FAILED


async def test_a_rewrite_in_words_leaves_the_databases_error() -> None:
    model = ScriptedModel(SAID, "I can't fix that.")
    outcome, _ = await told(pipeline_of(FakeEngine(refused("no such table")), model))
    assert isinstance(outcome, Fault)
    assert outcome.message.en == "no such table"


async def test_a_model_that_sees_no_values_is_told_names_and_types_only() -> None:
    """`llm.send_rows = false`: neither rows nor examples reach it, and the explanation is computed."""
    held = Table("orders", (Column("city", "TEXT", examples=("深圳市",)), Column("amount", "REAL")))
    schema = Schema("sales", "sqlite", "3.45", (held,))
    model = ScriptedModel(SAID)
    engine = FakeEngine([("珠海市", 1.5)])
    outcome, _ = await told(pipeline_of(engine, model, schema=schema, sees_values=False))
    said = repr(model.calls)
    assert "orders" in said
    assert "深圳市" not in said
    assert "珠海市" not in said
    assert len(model.calls) == 1
    assert "珠海市" in answered(outcome).explanation.explanation
    assert not answered(outcome).warnings
