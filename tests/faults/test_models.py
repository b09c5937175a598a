"""What a model can do to a service: its query ends with a fault or an answer, and the stream is gone."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.bench import SAID, Bench, bench, unharmed
from tests.support.model_server import CLOSE, HEAD, RESET, Answer, Body, Finish, Raw, Status, delta, sse
from tests.support.serving import Client, Message

MIB = 1 << 20
ERROR = {"error": {"message": "no"}}


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as standing:
        yield standing


async def ending(client: Client) -> Message:
    """Ask what only the model can answer; the query's last message."""
    options = {"datasource": "shop", "explain": False, "visualize": False}
    return (await client.answer("每个城市", **options))[-1]


async def fails(client: Client, code: str = "LLM_SERVICE_ERROR") -> Message:
    """The query fails in the model's stage; and the one after it, to a model that is well, does not."""
    failed = await ending(client)
    assert failed["type"] == "query_error", failed
    assert (failed["data"]["code"], failed["data"]["stage"]) == (code, "generating_sql")
    return failed


def never() -> asyncio.Event:
    return asyncio.Event()


BROKEN: dict[str, Answer] = {
    "401": Status(401, ERROR),
    "429 with Retry-After": Status(429, ERROR, {"Retry-After": "1"}),
    "500": Status(500, ERROR),
    "html": Status(200, "<html><title>Sign in</title></html>"),
    "an error page": Status(502, "<html>Bad Gateway</html>"),
    "hung up at once": CLOSE,
    "reset at once": RESET,
    "hung up after the head": [HEAD, CLOSE],
    "reset inside a token": ["```sql\nSELECT", Raw(b'30\r\ndata: {"choices": [{"delta": {"conte'), RESET],
    "hung up inside a token": ["```sql\nSELECT", Raw(b'30\r\ndata: {"choices": [{"delta": {"conte'), CLOSE],
    "no end": ["```sql\nSELECT 1", CLOSE],
    "half a chunk size": ["a", Raw(b"3"), CLOSE],
    "no chunk size": ["a", Raw(b"xyz\r\n"), CLOSE],
    "no http": Raw(b"\x00\xff nonsense\r\n\r\n"),
    "not json": Body(b"data: {nonsense\n\n"),
    "not utf-8": [Body(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'), RESET],
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_model_that_breaks(standing: Bench, kind: str) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says(BROKEN[kind])
        await fails(client)
        again = await ending(client)
        assert again["type"] == "query_complete", again["data"]


async def test_a_model_that_is_not_there(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.wire.refuse()
        standing.wire.reset()
        await fails(client)
        await standing.wire.welcome()
        again = await ending(client)
        assert again["type"] == "query_complete", again["data"]


@pytest.mark.parametrize("heard", [[], [HEAD], ["```sql\nSELECT"]], ids=["nothing", "head", "token"])
async def test_a_model_that_falls_silent(standing: Bench, heard: list[Answer]) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says([*heard, never()])
        await fails(client)
        await standing.model.streams_closed(1.0)


async def test_a_network_that_falls_silent_before_the_model(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        go = asyncio.Event()
        standing.says(["```sql\nSELECT", go, " name FROM cities\n```"])
        asking = asyncio.create_task(fails(client))
        while not standing.model.open_streams:
            await asyncio.sleep(0.01)
        standing.wire.stall()
        go.set()
        await asking
        standing.wire.go_on()


async def test_a_network_that_breaks_before_the_model(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says(["```sql\nSELECT", never()])
        asking = asyncio.create_task(fails(client))
        while not standing.model.open_streams:
            await asyncio.sleep(0.01)
        standing.wire.reset()
        await asking


async def test_a_slow_network_before_the_model_only_slows(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.wire.slow(20_000)
        again = await ending(client)
        assert again["type"] == "query_complete", again["data"]


async def test_utf_8_cut_anywhere(standing: Bench) -> None:
    """Each cut of an event's bytes into two, sent apart: the answer is the same."""
    said = sse(delta({"content": "-- 城市🏙\n" + SAID}))
    async with unharmed(standing), standing.server.client() as client:
        for cut in range(said.index("城".encode()) - 1, said.index(b"```")):
            standing.says([Body(said[:cut]), _soon(), Body(said[cut:])])
            messages = await client.answer("每个城市", datasource="shop", explain=False, visualize=False)
            assert messages[-1]["type"] == "query_complete"
            tokens = [m["data"]["delta"] for m in messages if m["type"] == "query_token"]
            assert "".join(tokens) == "-- 城市🏙\n" + SAID


async def test_a_line_of_ten_mebibytes(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says([Body(b"data: "), *itertools.repeat(Body(b"x" * 65_536), 160), Body(b"\n\n")])
        await fails(client)


async def test_an_endless_line(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says(itertools.chain([Body(b"data: ")], itertools.repeat(Body(b"x" * 65_536))))
        await fails(client)
        await standing.model.streams_closed(1.0)


@pytest.mark.parametrize("kind", ["tokens", "comments", "empty tokens"])
async def test_an_endless_stream(standing: Bench, kind: str) -> None:
    """However it goes on, it has an end: its size or `total_timeout`."""
    endless = {
        "tokens": itertools.repeat("SELECT " * 50),
        "comments": itertools.repeat(Body(b": still here\n\n")),
        "empty tokens": itertools.repeat(""),
    }
    async with unharmed(standing), standing.server.client() as client:
        standing.says(endless[kind])
        await fails(client)
        await standing.model.streams_closed(1.0)


async def test_cut_off_by_its_own_limit(standing: Bench) -> None:
    async with unharmed(standing), standing.server.client() as client:
        standing.says(["```sql\nSELECT name", Finish("length")])
        await fails(client)


def _soon() -> asyncio.Event:
    """An event that the loop sets in its next turn but one: what follows travels apart."""
    soon = asyncio.Event()
    asyncio.get_running_loop().call_later(0.002, soon.set)
    return soon
