"""Whatever text a client of `scm` sends, it gets an answer: no traceback, no 1011, and the connection stays.

As `test_messages.py` for `text2sql`; so many messages as `MESSAGES` in the environment says.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.faults.bench import Bench, bench
from tests.faults.test_messages import BATCH, MESSAGES, Writer
from tests.support.free import Holdings
from tests.support.scm_client import ScmClient, scm_client

KINDS = (
    "CHAT_REQUEST", "CHAT_REQUEST", "CHAT_CANCEL", "SESSION_CREATE", "SESSION_UPDATE", "SESSION_DELETE",
    "SESSION_LIST", "SESSION_MESSAGES", "TYPING_START", "TYPING_STOP", "ONLINE_STATUS", "HEARTBEAT",
    "REFRESH_TOKEN", "CONNECT", "nope",
)  # fmt: skip
FIELDS = (
    "message", "streaming", "model", "provider", "conversationId", "parentMessageId", "datasource", "mode",
    "requestId", "messageId", "title", "page", "pageSize", "before", "limit", "token", "online",
)  # fmt: skip


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Bench]:
    limits = {"rate_strikes": 1_000_000, "messages_per_minute": 10_000_000, "resume_seconds": 0.3}
    async with bench(tmp_path, limits=limits) as standing:
        # The storage's own pool is filled, so that what is in it later is no more than before.
        await asyncio.gather(*(standing.server.get("/api/conversations") for _ in range(20)))
        standing.before = Holdings.now()
        yield standing


async def test_any_message_is_answered_and_nobody_falls(standing: Bench) -> None:
    writer = Writer(2026, KINDS, FIELDS)
    with capture_logs() as logged:
        async with scm_client(standing.server) as client:
            for batch in range(MESSAGES // BATCH):
                for _ in range(BATCH):
                    await client.ws.send_str(writer.message())
                await answered(client, f"the end of batch {batch}")
                client.seen.clear()
            answer = await client.say("SELECT name FROM cities", datasource="shop", streaming=False)
            assert answer[-1]["data"]["finishReason"] == "completed"
        await standing.is_free(10)
    assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def answered(client: ScmClient, request_id: str) -> None:
    """What was sent after all else is answered, and meanwhile nobody met what nobody foresaw."""
    await client.send("SESSION_LIST", pageSize=0, requestId=request_id)
    while True:
        message = await client.next()
        assert message.get("code") != "UNKNOWN_ERROR", message
        if message.get("requestId") == request_id:
            return
