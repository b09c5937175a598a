"""A model's client pointed at a scripted server, closed at the end of the test."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.support.model_server import ModelServer
from text2sql_ws.llm.client import ModelClient
from text2sql_ws.settings import Provider

Connect = Callable[..., ModelClient]


class Naps:
    """Stands in for `asyncio.sleep` between attempts: remembers how long, and doesn't wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def connect(naps: Naps) -> AsyncIterator[Connect]:
    """Makes a client of a server (or of a base URL); settings of the provider as keywords."""
    clients: list[ModelClient] = []

    def make(server: ModelServer | str, **settings: Any) -> ModelClient:
        base_url = server if isinstance(server, str) else server.base_url
        provider = Provider(**{"base_url": base_url, "model": "m", **settings})
        client = ModelClient("main", provider, random=lambda: 0.5, sleep=naps, now=lambda: 1_700_000_000)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
