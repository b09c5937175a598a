"""Whatever text a client sends, it gets an answer: no traceback, no 1011, and the connection stays.

So many messages as `MESSAGES` in the environment says, half of them made of the words that the dialect knows.
"""

import json
import os
import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.faults.bench import Bench, bench
from tests.support.serving import Client

MESSAGES = int(os.environ.get("MESSAGES", "3000"))
BATCH = 100

KINDS = (
    "query_request",
    "query_cancel",
    "heartbeat",
    "user_feedback",
    "query_retry",
    "refresh_token",
    "nope",
)
FIELDS = (
    "query", "query_id", "database_config", "options", "feedback", "token", "type", "data", "datasource",
    "provider", "model", "locale", "max_rows", "chunk_rows", "timeout", "explain", "visualize",
    "conversation_id", "rating", "sql", "host", "password",
)  # fmt: skip
TEXTS = (
    "", " ", "SELECT 1", "SELECT name FROM cities", "DROP TABLE cities", "每个城市的订单", "\u2028\x85\x00",
    "🏙" * 50, "'; --", "shop", "m", "a" * 5000, "\ud7ff\ue000", "/*! x */", "query_request", "zh",
    "../../etc", "SELECT " * 100, "(" * 500, "1e999", "%s%n", "{}", "</script>",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, -(2**64), 0.5, 1e308, -0.0, 10**400)
RAW = (
    "", "{", "[", "null", "true", "NaN", "Infinity", "-", "1" * 5000, "[" * 100_000, '{"a":' * 5000,
    '{"type": "heartbeat"}', '{"type": "heartbeat", "data": NaN}', '{"type": "\\ud800", "data": {}}',
    '{"type": "heartbeat", "type": "nope", "data": {}}', '\ufeff{"type": "heartbeat", "data": {}}',
    '{"type": "heartbeat", "data": {}} x', "\x00", "\u2028", '"' + "\\u0000" * 1000 + '"',
)  # fmt: skip


class Writer:
    """Makes messages up of a dialect's words; the same seed makes the same."""

    def __init__(self, seed: int, kinds: Sequence[str] = KINDS, fields: Sequence[str] = FIELDS) -> None:
        self._random = random.Random(seed)
        self._kinds = kinds
        self._fields = fields

    def message(self) -> str:
        make: tuple[Callable[[], str], ...] = (self._envelope, self._envelope, self._raw, self._broken)
        return self._random.choice(make)()

    def _envelope(self) -> str:
        kind = self._random.choice(self._kinds) if self._random.random() < 0.9 else self._value(2)
        data = self._object(3) if self._random.random() < 0.9 else self._value(2)
        return _dumped({"type": kind, "data": data})

    def _raw(self) -> str:
        return self._random.choice(RAW) if self._random.random() < 0.5 else _dumped(self._value(3))

    def _broken(self) -> str:
        """An envelope with a piece cut out, doubled or put elsewhere."""
        text = self._envelope()
        first, second = sorted(self._random.randrange(len(text) + 1) for _ in range(2))
        return text[:first] + text[second:] + self._random.choice(("", text[first:second], "}", '"'))

    def _object(self, depth: int) -> dict[str, Any]:
        names = self._random.sample(self._fields, self._random.randrange(6))
        return {name: self._value(depth - 1) for name in names}

    def _value(self, depth: int) -> Any:
        match self._random.randrange(8 if depth > 0 else 6):
            case 0:
                return self._random.choice(NUMBERS)
            case 1:
                return self._random.choice((None, True, False))
            case 6:
                return [self._value(depth - 1) for _ in range(self._random.randrange(4))]
            case 7:
                return self._object(depth)
            case _:
                return self._random.choice(TEXTS)


def _dumped(value: object) -> str:
    """As JSON, integers of any size included."""
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(
        tmp_path, limits={"rate_strikes": 1_000_000, "messages_per_minute": 10_000_000}
    ) as standing:
        yield standing


async def test_any_message_is_answered_and_nobody_falls(standing: Bench) -> None:
    writer, answers = Writer(seed=2026), 0
    with capture_logs() as logged:
        async with standing.server.client(session_id="s1", locale="en") as client:
            for _ in range(MESSAGES // BATCH):
                for _ in range(BATCH):
                    await client.ws.send_str(writer.message())
                await answered(client)
                answers += len(client.seen)
                client.seen.clear()
            messages = await client.answer("SELECT name FROM cities", visualize=False)
            assert answers + len(client.seen) >= MESSAGES
            assert messages[-1]["type"] == "query_complete"
        await standing.is_free(10)
    assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def answered(client: Client) -> None:
    """A heartbeat that is told apart comes back, and meanwhile no message tells of what nobody foresaw."""
    await client.send("query_cancel", query_id="the end of the batch")
    while True:
        message = await client.next()
        data = message["data"]
        assert data.get("code") != "UNKNOWN_ERROR", message
        if data.get("query_id") == "the end of the batch":
            return
