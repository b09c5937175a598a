"""What goes out over a socket: whole frames, those of a turn in one write, no more than the client takes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import orjson
import pytest
from aiohttp import web

from tests.support.fakes import ManualClock
from text2sql_ws.channel import Channel
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.events import HeartbeatSent, SqlReady, Stamped, Token
from text2sql_ws.web.outgoing import TURN_BYTES, WRITE_BUFFER_BYTES, Outgoing, Ping, Pong, framed

AT = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Pipe:
    """A transport, and aiohttp's writer over it, with a client that takes what it is told to take."""

    written: list[bytes] = field(default_factory=list)
    waiting: int = 0
    gone: bool = False
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.gone

    def get_write_buffer_size(self) -> int:
        return self.waiting

    async def drain(self) -> None:
        await self.taken.wait()
        if self.gone:
            raise ConnectionResetError


@dataclass
class Asked:
    transport: Pipe
    writer: Pipe


Made = tuple[Outgoing, Channel, Pipe, list[str]]


@pytest.fixture
async def made() -> Made:
    pipe, clock, lost = Pipe(), ManualClock(), []
    channel = Channel(Text2Sql("s", 1, "zh", 4000), clock, 1 << 20, 1 << 20)
    request = cast(web.Request, Asked(pipe, pipe))
    outgoing = Outgoing(request, channel, clock, lambda: lost.append("lost"))
    outgoing.start()
    await asyncio.sleep(0)
    return outgoing, channel, pipe, lost


def sql(text: str) -> Stamped:
    return Stamped("q", AT, "zh", SqlReady(text, 1))


def token(text: str) -> Stamped:
    return Stamped("q", AT, "zh", Token("sql", text, 0, 1))


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_says_how_long_it_is(size: int, head: bytes) -> None:
    assert framed(b"x" * size) == head + b"x" * size


@pytest.mark.parametrize(("kind", "head"), [(Ping, b"\x89\x02"), (Pong, b"\x8a\x02")])
def test_pings_and_pongs_are_frames_of_their_own(kind: Callable[[bytes], bytes], head: bytes) -> None:
    assert framed(kind(b"hi")) == head + b"hi"


async def test_all_of_a_turn_goes_out_in_one_write(made: Made) -> None:
    _, channel, pipe, _ = made
    for text in ("1", "2", "3"):
        await channel.put(sql(text))
    assert pipe.written == []
    await asyncio.sleep(0)
    (written,) = pipe.written
    assert [written.count(b'"sql":"%d"' % number) for number in (1, 2, 3)] == [1, 1, 1]


async def test_a_token_and_a_notice_go_out_in_the_call_that_brings_them(made: Made) -> None:
    _, channel, pipe, _ = made
    await channel.put(token("SELECT"))
    channel.offer(HeartbeatSent())
    assert [b"SELECT" in pipe.written[0], b"heartbeat" in pipe.written[1]] == [True, True]


async def test_a_client_that_takes_nothing_is_sent_nothing_more_until_it_does(made: Made) -> None:
    outgoing, channel, pipe, _ = made
    pipe.waiting = WRITE_BUFFER_BYTES + 1
    await channel.put(token("a"))
    await asyncio.sleep(0)
    assert outgoing.stuck_since is not None
    await channel.put(token("b"))
    await channel.put(token("c"))
    assert len(pipe.written) == 1
    pipe.waiting = 0
    pipe.taken.set()
    await outgoing.stopped()
    assert outgoing.stuck_since is None
    assert b'"delta":"bc"' in pipe.written[1]


async def test_one_client_has_its_turn_and_then_the_others(made: Made) -> None:
    _, channel, pipe, _ = made
    for _ in range(3):
        await channel.put(sql("x" * TURN_BYTES))
    sizes = []
    while len(pipe.written) < 3:
        await asyncio.sleep(0)
        sizes.append(len(pipe.written))
    assert sizes == [1, 2, 3]


async def test_after_its_stop_nothing_is_written(made: Made) -> None:
    outgoing, channel, pipe, _ = made
    await channel.put(sql("1"))
    outgoing.stop()
    await channel.put(token("2"))
    await asyncio.sleep(0)
    assert pipe.written == []
    assert channel.take_now() is not None


async def test_a_connection_that_breaks_while_it_is_waited_for_is_told_of(made: Made) -> None:
    outgoing, channel, pipe, lost = made
    pipe.waiting = WRITE_BUFFER_BYTES + 1
    await channel.put(token("a"))
    pipe.gone = True
    pipe.taken.set()
    await outgoing.stopped()
    assert lost == ["lost"]


async def test_what_is_brought_to_a_socket_that_is_gone_is_kept_for_who_comes_back(made: Made) -> None:
    _, channel, pipe, _ = made
    pipe.gone = True
    await channel.put(token("a"))
    await channel.put(sql("1"))
    await asyncio.sleep(0)
    assert pipe.written == []
    await channel.put(token("b"))
    channel.attach(0)
    kept = iter(channel.take_now, None)
    assert [orjson.loads(frame)["type"] for frame in kept] == ["query_token", "query_sql", "query_token"]
