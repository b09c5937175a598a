"""What bounds a stream from outside: its token's time, its user's rate, a client that is no longer there."""

import asyncio
import ctypes
import itertools
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.fakes import ManualClock
from tests.support.model_server import ModelServer
from tests.support.proxy import Proxy
from tests.support.serving import Served, make_shop, served
from tests.support.stream_client import ADDRESS, stream, whole
from tests.support.tokens import SECRET, token
from tests.web.test_streams import SAID, SQL, no_query_runs, server_with
from text2sql_ws.web import socket as our_socket

SO_ATTACH_FILTER, BPF_RETURN = 26, 6
"""Linux's, which `socket` has no names for."""

JWT = {"mode": "jwt", "secret": SECRET}


class Watch(ManualClock):
    """Its users' tokens expire by it."""

    def login(self, seconds: float, sub: str = "alice") -> str:
        return f"token={token(sub, now=self.now().timestamp(), seconds=seconds)}"


@pytest.fixture
async def endless() -> AsyncIterator[ModelServer]:
    async with ModelServer(lambda body: itertools.repeat("SELECT ")) as model:
        yield model


@asynccontextmanager
async def timed(folder: Path, model: ModelServer, clock: Watch) -> AsyncIterator[Served]:
    provider = {"base_url": model.base_url, "model": "m"}
    given = {
        "llm": {"providers": {"main": provider}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
        "auth": JWT,
    }
    async with served(folder, given, clock) as server:
        yield server


# --- the token --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        ({"enhanced_streaming": True}, ["stream_error"]),
        ({"enhanced_streaming": True, "event_format": "progress"}, ["error"]),
        ({}, ["error", "finish"]),
    ],
)
async def test_a_stream_ends_with_its_token_and_says_so(
    tmp_path: Path, endless: ModelServer, form: dict[str, Any], kinds: list[str]
) -> None:
    clock = Watch()
    async with timed(tmp_path, endless, clock) as server:
        async with stream(server, path=f"?{clock.login(60)}", question="永远", locale="en", **form) as client:
            while len(client.told) < 12:
                assert await client.next() is not None
            clock.advance(60)
            told = await client.rest()
            assert [event["type"] for event in told[-len(kinds) :]] == kinds
            error = told[-len(kinds)].get("error", told[-len(kinds)])
            assert (error["code"], error["message"]) == ("AUTHENTICATION_FAILED", "The token has expired")
            assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
            assert client.response.content.at_eof()
        await endless.streams_closed(5)


async def test_what_can_be_resumed_goes_on_with_a_new_token(tmp_path: Path) -> None:
    clock, go = Watch(), asyncio.Event()
    async with ModelServer([["```sql\nSELECT", go, " name FROM cities\n```"]]) as model:
        async with timed(tmp_path, model, clock) as server:
            asked = {"question": "城市", "enhanced_streaming": True, "resumable": True}
            async with stream(server, path=f"?{clock.login(1)}", **asked) as client:
                await client.until("step_content")
                clock.advance(1)
                *told, farewell = await client.rest()
                assert farewell["type"] == "stream_error"
                assert farewell["sequence"] == told[-1]["sequence"] == len(told)
            expired = f"/{client.id}?after={len(told)}&{clock.login(-1)}"
            async with stream(server, "GET", expired, status=401):
                pass
            go.set()
            back = await whole(server, "GET", f"/{client.id}?after={len(told)}&{clock.login(60)}")
            told += back.told
            assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
            assert told[-1]["summary"]["output"]["sql"].startswith("SELECT")


async def test_a_silent_stream_notices_it_in_time(tmp_path: Path) -> None:
    """The wait for the next event ends with the token, long before a comment is due."""
    async with ModelServer([[asyncio.Event()]]) as model:
        async with server_with(tmp_path, model, auth=JWT, heartbeat={"stream_interval": 50}) as server:
            login = token(seconds=4)
            async with stream(server, path=f"?token={login}", question="永远") as client:
                assert [event["type"] for event in await client.rest()] == ["error", "finish"]


# --- the rate ---------------------------------------------------------------------------------------


