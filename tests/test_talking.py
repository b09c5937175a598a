"""A conversation with the model: what it is sent, what it says as it says it, and how that may end."""

from pathlib import Path

import pytest

from tests.support.fakes import TODAY, ScriptedModel
from tests.support.paths import PROMPTS
from text2sql_ws.commands import Ask
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Answer, Event, Stage, StageProgressed, Token, Usage
from text2sql_ws.llm.faults import Truncated
from text2sql_ws.llm.model import Completion, Delta, Message, OnDelta
from text2sql_ws.llm.prompts import read_prompts
from text2sql_ws.llm.providers import Offered, Providers
from text2sql_ws.talking import Talker
from text2sql_ws.texts import say

BEGUN = StageProgressed(Stage.GENERATING_EXPLANATION, 90, say("stage.generating_explanation"))


async def talked(model: ScriptedModel, ask: Ask, *earlier: Message) -> tuple[Answer, list[Event]]:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    providers = Providers({"main": Offered(model, ("m1", "m2"))}, "main")
    talker = Talker(providers, read_prompts(Path(PROMPTS)), lambda: TODAY)
    talker.check(ask)
    return await talker.answer(ask, emit, earlier), events


async def test_the_model_hears_the_prompt_what_was_said_and_the_question() -> None:
    model = ScriptedModel("好的")
    earlier = (Message("user", "一"), Message("assistant", "二"))
    await talked(model, Ask("三"), *earlier)
    ((system, *said),) = model.calls
    assert system.role == "system"
    assert TODAY.isoformat() in system.content
    assert said == [*earlier, Message("user", "三")]


async def test_what_it_says_is_told_as_it_comes_and_is_the_answer() -> None:
    answer, events = await talked(ScriptedModel("供应链管理", step=3), Ask("q"))
    assert events == [BEGUN, Token("explanation", "供应链", 0, 1), Token("explanation", "管理", 1, 1)]
    assert (answer.sql, answer.explanation.explanation) == (None, "供应链管理")
    assert (answer.usage, answer.cut_short) == (Usage(10, 5), False)


async def test_deltas_that_came_together_count_as_what_they_were() -> None:
    async def burst(on_delta: OnDelta) -> Completion:
        await on_delta(Delta("content", "供应链", ("供应", "链")))
        await on_delta(Delta("content", "管理"))
        return Completion("供应链管理", "", None, "m")

    _, events = await talked(ScriptedModel(burst), Ask("q"))
    assert events[1:] == [
        Token("explanation", "供应链", 0, 1, ("供应", "链")),
        Token("explanation", "管理", 2, 1),
    ]


async def test_thoughts_are_no_words() -> None:
    async def think(on_delta: OnDelta) -> Completion:
        await on_delta(Delta("reasoning", "想"))
        await on_delta(Delta("content", "说"))
        return Completion("说", "想", None, "m")

    answer, events = await talked(ScriptedModel(think), Ask("q"))
    assert events == [BEGUN, Token("reasoning", "想", 0, 1), Token("explanation", "说", 0, 1)]
    assert answer.explanation.explanation == "说"


async def test_its_limit_of_tokens_cuts_an_answer_short_that_began() -> None:
    async def reach_the_limit(on_delta: OnDelta) -> Completion:
        await on_delta(Delta("content", "前半"))
        raise Truncated("main", "model.truncated.length")

    answer, _ = await talked(ScriptedModel(reach_the_limit), Ask("q"))
    assert (answer.explanation.explanation, answer.cut_short) == ("前半", True)


@pytest.mark.parametrize("key", ["model.truncated.length", "model.truncated.ended"])
async def test_an_answer_that_broke_off_or_never_began_is_none(key: str) -> None:
    async def fail(on_delta: OnDelta) -> Completion:
        if key == "model.truncated.ended":
            await on_delta(Delta("content", "前半"))
        raise Truncated("main", key)

    with pytest.raises(Fault) as failed:
        await talked(ScriptedModel(fail), Ask("q"))
    assert failed.value.code is Code.LLM_SERVICE_ERROR


async def test_a_model_that_is_not_there_is_refused() -> None:
    with pytest.raises(Fault) as refused:
        await talked(ScriptedModel(), Ask("q", model="gpt-4"))
    assert refused.value.code is Code.INVALID_MESSAGE
