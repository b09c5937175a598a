"""SQL that is used again: for the same question only, of the same user, while nothing has changed."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.fakes import ORDERS, TODAY, Collected, FakeEngine, ManualClock, ScriptedModel, pipeline_of
from tests.support.stories import ENDINGS, ROWS, SAID, SQL, Forgetful
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import QueryCompleted, Stage, StageProgressed, Token
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.llm.providers import Choice
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.query import Owner
from text2sql_ws.reuse import Kept, Reuse
from text2sql_ws.schema import Column, Schema
from text2sql_ws.texts import verbatim

ASK = Ask("城市", asker="alice", cache=True)
MAIN = Choice("main", "m", ScriptedModel())
MORE_COLUMNS = replace(
    ORDERS, tables=(replace(ORDERS.tables[0], columns=(*ORDERS.tables[0].columns, Column("note", "TEXT"))),)
)
OTHER_EXAMPLES = replace(
    ORDERS, tables=(replace(ORDERS.tables[0], columns=tuple(
        replace(column, examples=("东京",)) for column in ORDERS.tables[0].columns
    )),)
)  # fmt: skip


def kept_by(reuse: Reuse) -> Reuse:
    reuse.of(ASK, MAIN, ORDERS, (), TODAY).keep("SELECT 1", "said")
    return reuse


def test_the_same_question_finds_it() -> None:
    assert kept_by(Reuse()).of(ASK, MAIN, ORDERS, (), TODAY).find() == Kept("SELECT 1", "said")
    assert kept_by(Reuse()).of(ASK, MAIN, OTHER_EXAMPLES, (), TODAY).find() is not None


@pytest.mark.parametrize(
    ("ask", "choice", "schema", "history", "today"),
    [
        (replace(ASK, question="城市?"), MAIN, ORDERS, (), TODAY),
        (replace(ASK, asker="bob"), MAIN, ORDERS, (), TODAY),
        (replace(ASK, locale="en"), MAIN, ORDERS, (), TODAY),
        (ASK, replace(MAIN, name="n"), ORDERS, (), TODAY),
        (ASK, replace(MAIN, provider="other"), ORDERS, (), TODAY),
        (ASK, MAIN, MORE_COLUMNS, (), TODAY),
        (ASK, MAIN, replace(ORDERS, datasource="other"), (), TODAY),
        (ASK, MAIN, ORDERS, (Turn("q", "SELECT 1"),), TODAY),
        (ASK, MAIN, ORDERS, (), date(2026, 11, 22)),
        (replace(ASK, datasource=DataSourceChoice(details=(("host", "h"),))), MAIN, ORDERS, (), TODAY),
        (replace(ASK, cache=False), MAIN, ORDERS, (), TODAY),
    ],
)
def test_what_differs_in_anything_finds_nothing(
    ask: Ask, choice: Choice, schema: Schema, history: tuple[Turn, ...], today: date
) -> None:
    assert kept_by(Reuse()).of(ask, choice, schema, history, today).find() is None


def test_a_question_that_may_not_be_answered_so_leaves_nothing_to_find() -> None:
    reuse = kept_by(Reuse())
    reuse.of(replace(ASK, cache=False), MAIN, ORDERS, (), TODAY).keep("SELECT 2", "")
    assert reuse.of(ASK, MAIN, ORDERS, (), TODAY).find() is None


def test_so_many_are_kept_and_the_one_not_used_for_longest_goes() -> None:
    reuse = Reuse(most=2)
    first, second, third = (
        reuse.of(replace(ASK, question=q), MAIN, ORDERS, (), TODAY) for q in ("1", "2", "3")
    )
    first.keep("SELECT 1", "")
    second.keep("SELECT 2", "")
    assert first.find()
    third.keep("SELECT 3", "")
    assert (first.find() is None, second.find() is None, third.find() is None) == (False, True, False)


class Asking:
    """One question after the other, of one registry."""

    def __init__(self, engine: FakeEngine, model: ScriptedModel) -> None:
        quotas = Quotas(3, 200, 600.0, 600.0)
        self.queries = Queries(pipeline_of(engine, model), Forgetful(), ManualClock(), quotas, Bulletin())

    async def __call__(self, question: str, *, cache: bool = True, user: str = "alice") -> Collected:
        outlet = Collected()
        ask = Ask(question, cache=cache, explain=False, visualize=False)
        self.queries.start(ask, Owner(user, "s"), outlet)
        await outlet.until(ENDINGS)
        return outlet


async def test_the_second_time_no_model_is_asked_and_the_rows_are_read_again() -> None:
    engine, model = FakeEngine(ROWS, ROWS), ScriptedModel(SAID)
    ask = Asking(engine, model)
    await ask("城市")
    again = await ask("城市")
    assert len(model.calls) == 1
    assert [statement.sql for statement in engine.statements] == [SQL, SQL]
    assert not [event for event in again.events if isinstance(event, Token)]
    said = [e for e in again.events if isinstance(e, StageProgressed) and (e.details or {}).get("cached")]
    assert [event.stage for event in said] == [Stage.RETRIEVING_SCHEMA, Stage.GENERATING_SQL]
    assert isinstance(again.events[-1], QueryCompleted)


async def test_another_user_is_answered_anew() -> None:
    model = ScriptedModel(SAID, SAID)
    ask = Asking(FakeEngine(ROWS, ROWS), model)
    await ask("城市", user="alice")
    await ask("城市", user="bob")
    assert len(model.calls) == 2


async def test_the_rewritten_sql_is_what_is_kept() -> None:
    engine = FakeEngine(Fault(Code.SQL_EXECUTION_FAILED, verbatim("no"), mendable=True), ROWS, ROWS)
    ask = Asking(engine, ScriptedModel("SELECT nope FROM orders", SAID))
    await ask("城市")
    await ask("城市")
    assert [statement.sql for statement in engine.statements] == ["SELECT nope FROM orders", SQL, SQL]


async def test_sql_that_fails_is_not_offered_again() -> None:
    gone = Fault(Code.DATABASE_CONNECTION_FAILED, verbatim("gone"))
    model = ScriptedModel(SAID, SAID)
    ask = Asking(FakeEngine(ROWS, gone, ROWS), model)
    for _ in range(3):
        await ask("城市")
    assert len(model.calls) == 2


async def test_words_and_own_sql_are_not_kept() -> None:
    model = ScriptedModel("你好", "你好")
    ask = Asking(FakeEngine(ROWS, ROWS), model)
    for question in ("你好", "你好", SQL, SQL):
        assert isinstance((await ask(question)).events[-1], QueryCompleted)
    assert len(model.calls) == 2
