"""A client of `steps`: it reads a stream of server-sent events, and can hang up in the middle of one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.support.serving import PATIENCE_SECONDS, Served

ADDRESS = "/api/chat/enhanced-question"

Event = dict[str, Any]


class StreamClient:
    """`told` keeps every event in order, `comments` how many comments came between them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.told: list[Event] = []
        self.comments = 0

    @property
    def id(self) -> str:
        return self.response.headers["X-Stream-Id"]

    async def block(self) -> bytes | None:
        """The next block as it came, its empty line included; `None` at the end of the stream."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self.response.content.readuntil(b"\n\n") or None
            except aiohttp.ClientPayloadError:
                return None  # cut off

    async def next(self) -> Event | None:
        """The next event; comments are counted and skipped."""
        while (block := await self.block()) is not None:
            if block.startswith(b":"):
                self.comments += 1
                continue
            assert block.startswith(b"data: {")
            assert block.endswith(b"}\n\n")
            event: Event = orjson.loads(block[len(b"data: ") :])
            self.told.append(event)
            return event
        return None

    async def until(self, *kinds: str) -> Event:
        """The next event of one of these types."""
        while (event := await self.next()) is not None:
            if event["type"] in kinds:
                return event
        raise AssertionError(f"the stream ended without {kinds}: {[e['type'] for e in self.told]}")

    async def rest(self) -> list[Event]:
        """Everything to the end."""
        while await self.next() is not None:
            pass
        return self.told


@asynccontextmanager
async def stream(
    server: Served, method: str = "POST", path: str = "", *, status: int = 200, **body: Any
) -> AsyncIterator[StreamClient]:
    """A stream whose head has come; leaving hangs up."""
    given = {"json": body} if method == "POST" else {}
    async with server.http.request(method, server.address + ADDRESS + path, **given) as response:
        assert response.status == status, await response.text()
        yield StreamClient(response)
        response.close()


async def whole(server: Served, method: str = "POST", path: str = "", **body: Any) -> StreamClient:
    """A stream to its end."""
    async with stream(server, method, path, **body) as client:
        await client.rest()
        return client
