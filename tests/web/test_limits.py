"""How much one may ask: messages of a connection, connections of a user and of all. No place is ever lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.support.fakes import ManualClock
from tests.support.serving import Client, Served, make_shop
from tests.support.tokens import SECRET, token
from text2sql_ws.app import serving
from text2sql_ws.settings import load

SOCKET = "/text2sql/websocket"
QUESTION = "SELECT 1 AS one FROM cities"


@asynccontextmanager
async def server_with(
    folder: Path, clock: ManualClock | None = None, **settings: Any
) -> AsyncIterator[Served]:
    shop = folder / "shop.db"
    given = {
        "server": {"port": 0, "drain_seconds": 0},
        "storage": {"url": f"sqlite:///{folder}/own.db"},
        "datasources": {"shop": {"type": "sqlite", "path": str(shop if shop.exists() else make_shop(shop))}},
    }
    async with serving(load(None, given | settings), folder / "var", clock) as address:
        async with aiohttp.ClientSession() as http:
            yield Served(address, http)


# --- messages ---------------------------------------------------------------------------------------


async def limited(client: Client) -> dict[str, Any]:
    """The data of the next `query_error`, which must be RATE_LIMITED."""
    data: dict[str, Any] = (await client.until("query_error"))["data"]
    assert data["code"] == "RATE_LIMITED"
    return data


async def test_past_the_limit_messages_are_refused_until_it_is_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with server_with(tmp_path, clock, limits={"messages_per_minute": 4}) as server:
        async with server.client() as client:
            for _ in range(4):
                await client.answer(QUESTION)
            await client.send("query_request", query=QUESTION)
            error = await limited(client)
            assert error["retry_after"] == 15
            assert "15" in error["error"]
            assert error["can_retry"] is True
            clock.advance(14.9)
            await client.send("query_request", query=QUESTION)
            assert (await limited(client))["retry_after"] == 1
            clock.advance(0.1)
            await client.answer(QUESTION)
            started = [message for message in client.seen if message["type"] == "query_start"]
            assert len(started) == 5, "what was refused was not carried out"
        async with server.client() as client:
            await client.answer(QUESTION)


async def test_whatever_else_is_sent_counts_too(tmp_path: Path) -> None:
    async with server_with(tmp_path, limits={"messages_per_minute": 5}) as server, server.client() as client:
        await client.ws.send_str("not JSON")
        await client.ws.send_bytes(b"\x00")
        await client.send("nonsense")
        await client.send("refresh_token", token="x")
        await client.send("user_feedback", query_id="q", feedback="good")
        refused = [(await client.until("query_error"))["data"]["code"] for _ in range(4)]
        assert "RATE_LIMITED" not in refused
        await client.ws.send_str("not JSON")
        await limited(client)
        await client.ws.send_bytes(b"\x00")
        await limited(client)


async def test_heartbeats_and_cancels_are_never_limited(tmp_path: Path) -> None:
    endless = "SELECT MAX(a.id + b.id + c.id + d.id) AS most FROM orders a, orders b, orders c, orders d"
    async with server_with(tmp_path, limits={"messages_per_minute": 1}) as server, server.client() as client:
        query_id = await client.ask(endless)
        await client.send("query_request", query=QUESTION)
        await limited(client)
        for _ in range(200):
            await client.send("heartbeat")
        for _ in range(200):
            await client.until("heartbeat")
        await client.ws.ping()
        for _ in range(50):
            await client.send("query_cancel", query_id="nope")
            assert (await client.until("query_error"))["data"]["code"] == "QUERY_NOT_FOUND"
        await client.send("query_cancel", query_id=query_id)
        assert (await client.until("query_cancel"))["data"]["query_id"] == query_id


async def test_a_burst_of_heartbeats_is_answered_and_overwhelms_nobody(tmp_path: Path) -> None:
    """More than may wait for a client, in one packet: what counts is whether the client reads."""
    async with server_with(tmp_path) as server, server.client() as client:
        beats = 2000
        frame = orjson.dumps({"type": "heartbeat", "data": {}}).decode()
        sending = asyncio.gather(*(client.ws.send_str(frame) for _ in range(beats)))
        for _ in range(beats):
            assert (await client.next())["type"] == "heartbeat"
        await sending


async def test_who_does_not_mind_the_limit_is_put_out(tmp_path: Path) -> None:
    limits = {"messages_per_minute": 1, "rate_strikes": 20}
    async with server_with(tmp_path, limits=limits) as server, server.client(session_id="s1") as client:
        for _ in range(1 + 20):
            await client.ws.send_str("x")
        assert await client.closed() == 4029
        codes = [message["data"]["code"] for message in client.seen[1:-1]]
        assert codes[0] == "INVALID_MESSAGE"
        assert set(codes[1:]) == {"RATE_LIMITED"}
        assert (client.seen[-1]["type"], client.seen[-1]["reason"]) == (
            "connection_close",
            "Rate limit exceeded",
        )


async def test_strikes_of_long_ago_do_not_count(tmp_path: Path) -> None:
    clock = ManualClock()
    limits = {"messages_per_minute": 1, "rate_strikes": 3}
    async with server_with(tmp_path, clock, limits=limits) as server, server.client() as client:
        for _ in range(5):
            await client.ws.send_str("x")
            await client.ws.send_str("x")
            assert (await client.until("query_error"))["data"]["code"] == "INVALID_MESSAGE"
            await limited(client)
            clock.advance(60)
            await client.send("heartbeat")
            await client.until("heartbeat")
        assert not client.ws.closed


# --- connections ------------------------------------------------------------------------------------


async def arrive(server: Served, held: AsyncExitStack, **query: str) -> Client | int:
    """Connect and stay: the client, or the code that it was closed with."""
    ws = await held.enter_async_context(server.http.ws_connect(server.address + SOCKET, params=query))
    client = Client(server, ws)
    message = await ws.receive()
    assert message.type is aiohttp.WSMsgType.TEXT
    client.seen.append(orjson.loads(message.data))
    if client.seen[0]["type"] == "connection_ack":
        return client
    assert client.seen[0]["type"] == "connection_close"
    return await client.closed()


async def taken(server: Served) -> int:
    total: int = (await server.get("/text2sql/connections"))["total_connections"]
    return total


async def test_six_at_once_of_a_user_with_five_places(tmp_path: Path) -> None:
    async with server_with(tmp_path) as server:
        for _ in range(20):
            async with AsyncExitStack() as held:
                arrived = await asyncio.gather(*(arrive(server, held) for _ in range(6)))
                assert sorted(isinstance(one, Client) for one in arrived) == [False] + [True] * 5
                assert [one for one in arrived if isinstance(one, int)] == [4504]
                for client in arrived:
                    if isinstance(client, Client):
                        await client.send("heartbeat")
                        await client.until("heartbeat")


async def test_all_users_together_have_so_many(tmp_path: Path) -> None:
    limits = {"connections": 3, "connections_per_user": 2}
    auth = {"mode": "jwt", "secret": SECRET}
    async with server_with(tmp_path, limits=limits, auth=auth) as server, AsyncExitStack() as held:
        alice, bob = token("alice"), token("bob")
        assert isinstance(await arrive(server, held, token=alice), Client)
        assert isinstance(await arrive(server, held, token=alice), Client)
        async with server.http.ws_connect(server.address + SOCKET, params={"token": alice}) as ws:
            refused = Client(server, ws)
            assert await refused.closed() == 4504
            assert [message["reason"] for message in refused.seen] == ["Too many connections"]
        client = await arrive(server, held, token=bob)
        assert isinstance(client, Client)
        assert await arrive(server, held, token=bob) == 4504
        assert await arrive(server, held, token=token("carol")) == 4504
        await client.ws.close()
        assert isinstance(await arrive(server, held, token=token("carol")), Client)


async def test_coming_back_to_a_session_needs_no_further_place(tmp_path: Path) -> None:
    async with server_with(tmp_path, limits={"connections": 1}) as server, AsyncExitStack() as held:
        older = await arrive(server, held, session_id="s1")
        assert isinstance(older, Client)
        for _ in range(5):
            newer = await arrive(server, held, session_id="s1")
            assert isinstance(newer, Client)
            assert await older.closed() == 4509
            older = newer
        assert await arrive(server, held, session_id="s2") == 4504
        together = await asyncio.gather(*(arrive(server, held, session_id="s1") for _ in range(4)))
        assert all(isinstance(one, Client) or one == 4509 for one in together)
        assert await taken(server) == 1


async def test_who_no_longer_answers_loses_its_place_first(tmp_path: Path) -> None:
    clock = ManualClock()
    beats = {"interval": 30, "timeout": 60}
    async with server_with(tmp_path, clock, limits={"connections_per_user": 2}, heartbeat=beats) as server:
        async with AsyncExitStack() as held:
            silent, lively = await arrive(server, held), await arrive(server, held)
            assert isinstance(silent, Client)
            assert isinstance(lively, Client)
            clock.advance(44)
            await lively.send("heartbeat")
            await lively.until("heartbeat")
            assert await arrive(server, held) == 4504, "it may still answer"
            clock.advance(2)
            assert isinstance(await arrive(server, held), Client)
            assert await silent.closed() == 4012
            assert await arrive(server, held) == 4504
            await lively.send("heartbeat")
            await lively.until("heartbeat")


async def test_nobody_loses_a_place_to_another_user_who_has_too_many(tmp_path: Path) -> None:
    clock = ManualClock()
    auth = {"mode": "jwt", "secret": SECRET}
    async with server_with(tmp_path, clock, limits={"connections_per_user": 1}, auth=auth) as server:
        now = clock.now().timestamp()
        async with AsyncExitStack() as held:
            silent = await arrive(server, held, token=token("alice", now=now))
            assert isinstance(silent, Client)
            clock.advance(46)
            greedy = await arrive(server, held, token=token("bob", now=now))
            assert isinstance(greedy, Client)
            assert await arrive(server, held, token=token("bob", now=now)) == 4504
            await silent.send("heartbeat")
            assert (await silent.until("heartbeat"))["data"].get("status") in (None, "alive")


# --- a place comes back -----------------------------------------------------------------------------


async def by_closing(server: Served) -> None:
    async with server.client():
        pass


async def by_vanishing(server: Served) -> None:
    async with server.client() as client:
        transport = client.ws._response.connection.transport  # type: ignore[union-attr]
        transport.abort()  # type: ignore[union-attr]


async def by_asking_and_vanishing(server: Served) -> None:
    async with server.client() as client:
        await client.ask("SELECT a.id FROM orders a, orders b")
        client.ws._response.connection.transport.abort()  # type: ignore[union-attr]


async def by_a_message_too_large(server: Served) -> None:
    async with server.client() as client:
        await client.ws.send_str("x" * 3000)
        assert await client.closed() == 1009


async def by_breaking_the_rate(server: Served) -> None:
    async with server.client() as client:
        for _ in range(23):
            await client.ws.send_str("x")
        assert await client.closed() == 4029


async def by_another_users_session(server: Served) -> None:
    """Refused after the handshake, when the place was taken already."""
    async with AsyncExitStack() as held:
        assert isinstance(await arrive(server, held, session_id="s", token=token("owner")), Client)
    async with server.http.ws_connect(
        server.address + SOCKET, params={"session_id": "s", "token": token()}
    ) as ws:
        assert await Client(server, ws).closed() == 4503


async def by_expiry(server: Served) -> None:
    async with AsyncExitStack() as held:
        client = await arrive(server, held, token=token(seconds=0.2))
        assert isinstance(client, Client)
        assert await client.closed() == 4401


async def by_garbage_for_frames(server: Served) -> None:
    reader, writer = await upgraded(server)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\xff" * 100)
    await reader.read()
    writer.close()
    await writer.wait_closed()


async def by_never_finishing_the_handshake(server: Served) -> None:
    _, writer = await upgraded(server)
    writer.transport.abort()


async def by_no_handshake_at_all(server: Served) -> None:
    async with server.http.get(server.address + SOCKET, params={"token": token()}) as response:
        assert response.status == 400


async def upgraded(server: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.address.rsplit(":", 1)[1]))
    writer.write(
        f"GET {SOCKET}?token={token()} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    return reader, writer


WAYS = [
    by_closing, by_vanishing, by_asking_and_vanishing, by_a_message_too_large, by_breaking_the_rate,
    by_another_users_session, by_expiry, by_garbage_for_frames, by_never_finishing_the_handshake,
    by_no_handshake_at_all,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_a_place_comes_back_however_a_connection_ends(
    tmp_path: Path, way: Callable[[Served], Awaitable[None]]
) -> None:
    settings = {
        "limits": {"connections": 2, "connections_per_user": 1, "max_message_bytes": 2048,
                   "messages_per_minute": 3, "rate_strikes": 20, "resume_seconds": 5},
        "auth": {"mode": "jwt", "secret": SECRET},
        "heartbeat": {"interval": 0.4, "timeout": 60},
    }  # fmt: skip
    async with server_with(tmp_path, **settings) as server:
        for _ in range(3):
            await way(WithToken(server.address, server.http))
            await place_is_free(server)


async def test_no_place_is_lost_in_a_crowd_that_comes_and_goes(tmp_path: Path) -> None:
    auth = {"mode": "jwt", "secret": SECRET}
    limits = {"connections": 3, "connections_per_user": 3, "resume_seconds": 0}
    async with server_with(tmp_path, limits=limits, auth=auth) as server:
        for _ in range(40):
            crowd = (
                by_vanishing,
                by_never_finishing_the_handshake,
                by_garbage_for_frames,
                by_no_handshake_at_all,
            )
            await asyncio.gather(
                *(way(WithToken(server.address, server.http)) for way in crowd), return_exceptions=True
            )
        await place_is_free(server, 3)


class WithToken(Served):
    """A server whose client shows a token of its own accord."""

    @asynccontextmanager
    async def client(self, headers: Any = None, **query: str) -> AsyncIterator[Client]:
        async with super().client(headers, **{"token": token(), **query}) as client:
            yield client


async def place_is_free(server: Served, places: int = 1) -> None:
    """So many may connect at once, soon: the server learns of what its clients did a moment later."""
    async with asyncio.timeout(5):
        while True:
            async with AsyncExitStack() as held:
                arrived = [await arrive(server, held, token=token()) for _ in range(places)]
                if all(isinstance(one, Client) for one in arrived):
                    assert await arrive(server, held, token=token()) == 4504
                    return