async def test_a_user_asks_so_many_questions_a_minute_and_hears_when_to_come_back(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model:
        limits = {"messages_per_minute": 3}
        async with server_with(tmp_path, model, limits=limits, auth=JWT) as server:
            alice, bob = ({"Authorization": f"Bearer {token(name)}"} for name in ("alice", "bob"))

            async def ask(headers: dict[str, str], path: str = "", **body: Any) -> tuple[int, str, str]:
                url = server.address + ADDRESS + path
                async with server.http.post(url, headers=headers, json=body) as response:
                    text = await response.text()
                    found = response.headers.get("X-Stream-Id", text)
                    return response.status, response.headers.get("Retry-After", ""), found

            asked = [await ask(alice, question=SQL) for _ in range(2)]
            asked.append(await ask(alice, question=SQL, enhanced_streaming=True))
            assert [status for status, _, _ in asked] == [200, 200, 200]
            status, seconds, said = await ask(alice, question=SQL)
            assert (status, "RATE_LIMITED" in said) == (429, True)
            assert 1 <= int(seconds) <= 20
            stream_id = asked[0][2]
            status, _, said = await ask(alice, f"/{stream_id}/retry", stepId="step_004")
            assert (status, "RATE_LIMITED" in said) == (429, True)
            assert (await ask(bob, question=SQL))[0] == 200
            # What carries out nothing is not counted.
            async with server.http.delete(f"{server.address}{ADDRESS}/{stream_id}", headers=alice) as gone:
                assert gone.status == 404


# --- who is there -----------------------------------------------------------------------------------


async def test_administrators_and_metrics_see_who_reads_a_stream(
    tmp_path: Path, endless: ModelServer
) -> None:
    async def open_streams(server: Served) -> str:
        async with server.http.get(server.address + "/metrics") as response:
            lines = (await response.text()).splitlines()
        return next(line for line in lines if line.startswith('text2sql_connections{dialect="steps"}'))

    async with server_with(tmp_path, endless) as server:
        async with stream(server, question="永远") as client:
            await client.until("sql_delta")
            assert (await open_streams(server)).endswith(" 1.0")
            assert (await noted(server))[0] == ("connected", client.id)
        async with asyncio.timeout(10):
            while ("disconnected", client.id) not in await noted(server):
                await asyncio.sleep(0.02)
        assert (await open_streams(server)).endswith(" 0.0")


async def noted(server: Served) -> list[tuple[str, str]]:
    """What administrators read of connections to streams, the latest first."""
    events = (await server.get("/api/v1/websocket/events"))["events"]
    return [(one["event"], one["session_id"]) for one in events if one.get("dialect") == "steps"]


async def test_a_client_that_vanishes_without_a_word_is_noticed(tmp_path: Path) -> None:
    limits = {"slow_client_timeout": 0.5, "connections_per_user": 1}
    async with ModelServer(lambda body: itertools.repeat("SELECT " * 1000)) as model:
        async with server_with(tmp_path, model, limits=limits) as server:
            async with Proxy(int(server.address.rsplit(":", 1)[1])) as proxy:
                far = Served(f"http://127.0.0.1:{proxy.port}", server.http)
                async with stream(far, question="永远") as client:
                    await client.until("sql_delta")
                    proxy.stall("both")  # the cable is pulled: no FIN, no RST, nothing is taken
                    await model.streams_closed(20)
                    await no_query_runs(server)
                    assert (await noted(server))[0] == ("disconnected", client.id)
                    assert (await whole(server, question=SQL)).told[-1]["type"] == "finish", "a free place"


async def test_a_dead_network_is_noticed_by_the_comments_that_nobody_acknowledges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(our_socket, "USER_TIMEOUT_MS", 1000)
    async with ModelServer([[asyncio.Event()]]) as model:
        async with server_with(tmp_path, model, heartbeat={"stream_interval": 0.1}) as server:
            async with stream(server, question="永远") as client:
                await client.block()
                assert client.response.connection is not None
                assert client.response.connection.transport is not None
                deafen(client.response.connection.transport.get_extra_info("socket"))
                await model.streams_closed(20)
                await no_query_runs(server)


def deafen(raw: socket.socket) -> None:
    """From now on the kernel drops every packet for this socket, as a pulled cable does: not even an ACK."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RETURN, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(drop_all))
    raw.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
