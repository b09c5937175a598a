"""A client that speaks `chat`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.support.serving import PATIENCE_SECONDS, Message, Served

FINAL = ("completed", "failed", "cancelled")


class Chatter:
    """One WebSocket connection. `seen` keeps every message in order; pings are answered and not kept."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.seen: list[Message] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.ws.send_str(orjson.dumps({"type": kind, **fields}).decode())

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := orjson.loads(await self.ws.receive_str()))["type"] == "ping":
                await self.send("pong")
        self.seen.append(message)
        return dict(message)

    async def until(self, kind: str, fits: Callable[[Message], bool] = lambda message: True) -> Message:
        """The next message of this kind that fits."""
        while (message := await self.next())["type"] != kind or not fits(message):
            pass
        return message

    async def say(self, content: str, **fields: Any) -> str:
        """Send a message and wait until it is acknowledged; returns its id."""
        await self.send("send_message", content=content, **fields)
        sent = await self.until("message_status_update", lambda message: message["status"] == "sent")
        return str(sent["message_id"])

    async def answered(self, question_id: str | None = None) -> list[Message]:
        """Read on to the end of an answer; returns what was heard since."""
        before = len(self.seen)
        await self.until(
            "ai_processing_status",
            lambda message: message["status"] in FINAL and question_id in (None, message["question_id"]),
        )
        return self.seen[before:]

    async def silent(self) -> None:
        """Check that nothing comes but the answer to a ping."""
        await self.send("ping")
        message = await self.next()
        assert message["type"] == "pong", message

    async def closed(self) -> int:
        """Read on until the server closes; returns the close code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                self.seen.append(orjson.loads(message.data))
        assert self.ws.close_code is not None
        return self.ws.close_code


@asynccontextmanager
async def chatting(
    server: Served, session_id: str | None = None, path: str | None = None, **query: str
) -> AsyncIterator[Chatter]:
    """A connected client, its first message read."""
    path = path or ("/ws/chat" if session_id is None else f"/ws/chat/session/{session_id}")
    async with server.http.ws_connect(server.address + path, params=query, max_msg_size=0) as ws:
        client = Chatter(ws)
        await client.next()
        yield client
