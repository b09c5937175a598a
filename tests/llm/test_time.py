"""Time-outs: what runs out when, and that our own slowness never counts."""

import asyncio
import itertools
import time
from collections.abc import Iterator

import pytest

from tests.llm.asking import QUESTION, ask
from tests.llm.conftest import Connect
from tests.support.model_server import (
    CLOSE,
    HEAD,
    Answer,
    Body,
    Finish,
    ModelServer,
    Raw,
    Reasoning,
    Spent,
    Status,
)
from text2sql_ws.events import Usage
from text2sql_ws.llm.faults import FellSilent, NoFirstToken, ProtocolBroken, ServerFailed, TookTooLong
from text2sql_ws.llm.model import Delta
from text2sql_ws.llm.patience import Patience, RanOut, Take
from text2sql_ws.settings import Provider

NEVER = asyncio.Event
ROLE = Body(b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n')
COMMENT = Body(b": keep-alive\n\n")


@pytest.mark.parametrize(
    "silence",
    [
        lambda: [NEVER()],
        lambda: [HEAD, NEVER()],
        lambda: [ROLE, NEVER()],
        lambda: [COMMENT, NEVER()],
        lambda: [Raw(b"HTTP/1.1 2"), NEVER()],
    ],
    ids=["no head", "head", "role", "comment", "half a head"],
)
async def test_no_first_token(connect: Connect, silence: object) -> None:
    async with ModelServer([silence()]) as server:  # type: ignore[operator]
        outcome = await ask(connect(server, first_token_timeout=0.1, total_timeout=5))
        assert type(outcome.fault) is NoFirstToken
        assert "within 0.1 s" in outcome.fault.message.en
        assert len(server.requests) == 1
        await server.streams_closed()


async def test_a_piece_that_comes_too_late_in_the_turn_in_which_the_alarm_rings() -> None:
    """A loop that was held up finds both due: the time-out is told once, and nothing falls out of it."""
    loop, fallen = asyncio.get_running_loop(), list[dict[str, object]]()
    loop.set_exception_handler(lambda _, context: fallen.append(context))
    patience = Patience(Provider(base_url="http://model", model="m", first_token_timeout=0.02))
    patience.begin_attempt()
    with pytest.raises(RanOut) as ran_out:
        await patience.overhear(_Late(), lambda piece: True)
    patience.rest()
    assert ran_out.value.limit == "first_token"
    assert fallen == []


class _Late:
    """Its one piece is due before the alarm, but the loop is held up until both are."""

    def __init__(self) -> None:
        self._heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def receive(self) -> bytes | None:
        raise AssertionError

    async def overhear(self, take: Take) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, take, b"x")
        loop.call_soon(time.sleep, 0.05)
        await self._heard

    def interrupt(self, error: Exception) -> None:
        self._heard.set_exception(error)


async def test_roles_and_comments_do_not_put_the_first_token_off(connect: Connect) -> None:
    async with ModelServer([itertools.cycle([ROLE, COMMENT])]) as server:
        assert type((await ask(connect(server, first_token_timeout=0.1))).fault) is NoFirstToken


@pytest.mark.parametrize("first", ["SEL", Reasoning("hm")])
async def test_silence_after_it(connect: Connect, first: Answer) -> None:
    async with ModelServer([[first, COMMENT, NEVER()]]) as server:  # type: ignore[list-item]
        outcome = await ask(connect(server, idle_timeout=0.1, total_timeout=5))
        assert type(outcome.fault) is FellSilent
        assert len(outcome.deltas) == 1
        await server.streams_closed()


async def test_comments_do_not_break_a_silence(connect: Connect) -> None:
    async with ModelServer([itertools.chain(["SEL"], itertools.repeat(COMMENT))]) as server:
        assert type((await ask(connect(server, idle_timeout=0.1))).fault) is FellSilent


@pytest.mark.parametrize("endless", ["x", Reasoning("x")])
async def test_an_endless_stream_ends_at_the_total(connect: Connect, endless: Answer) -> None:
    async with ModelServer([itertools.repeat(endless)]) as server:
        outcome = await ask(connect(server, total_timeout=0.6))
        assert type(outcome.fault) is TookTooLong
        assert outcome.deltas
        await server.streams_closed()


