"""Whatever text a client of `chat` sends, it gets an answer: no traceback, no 1011, and the connection stays.

As `test_messages.py` for `text2sql`; so many messages as `MESSAGES` in the environment says.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.faults.bench import Bench, bench
from tests.faults.test_messages import BATCH, MESSAGES, Writer, _dumped
from tests.support.chatting import FINAL, Chatter, chatting
from tests.support.free import Holdings

KINDS = (
    "join_session", "share_session", "leave_session", "typing", "send_message", "send_message",
    "message_read", "cancel", "ping", "pong", "refresh_token", "nope",
)  # fmt: skip
FIELDS = (
    "session_id", "content", "client_id", "datasource", "user_id", "is_typing", "message_id", "data",
    "token", "type", "timestamp",
)  # fmt: skip


class FlatWriter(Writer):
    """The same words in flat messages; sessions and contents that can be right, often enough."""

    def _envelope(self) -> str:
        body: dict[str, Any] = self._object(3)
        if self._random.random() < 0.5:
            body["session_id"] = self._random.choice(("s1", "s2", "s3"))
        if self._random.random() < 0.5:
            body["content"] = self._random.choice(("SELECT name FROM cities", "SELECT nope", "城市"))
        kind = self._random.choice(KINDS) if self._random.random() < 0.9 else self._value(2)
        return _dumped(body | {"type": kind})


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Bench]:
    # As many queries as the bench's pools hold: what they keep for later is then no more than before.
    limits = {
        "rate_strikes": 1_000_000, "messages_per_minute": 10_000_000, "resume_seconds": 0.3, "queries": 2,
    }  # fmt: skip
    async with bench(tmp_path, limits=limits) as standing:
        # The storage's own pool is filled, so that what is in it later is no more than before.
        await asyncio.gather(*(standing.server.get("/api/conversations") for _ in range(20)))
        standing.before = Holdings.now()
        yield standing


async def test_any_message_is_answered_and_nobody_falls(standing: Bench) -> None:
    writer = FlatWriter(2026, KINDS, FIELDS)
    with capture_logs() as logged:
        async with chatting(standing.server, locale="en") as client, chatting(standing.server, "s1") as other:
            listening = asyncio.create_task(hear(other))
            for batch in range(MESSAGES // BATCH):
                for _ in range(BATCH):
                    await client.ws.send_str(writer.message())
                await answered(client, f"the-end-of-batch-{batch}")
                client.seen.clear()
            await client.send("join_session", session_id="s9")
            await client.until("session_joined", lambda message: message["session_id"] == "s9")
            while not await well_answered(client):
                client.seen.clear()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        await standing.is_free(10)
    assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def hear(client: Chatter) -> None:
    """What another member does: read, and keep nothing."""
    while True:
        await client.next()
        client.seen.clear()


async def well_answered(client: Chatter) -> bool:
    """Whether a question is answered; others may still keep the server busy, and then it says so."""
    question = await client.say("SELECT name FROM cities", session_id="s9")
    while True:
        message = await client.next()
        if message.get("message_id") == question and message["type"] == "error":
            assert message["code"] == "RESOURCE_LIMIT_EXCEEDED"
            return False
        if message.get("question_id") == question and message.get("status") in FINAL:
            assert message["status"] == "completed"
            return True


async def answered(client: Chatter, name: str) -> None:
    """What was sent after all else is answered, and meanwhile nobody met what nobody foresaw."""
    await client.send("typing", session_id=name, is_typing=True)
    while True:
        message = await client.next()
        assert message.get("code") != "UNKNOWN_ERROR", message
        if message["type"] == "error" and name in message["message"]:
            return
