"""A client that speaks `scm` to a running server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.support.serving import PATIENCE_SECONDS, Message, Served

ADDRESS = "/scm/websocket/ai/chat"


class ScmClient:
    """One WebSocket connection. `seen` keeps every message in order."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.seen: list[Message] = []

    async def send(self, kind: str, **data: Any) -> None:
        await self.ws.send_str(orjson.dumps({"type": kind, "data": data}).decode())

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message: Message = orjson.loads(await self.ws.receive_str())
        self.seen.append(message)
        return message

    async def until(self, *kinds: str) -> Message:
        """The next message of one of these kinds."""
        while (message := await self.next())["type"] not in kinds:
            pass
        return message

    async def call(self, kind: str, **data: Any) -> Any:
        """Ask something about conversations; its answer's data."""
        await self.send(kind, **data)
        return (await self.until(kind))["data"]

    async def refused(self, kind: str, **data: Any) -> Message:
        """Ask for something that is refused; the ERROR."""
        await self.send(kind, **data)
        return await self.until("ERROR")

    async def say(self, message: str, **data: Any) -> list[Message]:
        """Talk, and return every message up to the end of the answer."""
        before = len(self.seen)
        await self.send("CHAT_REQUEST", message=message, **data)
        await self.until("CHAT_STREAM_END", "CHAT_RESPONSE")
        return self.seen[before:]

    async def closed(self) -> int:
        """Read on until the server closes; returns the close code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                self.seen.append(orjson.loads(message.data))
        assert self.ws.close_code is not None
        return self.ws.close_code


@asynccontextmanager
async def scm_client(
    server: Served,
    user_id: str | None = "user001",
    session_id: str = "session001",
    headers: Mapping[str, str] | None = None,
    protocols: tuple[str, ...] = (),
) -> AsyncIterator[ScmClient]:
    """A connected client, its greetings read."""
    address = {"sessionId": session_id} | ({"userId": user_id} if user_id is not None else {})
    async with server.http.ws_connect(
        server.address + ADDRESS, params=address, headers=headers, protocols=protocols, max_msg_size=0
    ) as ws:
        client = ScmClient(ws)
        assert (await client.next())["type"] == "CONNECT"
        assert (await client.next())["type"] == "SYSTEM_MESSAGE"
        yield client


def words(messages: list[Message]) -> str:
    """What an answer said, from its fragments."""
    return "".join(one["data"]["content"] for one in messages if one["type"] == "CHAT_STREAM_DATA")


def kinds(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages]