async def test_an_endless_body_without_a_wait_ends_at_its_bound(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("text2sql_ws.llm.reading.MAX_BODY_BYTES", 1 << 20)
    async with ModelServer([itertools.repeat("x" * 9000)]) as server:
        outcome = await ask(connect(server))
        assert type(outcome.fault) is ProtocolBroken
        assert "too large" in outcome.fault.message.en


async def test_our_own_slowness_does_not_count(connect: Connect) -> None:
    """Each delta takes us longer than silence and total allow together."""
    async with ModelServer([["SELECT", " 1"]]) as server:
        client = connect(server, first_token_timeout=0.6, idle_timeout=0.3, total_timeout=0.9)

        async def slow(delta: Delta) -> None:
            await asyncio.sleep(0.6)

        assert (await client.stream(QUESTION, slow)).content == "SELECT 1"


async def test_back_pressure_reaches_the_server(connect: Connect) -> None:
    """While we don't take a delta, the server can't send more than the buffers between us hold."""
    sent: list[int] = []
    taken = asyncio.Event()

    async def stuck(delta: Delta) -> None:
        taken.set()
        await asyncio.Event().wait()

    def endless() -> Iterator[str]:
        while True:
            sent.append(50_000)
            yield "x" * sent[-1]

    async with ModelServer([endless()]) as server:
        call = asyncio.create_task(connect(server).stream(QUESTION, stuck))
        await taken.wait()
        before = -1
        while before != (before := sum(sent)):
            await asyncio.sleep(0.1)
        assert before < 32 << 20
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await server.streams_closed()


async def test_empty_chunks_break_a_silence(connect: Connect) -> None:
    """The model works on something that isn't shown; ten signs of life, each within the bound."""
    loop = asyncio.get_running_loop()
    signs = [asyncio.Event() for _ in range(10)]
    for number, sign in enumerate(signs, 1):
        loop.call_later(0.15 * number, sign.set)
    middle = [step for sign in signs for step in (sign, ROLE)]
    async with ModelServer([["SELECT", *middle, " 1"]]) as server:
        assert (await ask(connect(server, idle_timeout=1.0))).joined("content") == "SELECT 1"


async def test_a_limit_that_ran_out_holds_even_if_the_model_never_makes_us_wait() -> None:
    patience = Patience(Provider(base_url="http://h", model="m", total_timeout=3))
    patience.begin_attempt()
    assert await patience.wait(at_once) == 1
    patience.slept(3)
    with pytest.raises(RanOut) as ran_out:
        await patience.wait(at_once)
    assert ran_out.value.limit == "total"


async def at_once() -> int:
    return 1


async def test_usage_is_waited_for_after_the_finish_reason(connect: Connect) -> None:
    late = asyncio.Event()
    asyncio.get_running_loop().call_later(0.6, late.set)
    async with ModelServer([["SELECT 1", Finish("stop"), late, Spent(3, 2)]]) as server:
        completion = (await ask(connect(server, idle_timeout=0.3))).completion
        assert completion is not None
        assert completion.usage == Usage(3, 2)


async def test_but_not_for_long(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2sql_ws.llm.asking.USAGE_SECONDS", 0.05)
    async with ModelServer([["SELECT 1", Finish("stop"), NEVER()]]) as server:
        outcome = await ask(connect(server))
        assert outcome.completion is not None
        assert outcome.completion.usage is None
        await server.streams_closed()


async def test_once_usage_has_come_only_the_end_is_waited_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a server that says neither `[DONE]` nor goodbye."""
    monkeypatch.setattr("text2sql_ws.llm.asking.USAGE_SECONDS", 30)
    late = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, late.set)
    async with ModelServer([["SELECT 1", Finish("stop"), late, Spent(3, 2), NEVER()]]) as server:
        async with asyncio.timeout(10):
            completion = (await ask(connect(server))).completion
        assert completion is not None
        assert completion.usage == Usage(3, 2)
        await server.streams_closed()


async def test_a_refusal_whose_body_never_ends_is_still_that_refusal(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("text2sql_ws.llm.asking.REFUSAL_SECONDS", 0.05)
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\nplease wait"
    async with ModelServer([[Raw(head), NEVER()]]) as server:
        outcome = await ask(connect(server, max_retries=0))
        assert type(outcome.fault) is ServerFailed
        assert "HTTP 503, please wait" in outcome.fault.message.en
        await server.streams_closed()


async def test_a_refusal_without_an_end_is_read_only_at_its_start(connect: Connect) -> None:
    endless = [Raw(b"HTTP/1.1 500 No\r\n\r\n"), *[Raw(b"x" * 60_000)] * 200, CLOSE]
    async with ModelServer([endless]) as server:
        assert type((await ask(connect(server, max_retries=0))).fault) is ServerFailed


async def test_the_end_of_the_body_is_waited_for_so_that_the_connection_can_be_used_again(
    connect: Connect,
) -> None:
    ends = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, ends.set)
    done = Body(b"data: [DONE]\n\n")
    async with ModelServer(
        [["SELECT 1", Finish("stop"), done, ends, Raw(b"0\r\n\r\n")], "SELECT 2"]
    ) as server:
        client = connect(server)
        assert [(await ask(client)).joined("content") for _ in range(2)] == ["SELECT 1", "SELECT 2"]
        assert server.connections_made == 1


async def test_connections_are_used_again(connect: Connect) -> None:
    answers: list[Answer] = ["SELECT 1"] * 5 + [Status(400, {"error": "no"}), "SELECT 1"]
    async with ModelServer(answers) as server:
        client = connect(server)
        for _ in answers:
            await ask(client)
        assert server.connections_made == 1
