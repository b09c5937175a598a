"""What clients can do to a service: each harms itself alone, and everything it held is free again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.bench import ENDLESS, Bench, bench, unharmed
from tests.support.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    RawClient,
    dial,
    frame,
    handshake,
    question,
)
from text2sql_ws import app

BEATS = {"interval": 0.4, "timeout": 3.0}
"""A bystander has to say something in this time, on a machine that others work on."""

MIB = 1 << 20


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path, heartbeat=BEATS) as standing:
        yield standing


async def flooded(standing: Bench, **query: str) -> RawClient:
    """A client that a big result streams to; its first rows have come."""
    client = await standing.raw(**query)
    client.ask(ENDLESS, visualize=False)
    while (await client.message())["type"] != "query_result":
        pass
    return client


async def test_killed_while_a_big_result_streams(standing: Bench) -> None:
    async with unharmed(standing):
        (await flooded(standing)).kill()
        await standing.dropped()


async def test_hung_up_while_a_big_result_streams(standing: Bench) -> None:
    async with unharmed(standing):
        await (await flooded(standing)).aclose()
        await standing.dropped()


async def test_vanished_without_fin(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        standing.network.stall()
        await standing.dropped()
        client.kill()


async def test_vanished_while_idle(standing: Bench) -> None:
    async with unharmed(standing):
        client = await standing.raw()
        standing.network.stall()
        await standing.dropped()
        client.kill()


async def test_stopped_while_a_big_result_streams(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        client.stop_reading()
        await standing.dropped()
        client.kill()


async def test_stopped_and_talking_on(standing: Bench) -> None:
    """Who never reads can't keep the connection by speaking."""
    async with unharmed(standing):
        client = await flooded(standing)
        client.stop_reading()
        talking = asyncio.create_task(_beat_on(client))
        await standing.dropped()
        talking.cancel()
        await asyncio.wait({talking})
        client.kill()


async def test_reads_a_kibibyte_a_second(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        standing.network.slow(1024, "down")
        await standing.dropped(6.0)
        client.kill()


async def test_half_closed(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        client.writer.write_eof()
        await standing.dropped()
        client.kill()


async def test_half_closed_and_never_reading(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        client.stop_reading()
        client.writer.write_eof()
        await standing.dropped()
        client.kill()


async def test_a_message_a_byte_every_half_second(standing: Bench) -> None:
    """Bytes are no sign of life: only whole messages are."""
    async with unharmed(standing):
        client = await standing.raw()
        dribbling = asyncio.create_task(_dribble(client, frame(TEXT, question("q")), 0.5))
        await standing.dropped()
        assert await client.close_code() == 4012
        dribbling.cancel()
        await asyncio.wait({dribbling})


async def test_a_handshake_a_byte_every_half_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HEADERS_SECONDS", 1)
    async with bench(tmp_path) as standing, unharmed(standing):
        reader, writer = await dial(standing.network.port)
        client = RawClient(reader, writer)
        dribbling = asyncio.create_task(_dribble(client, handshake(standing.network.port), 0.5))
        async with asyncio.timeout(4):
            await reader.read()
        dribbling.cancel()
        await asyncio.wait({dribbling})
        client.kill()


async def test_a_handshake_that_never_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HEADERS_SECONDS", 1)
    async with bench(tmp_path) as standing, unharmed(standing):
        clients = [await dial(standing.network.port) for _ in range(20)]
        for reader, _ in clients:
            async with asyncio.timeout(4):
                assert await reader.read() == b""
        for _, writer in clients:
            writer.transport.abort()


FLOODS = {
    "pings": frame(PING, b"x"),
    "empty pings": frame(PING),
    "pongs": frame(PONG),
    "empty fragments": frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 9,
    "empty texts": frame(TEXT),
    "empty binaries": frame(BINARY),
    "heartbeats": frame(TEXT, b'{"type": "heartbeat", "data": {}}'),
    "questions": frame(TEXT, question("SELECT name FROM cities")),
}


@pytest.mark.parametrize("reads", [True, False], ids=["reading", "not reading"])
@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood(standing: Bench, kind: str, reads: bool) -> None:
    """As much as the socket takes, for half a second; the flooder may be dropped, nobody else waits."""
    async with unharmed(standing):
        client = await standing.raw()
        reading = asyncio.create_task(client.close_code(10.0)) if reads else None
        await _flood(client, FLOODS[kind])
        client.kill()
        if reading is not None:
            await reading
        await standing.dropped()


async def test_a_close_frame_and_no_tcp_close(standing: Bench) -> None:
    async with unharmed(standing):
        client = await standing.raw()
        client.send(CLOSE, b"\x03\xe8")
        assert await client.close_code() == 1000
        await standing.dropped()
        client.kill()


async def test_a_close_frame_while_a_big_result_streams_and_no_more_reading(standing: Bench) -> None:
    async with unharmed(standing):
        client = await flooded(standing)
        client.stop_reading()
        client.send(CLOSE, b"\x03\xe8")
        await standing.dropped()
        client.kill()


@pytest.mark.parametrize(
    ("broken", "codes"),
    [
        (b"\x83\x80abcd", (1002, None)),
        (frame(CONTINUATION, b"x"), (1002, None)),
        (frame(TEXT, b"\xff\xfe"), (1007, None)),
        (b"\xc1" + frame(TEXT, b"x")[1:], (1002, None)),
        (frame(PING, b"x" * 126), (1002, None)),
        (frame(CLOSE, b"\x00"), (1002, None)),
        (frame(CLOSE, b"\x00\x01"), (1002, None)),
        (b"GET / HTTP/1.1\r\n\r\n", (1002, None)),
    ],
    ids=["opcode", "continues nothing", "not utf-8", "compressed", "long ping", "short close",
         "close code", "http"],
)  # fmt: skip
async def test_a_frame_that_breaks_the_protocol(
    standing: Bench, broken: bytes, codes: tuple[int | None, ...]
) -> None:
    async with unharmed(standing):
        client = await standing.raw()
        client.writer.write(broken)
        assert await client.close_code() in codes
        await standing.dropped()


async def test_a_thousand_comings_and_goings_give_every_place_back(tmp_path: Path) -> None:
    """Ended in every way there is: the places of `limits.connections` are all there in the end."""
    places = {"connections": 30, "connections_per_user": 30}
    async with bench(tmp_path, limits=places) as standing, unharmed(standing):
        for number in range(250):
            clients = [await standing.raw(session_id=f"s{number}-{way}") for way in range(4)]
            clients[0].kill()
            await clients[1].aclose()
            clients[2].send(CLOSE, b"\x03\xe8")
            clients[3].send(CONTINUATION)
            assert await clients[2].close_code() == 1000
            await clients[3].close_code()
            await standing.dropped()


async def _beat_on(client: RawClient) -> None:
    while True:
        client.send(TEXT, b'{"type": "heartbeat", "data": {}}')
        await asyncio.sleep(0.1)


async def _dribble(client: RawClient, data: bytes, seconds: float) -> None:
    for byte in data:
        client.writer.write(bytes([byte]))
        await asyncio.sleep(seconds)


async def _flood(client: RawClient, one: bytes) -> None:
    many = one * (65_536 // len(one))
    try:
        async with asyncio.timeout(0.5):
            while True:
                client.writer.write(many)
                await client.writer.drain()
                await asyncio.sleep(0)
    except (TimeoutError, ConnectionError):
        pass
