"""One connection's insides, where it matters that nothing of it hangs or runs on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.support.model_server import ModelServer
from tests.support.raw_client import PING, PONG, TEXT, RawClient
from tests.support.serving import Served, make_shop, served
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.events import QueryStarted, Stamped


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    settings = {
        "llm": {"providers": {"main": {"base_url": "http://127.0.0.1:9/v1", "model": "m"}}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "heartbeat": {"interval": 0.2, "timeout": 0.6},
        "limits": {"connections_per_user": 1000},
    }
    async with served(tmp_path, settings) as running:
        yield running


def port(server: Served) -> int:
    return int(server.address.rsplit(":", 1)[1])


async def test_a_writer_that_dies_is_told_of_and_its_client_does_not_wait(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when the client comes back it has all but what could not be written."""
    render = Text2Sql.render

    def failing(self: Text2Sql, stamped: Stamped, sequence: int) -> bytes | None:
        if isinstance(stamped.event, QueryStarted):
            raise ZeroDivisionError
        return render(self, stamped, sequence)

    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(Text2Sql, "render", failing)
        async with server.client(session_id="s1") as client:
            await client.send("query_request", query="SELECT name FROM cities")
            async with asyncio.timeout(10):
                assert (await client.ws.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    (told,) = [line for line in logs if line["event"] == "writer_failed"]
    assert isinstance(told["exc_info"], ZeroDivisionError)
    async with server.client(session_id="s1", last_sequence="0") as client:
        assert client.seen[0]["data"]["resumed"] is True
        await client.until("query_complete")


async def test_who_breaks_off_in_the_middle_of_the_farewell_leaves_nothing(server: Served) -> None:
    client = await RawClient.connect(port(server))
    while (await client.message())["type"] != "connection_close":
        pass
    client.kill()
    while (await server.get("/text2sql/connections"))["total_connections"]:
        await asyncio.sleep(0)
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    assert [name for name in names if name.startswith("Connection.")] == []


async def test_pongs_that_wait_at_shutdown_go_out_as_pongs(tmp_path: Path) -> None:
    async with ModelServer() as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        }
        running = served(tmp_path, settings)
        server = await running.__aenter__()
        client = await RawClient.connect(port(server))
        assert (await client.message())["type"] == "connection_ack"
        client.send(PING, b"once more")
        leaving = asyncio.create_task(running.__aexit__(None, None, None))
        frames = []
        while not frames or frames[-1][0] in (TEXT, PONG):
            frames.append(await client.frame())
        client.kill()
        await leaving
        assert all(payload.startswith(b"{") for opcode, payload in frames if opcode == TEXT)
