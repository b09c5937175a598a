"""A client of `plain`: frames of text, in the order in which they come."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.support.serving import PATIENCE_SECONDS, Served


class PlainClient:
    """`heard` keeps every frame."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.heard: list[str] = []

    async def ask(self, query: str, **fields: Any) -> None:
        await self.send({"type": "query", "query": query} | fields)

    async def cancel(self) -> None:
        await self.send({"type": "cancel"})

    async def send(self, message: Any) -> None:
        await self.ws.send_str(message if isinstance(message, str) else orjson.dumps(message).decode())

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            frame = await self.ws.receive_str()
        self.heard.append(frame)
        return frame

    async def until(self, *beginnings: str) -> list[str]:
        """Every frame up to the first that begins so."""
        before = len(self.heard)
        while not (await self.next()).startswith(beginnings):
            pass
        return self.heard[before:]

    async def closed(self) -> int:
        """Read on until the server closes; returns the close code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (message := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                self.heard.append(message.data)
        assert self.ws.close_code is not None
        return self.ws.close_code


@asynccontextmanager
async def plain_client(
    server: Served, headers: Mapping[str, str] | None = None, *, autoping: bool = True, **query: str
) -> AsyncIterator[PlainClient]:
    async with server.http.ws_connect(
        f"{server.address}/ws", params=query, headers=headers, autoping=autoping, max_msg_size=0
    ) as ws:
        yield PlainClient(ws)
