"""A cancel closes the socket at once and leaves nothing behind, wherever it lands; many streams at once."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.llm.asking import QUESTION, ask
from tests.llm.conftest import Connect
from tests.support.model_server import HEAD, Answer, Body, ModelServer, Raw, Status
from text2sql_ws.llm.model import Delta, Message

ROUNDS = 200


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
async def _free() -> AsyncIterator[None]:
    """No task and no descriptor more than before."""
    loop_made = asyncio.all_tasks()
    before = descriptors()
    yield
    async with asyncio.timeout(5):
        while descriptors() > before or asyncio.all_tasks() - loop_made - {asyncio.current_task()}:
            await asyncio.sleep(0.005)


async def ignore(delta: Delta) -> None:
    pass


def never() -> asyncio.Event:
    return asyncio.Event()


ANSWERS: dict[str, Callable[[], Answer]] = {
    "no head": lambda: [never()],
    "half a head": lambda: [Raw(b"HTTP/1.1 200 OK\r\nContent-"), never()],
    "head": lambda: [HEAD, never()],
    "comment": lambda: [Body(b": wait\n\n"), never()],
    "first delta": lambda: ["SELECT", never()],
    "inside a token": lambda: ["SELECT", Body(b'data: {"choices":[{"delta":{"cont'), never()],
    "refusal": lambda: [Raw(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nab"), never()],
    "redirect": lambda: [Raw(b"HTTP/1.1 307 No\r\nLocation: /x\r\nContent-Length: 9\r\n\r\nab"), never()],
}


@pytest.mark.parametrize("where", ANSWERS)
async def test_cancelled_while_it_waits(connect: Connect, where: str) -> None:
    async with ModelServer(lambda body: ANSWERS[where]()) as server:
        client = connect(server)
        for round_ in range(ROUNDS // len(ANSWERS)):
            call = asyncio.create_task(client.stream(QUESTION, ignore))
            while len(server.requests) <= round_:
                await asyncio.sleep(0)
            for _ in range(round_ % 7):  # land a little later each time
                await asyncio.sleep(0)
            call.cancel()
            if round_ % 2:  # a second cancel while the first is carried out
                await asyncio.sleep(0)
                call.cancel()
            (ended,) = await asyncio.gather(call, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError)
            await server.streams_closed()
        await client.aclose()


async def test_cancelled_after_any_number_of_turns(connect: Connect) -> None:
    """From before the connection is made until after the answer is whole."""
    ended = []
    async with ModelServer(lambda body: ["SELECT", " ", "1"]) as server:
        client = connect(server)
        for turns in range(ROUNDS):
            call = asyncio.create_task(client.stream(QUESTION, ignore))
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            ended += await asyncio.gather(call, return_exceptions=True)
            await server.streams_closed()
        await client.aclose()
    assert isinstance(ended[0], asyncio.CancelledError)
    assert not isinstance(ended[-1], BaseException)


async def test_cancelled_inside_our_own_delta(connect: Connect) -> None:
    taken = asyncio.Event()

    async def stuck(delta: Delta) -> None:
        taken.set()
        await asyncio.Event().wait()

    async with ModelServer(lambda body: ["a", "b", never()]) as server:
        client = connect(server)
        for _ in range(20):
            taken.clear()
            call = asyncio.create_task(client.stream(QUESTION, stuck))
            await taken.wait()
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await server.streams_closed()
        await client.aclose()


async def test_what_on_delta_raises_passes_through_and_closes(connect: Connect) -> None:
    async def broken(delta: Delta) -> None:
        raise LookupError("ours")

    async with ModelServer(lambda body: ["a", never()]) as server:
        client = connect(server)
        with pytest.raises(LookupError, match="ours"):
            await client.stream(QUESTION, broken)
        await server.streams_closed()
        await client.aclose()


async def test_cancelled_between_two_attempts(connect: Connect) -> None:
    async with ModelServer(lambda body: Status(503, headers={"Retry-After": "20"})) as server:
        client = connect(server)
        client._asker._sleep = asyncio.sleep
        call = asyncio.create_task(client.stream(QUESTION, ignore))
        while not server.requests:
            await asyncio.sleep(0)
        await server.streams_closed()
        call.cancel()
        assert isinstance((await asyncio.gather(call, return_exceptions=True))[0], asyncio.CancelledError)
        await client.aclose()


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_cancelled_while_a_large_question_is_stuck_on_its_way(connect: Connect) -> None:
    """The server took the connection and reads nothing: the close must not wait for our bytes to leave."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        client = connect(f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
        before = descriptors()
        call = asyncio.create_task(client.stream([Message("user", "x" * (16 << 20))], ignore))
        accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
        with accepted:
            accepted.setblocking(False)
            await asyncio.sleep(0.1)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            async with asyncio.timeout(5):
                while descriptors() > before + 1:
                    await asyncio.sleep(0.005)
        await client.aclose()


async def test_the_connection_is_gone_when_the_client_is_closed(connect: Connect) -> None:
    async with ModelServer(lambda body: ["SELECT", never()]) as server:
        client = connect(server)
        call = asyncio.create_task(ask(client))
        while not server.open_streams:
            await asyncio.sleep(0)
        await client.aclose()
        await client.aclose()
        assert (await call).fault is not None
        await server.streams_closed()


async def test_a_hundred_and_fifty_streams_at_once(connect: Connect) -> None:
    """All have their first delta while none may end: no limit makes the later ones wait."""
    go_on = asyncio.Event()
    begun: list[str] = []

    async def begin(delta: Delta) -> None:
        begun.append(delta.text)

    async with ModelServer(lambda body: ["SELECT", go_on, " 1"]) as server:
        client = connect(server)
        calls = [asyncio.create_task(client.stream(QUESTION, begin)) for _ in range(150)]
        async with asyncio.timeout(10):
            while len(begun) < 150:
                await asyncio.sleep(0.005)
        assert server.open_streams == 150
        for call in calls[::3]:
            call.cancel()
        go_on.set()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(one, BaseException) for one in ended) == 50
        assert {one.content for one in ended if not isinstance(one, BaseException)} == {"SELECT 1"}
        await client.aclose()


def test_descriptors_are_counted() -> None:
    before = descriptors()
    reading, writing = os.pipe()
    assert descriptors() == before + 2
    os.close(reading)
    os.close(writing)


async def test_a_client_that_is_retired_goes_on_for_who_has_it_and_keeps_nothing_open(
    connect: Connect,
) -> None:
    go = asyncio.Event()
    async with ModelServer([["one", go, " whole"], "another"]) as server:
        client = connect(server)
        begun = asyncio.create_task(client.stream(QUESTION, ignore))
        while not server.open_streams:
            await asyncio.sleep(0)
        await client.retire()
        go.set()
        assert (await begun).content == "one whole"
        async with asyncio.timeout(5):
            while server.open_connections:
                await asyncio.sleep(0.005)
        assert (await client.stream(QUESTION, ignore)).content == "another"
        async with asyncio.timeout(5):
            while server.open_connections:
                await asyncio.sleep(0.005)
