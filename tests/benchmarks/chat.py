"""A thousand messages a second that members of chats say to each other: all kept, all told, none lost.

Said at that rate for some seconds, and then as fast as it goes: every message must be acknowledged, heard by
every other member in the order in which it was said, and be in the storage. What an acknowledgement takes is
measured besides.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson

from tests.benchmarks.processes import Measured, service

SESSIONS = 50
MEMBERS = 4
TALKERS = SESSIONS * MEMBERS
RATE = 1000
SECONDS = 10
TURN_SECONDS = 0.02
EACH = 100
"""Messages that each says when it goes as fast as it can, `AHEAD` of what is acknowledged."""
AHEAD = 5
PATIENCE_SECONDS = 120

SETTINGS = """
[limits]
connections_per_user = 1000
messages_per_minute = 10000000
queries = 1
[storage]
url = "sqlite:///{storage}"
"""
"""One query at a time: it is the messages that are measured; who is refused an answer is told so, too."""


@dataclass
class Talker:
    """One member: what it said and when, how long it waited for the word that it is kept, what it heard."""

    ws: aiohttp.ClientWebSocketResponse
    number: int
    said: dict[str, float] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AHEAD))

    async def say(self) -> None:
        name = f"{self.number}/{len(self.said)}"
        self.said[name] = time.perf_counter()
        message = {"type": "send_message", "content": name, "client_id": name}
        await self.ws.send_str(orjson.dumps(message).decode())

    async def listen(self) -> None:
        async for message in self.ws:
            body = orjson.loads(message.data)
            if body["type"] == "message_status_update" and body["status"] == "sent":
                self.waited.append(time.perf_counter() - self.said[body["client_id"]])
                self.room.release()
            elif body["type"] == "new_message" and body["message"]["role"] == "user":
                self.heard.append(body["message"]["content"])

    async def say_as_fast_as_it_goes(self) -> None:
        for _ in range(EACH):
            await self.room.acquire()
            await self.say()


async def main() -> str:
    return "\n".join(
        [
            await _measured(f"{RATE} messages a second through chat", "none lost", _steadily),
            await _measured("as fast as it goes", f"{RATE} a second", _flat_out),
        ]
    )


async def _measured(what: str, held_to: str, talk: Callable[[Sequence[Talker]], Awaitable[None]]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        storage = Path(folder) / "own.db"
        async with service("http://127.0.0.1:1/v1", SETTINGS.format(storage=storage)) as product:
            async with AsyncExitStack() as stack:
                talkers = await _arrived(stack, product)
                listening = [asyncio.create_task(talker.listen()) for talker in talkers]
                spent, began = product.cpu_seconds(), time.perf_counter()
                await talk(talkers)
                said = sum(len(talker.said) for talker in talkers)
                await _heard(talkers, said)
                seconds, spent = time.perf_counter() - began, product.cpu_seconds() - spent
                for task in listening:
                    task.cancel()
                await asyncio.gather(*listening, return_exceptions=True)
        _check(talkers, storage)
    waited = sorted(wait for talker in talkers for wait in talker.waited)
    median, late = statistics.median(waited) * 1000, waited[int(len(waited) * 0.99)] * 1000
    told = said * (MEMBERS - 1)
    return (
        f"| {what} | {said / seconds:.0f} a second | {held_to} | {TALKERS} members in {SESSIONS} sessions "
        f"said {said} in {seconds:.1f} s ({told} told to others), {spent:.1f} s of CPU; "
        f"kept after {median:.0f} ms (p99 {late:.0f} ms) |"
    )


async def _steadily(talkers: Sequence[Talker]) -> None:
    """`RATE` a second by the clock, whatever comes back."""
    began, count = time.perf_counter(), 0
    while count < RATE * SECONDS:
        due = min(int((time.perf_counter() - began) * RATE), RATE * SECONDS)
        for number in range(count, due):
            await talkers[number % len(talkers)].say()
        count = max(count, due)
        await asyncio.sleep(TURN_SECONDS)


async def _flat_out(talkers: Sequence[Talker]) -> None:
    await asyncio.gather(*(talker.say_as_fast_as_it_goes() for talker in talkers))


async def _arrived(stack: AsyncExitStack, product: Measured) -> list[Talker]:
    """Everybody is there, and knows that the others of their session are."""
    http = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout())
    )
    talkers = []
    for number in range(TALKERS):
        url = f"{product.address}/ws/chat/session/s{number % SESSIONS}"
        ws = await stack.enter_async_context(http.ws_connect(url, max_msg_size=0))
        assert orjson.loads(await ws.receive_str())["type"] == "connection_established"
        talkers.append(Talker(ws, number))
    return talkers


async def _heard(talkers: Sequence[Talker], said: int) -> None:
    """Wait until everything is acknowledged and was heard by all others."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sum(len(talker.waited) for talker in talkers) < said or sum(
            len(talker.heard) for talker in talkers
        ) < said * (MEMBERS - 1):
            await asyncio.sleep(0.01)


def _check(talkers: Sequence[Talker], storage: Path) -> None:
    """Nothing is lost, doubled or out of its order: neither on the way nor in the storage."""
    connection = sqlite3.connect(storage)
    kept = connection.execute(
        "SELECT name, content FROM messages JOIN conversations ON conversations.id = conversation_id "
        "WHERE role = 'user' ORDER BY position"
    ).fetchall()
    connection.close()
    for talker in talkers:
        others = [one for one in talkers if one.number % SESSIONS == talker.number % SESSIONS]
        for other in others:
            if other is not talker:
                heard = [name for name in talker.heard if name.startswith(f"{other.number}/")]
                assert heard == list(other.said), "everything that another said, in the order it was said"
        mine = [name for session, name in kept if name.startswith(f"{talker.number}/")]
        assert mine == list(talker.said), "everything is in the storage, in the order it was said"
