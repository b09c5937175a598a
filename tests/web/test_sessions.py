"""Sessions over real connections: the ack, resuming, takeover, heartbeats, what is too large, the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.support.model_server import ModelServer
from tests.support.serving import Served, make_shop, served


@asynccontextmanager
async def server_with(folder: Path, model: ModelServer, **settings: Any) -> AsyncIterator[Served]:
    given = {
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
    }
    async with served(folder, given | settings) as server:
        yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with ModelServer(lambda body: "It is so.") as model, server_with(tmp_path, model) as running:
        yield running


async def test_the_ack_comes_first_and_says_all(server: Served) -> None:
    async with server.client(session_id="s1", locale="en") as client:
        ack = client.seen[0]
    assert ack["type"] == "connection_ack"
    assert ack["user_id"] == 1
    data = ack["data"]
    assert (data["status"], data["session_id"], data["heartbeat_interval"]) == ("connected", "s1", 30)
    assert (data["resumed"], data["replayed"], data["last_sequence"], data["queries"]) == (False, 0, 0, [])
    assert data["server_time"].endswith("Z")
    assert data["epoch"]


async def test_without_a_name_the_server_makes_one(server: Served) -> None:
    async with server.client() as one, server.client() as other:
        assert one.seen[0]["session_id"] != other.seen[0]["session_id"]


async def test_who_comes_back_misses_nothing_wherever_they_were_cut_off(server: Served) -> None:
    async with server.client(session_id="s1") as client:
        whole = await client.answer("SELECT id FROM orders", chunk_rows=50)
    for seen in range(len(whole) + 1):
        async with server.client(session_id="s1", last_sequence=str(seen)) as client:
            ack = client.seen[0]["data"]
            assert (ack["resumed"], ack["replayed"]) == (True, len(whole) - seen)
            assert [await client.next() for _ in range(len(whole) - seen)] == whole[seen:]


async def test_a_query_goes_on_while_nobody_is_connected(server: Served) -> None:
    async with server.client(session_id="s1") as client:
        query_id = await client.ask("SELECT id FROM orders", chunk_rows=10)
        last = client.seen[-1]["sequence"]
    async with server.client(session_id="s1", last_sequence=str(last)) as client:
        ending = await client.until("query_complete")
    assert ending["data"]["query_id"] == query_id
    sequences = [m["sequence"] for m in client.seen[1:]]
    assert sequences == list(range(last + 1, last + 1 + len(sequences)))


async def test_a_reloaded_page_learns_what_there_is(server: Served) -> None:
    async with server.client(session_id="s1") as client:
        query_id = (await client.answer("SELECT id FROM orders"))[0]["data"]["query_id"]
        epoch = client.seen[0]["data"]["epoch"]
    async with server.client(session_id="s1") as client:
        ack = client.seen[0]["data"]
    assert (ack["resumed"], ack["replayed"], ack["epoch"]) == (True, 0, epoch)
    (known,) = ack["queries"]
    assert known == {
        "query_id": query_id, "query": "SELECT id FROM orders", "status": "completed", "stage": "completed",
        "sql": "SELECT id FROM orders",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "reason"),
    [({"last_sequence": "999"}, "unknown"), ({"last_sequence": "0", "epoch": "other"}, "epoch")],
)
async def test_what_cannot_be_resumed_says_why(server: Served, claim: dict[str, str], reason: str) -> None:
    async with server.client(session_id="s1") as client:
        await client.answer("SELECT 1 AS one FROM cities")
    async with server.client(session_id="s1", **claim) as client:
        ack = client.seen[0]["data"]
        assert (ack["resumed"], ack["reason"], ack["replayed"]) == (False, reason, 0)
        await client.answer("SELECT 2 AS two FROM cities")


async def test_a_session_that_was_never_there_is_unknown(server: Served) -> None:
    async with server.client(session_id="s9", last_sequence="3") as client:
        assert client.seen[0]["data"]["reason"] == "unknown"


async def test_a_session_expires_and_its_queries_with_it(tmp_path: Path) -> None:
    forever = asyncio.Event()
    async with ModelServer(lambda body: ["SELECT", forever]) as model:
        async with server_with(tmp_path, model, limits={"resume_seconds": 0.1}) as server:
            async with server.client(session_id="s1") as client:
                await client.ask("q")
                await client.until("query_token")
                epoch = client.seen[0]["data"]["epoch"]
            await model.streams_closed(2.0)
            async with server.client(session_id="s1", last_sequence="1") as client:
                ack = client.seen[0]["data"]
                assert (ack["resumed"], ack["reason"], ack["last_sequence"]) == (False, "expired", 0)
                assert ack["epoch"] != epoch


async def test_the_same_session_again_replaces_the_older_connection(server: Served) -> None:
    async with server.client(session_id="s1") as older:
        await older.answer("SELECT 1 AS one FROM cities")
        async with server.client(session_id="s1") as newer:
            assert await older.closed() == 4509
            goodbye = older.seen[-1]
            assert (goodbye["type"], goodbye["reason"]) == ("connection_close", "New connection established")
            await newer.answer("SELECT 2 AS two FROM cities")


async def test_a_heartbeat_comes_and_silence_is_closed_with_4012(tmp_path: Path) -> None:
    async with ModelServer() as model:
        beats = {"interval": 0.5, "timeout": 1.5}
        async with server_with(tmp_path, model, heartbeat=beats) as server, server.client() as client:
            beat = await client.until("heartbeat")
            assert set(beat["data"]) == {"server_time"}
            assert await client.closed() == 4012
            assert client.seen[-1]["type"] == "connection_close"


async def test_who_speaks_stays(tmp_path: Path) -> None:
    async with ModelServer() as model:
        beats = {"interval": 0.4, "timeout": 2}
        async with server_with(tmp_path, model, heartbeat=beats) as server, server.client() as client:
            for _ in range(4):
                await client.until("heartbeat")
                await client.send("heartbeat")
            assert not client.ws.closed


async def test_a_message_may_be_so_large_and_no_larger(server: Served) -> None:
    padded = orjson.dumps({"type": "heartbeat", "data": {"pad": ""}}).decode()
    exact = padded.replace('""', '"' + "x" * ((1 << 20) - len(padded)) + '"')
    async with server.client() as client:
        await client.ws.send_str(exact)
        assert (await client.next())["data"]["status"] == "alive"
        await client.ws.send_str(exact + " ")
        assert await client.closed() == 1009
        assert client.seen[-1]["type"] == "connection_close"


async def test_protocol_pings_are_answered(server: Served) -> None:
    async with server.http.ws_connect(f"{server.address}/text2sql/websocket", autoping=False) as ws:
        await ws.receive()
        await ws.ping(b"hello")
        message = await ws.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"hello")


async def test_at_shutdown_every_client_is_told(tmp_path: Path) -> None:
    forever = asyncio.Event()
    async with ModelServer(lambda body: ["SELECT", forever]) as model:
        stack = server_with(tmp_path, model)
        server = await stack.__aenter__()
        async with aiohttp.ClientSession() as http:
            client_of = Served(server.address, http)
            async with client_of.client() as client:
                await client.ask("q")
                await client.until("query_token")
                leaving = asyncio.create_task(stack.__aexit__(None, None, None))
                assert await client.closed() == 1001
                assert [m["type"] for m in client.seen[-2:]] == ["query_cancel", "connection_close"]
                await leaving
        assert model.open_streams == 0
