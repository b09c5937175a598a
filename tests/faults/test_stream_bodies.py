"""Whatever is posted to the streams' address is answered: with a stream that ends, or an error in its shape.

As `test_messages.py` for `text2sql`; a twentieth of so many as `MESSAGES` in the environment says, for each
is a request.
"""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from structlog.testing import capture_logs

from tests.faults.bench import Bench, bench
from tests.faults.test_messages import MESSAGES
from tests.faults.test_plain_messages import FlatWriter
from tests.support.stream_client import ADDRESS

FIELDS = (
    "question", "chat_id", "enhanced_streaming", "datasource", "event_format", "resumable", "locale", "cache",
    "provider", "model", "stepId",
)  # fmt: skip
QUESTIONS = ("SELECT name FROM cities", "城市", "你好", "DROP TABLE x")
REQUESTS = (
    *[("POST", "")] * 6,
    ("POST", "/nope/retry"),
    ("GET", "/nope?after=x"),
    ("GET", "/%00?after=1"),
    ("DELETE", "/nope"),
)
AT_ONCE = 4
LAST = ("final_complete", "stream_error", "final", "error", "finish")


class BodyWriter(FlatWriter):
    """Bodies with a question more often than not; and now and then one for another of the addresses."""

    def _envelope(self) -> str:
        body = self._object(2)
        if isinstance(body.get("chat_id"), str | int):  # a good one would open more of storage's connections
            body["chat_id"] = [body["chat_id"]]
        if self._random.random() < 0.7:
            body["question"] = self._random.choice(QUESTIONS)
        if self._random.random() < 0.5:
            body |= {"enhanced_streaming": True, "event_format": self._random.choice(("steps", "progress"))}
        return orjson.dumps(_fit(body)).decode()

    def request(self) -> tuple[str, str]:
        return self._random.choice(REQUESTS)


def _fit(value: Any) -> Any:
    """Without the numbers that no JSON library of ours would write."""
    match value:
        case dict():
            return {name: _fit(part) for name, part in value.items()}
        case list():
            return [_fit(part) for part in value]
        case int() if abs(value) >= 2**63:
            return 0
        case _:
            return value


async def test_any_body_is_answered_and_nobody_falls(tmp_path: Path) -> None:
    async with bench(tmp_path) as standing:
        writer = BodyWriter(2026, (), FIELDS)
        with capture_logs() as logged:
            statuses = set[int]()
            async with aiohttp.ClientSession() as http:
                for _ in range(MESSAGES // 20 // AT_ONCE):
                    requests = [(*writer.request(), writer.message()) for _ in range(AT_ONCE)]
                    statuses.update(await asyncio.gather(*(send(standing, http, *each) for each in requests)))
            assert statuses == {200, 404, 422}
            await standing.is_free(10)
        assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def send(standing: Bench, http: aiohttp.ClientSession, method: str, path: str, body: str) -> int:
    url, data = standing.server.address + ADDRESS + path, body.encode("utf-8", "replace")
    async with http.request(method, url, data=data) as response:
        text = await response.read()
        if response.status == 200:
            told = [orjson.loads(line[6:]) for line in text.split(b"\n\n") if line.startswith(b"data: ")]
            assert told[-1]["type"] in LAST, told[-1]
            assert b"UNKNOWN_ERROR" not in text
        else:
            assert set(orjson.loads(text)["error"]) >= {"code", "title", "message"}, text
        return response.status
