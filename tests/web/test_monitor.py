"""`/ws/admin/monitor`: what administrators are told unasked, and what they command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.support.chatting import chatting
from tests.support.fakes import ManualClock
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from tests.web.test_admin_api import ALICE, BOB, ROOT, audited
from text2sql_ws.app import serving
from text2sql_ws.settings import load

MONITOR = "/ws/admin/monitor"


@asynccontextmanager
async def monitored(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    shop = {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}}
    given = {"datasources": shop, "auth": {"mode": "jwt", "secret": SECRET}}
    async with served(folder, given | settings) as server:
        yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with monitored(tmp_path) as running:
        yield running


def watching(server: Served, **query: str) -> Any:
    """A connected watcher, its first figures read."""
    return chatting(server, path=MONITOR, **(query or ROOT))


async def test_the_monitor_is_for_administrators(server: Served) -> None:
    for query, status in (({}, 401), (ALICE, 403)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with server.http.ws_connect(server.address + MONITOR, params=query):
                pass
        assert refused.value.status == status


async def test_figures_come_on_connecting_and_when_asked(server: Served) -> None:
    async with watching(server) as watcher:
        first = watcher.seen[0]
        assert first["type"] == "stats_update"
        assert first["stats"]["total_connections"] == 1
        async with chatting(server, **ALICE):
            await watcher.until("user_status_update")
            await watcher.send("get_stats")
            assert (await watcher.until("stats_update"))["stats"]["active_users"] == 2


async def test_figures_come_by_themselves(tmp_path: Path) -> None:
    async with monitored(tmp_path, monitor={"interval": 0.05}) as server, watching(server) as watcher:
        for _ in range(3):
            assert (await watcher.next())["type"] == "stats_update"


async def test_users_are_online_from_their_first_connection_to_their_last(server: Served) -> None:
    async with watching(server) as watcher:
        async with chatting(server, **ALICE):
            async with server.client(token=ALICE["token"]):
                pass
            async with chatting(server, **BOB):
                pass
        told = [await watcher.next() for _ in range(4)]
        assert [(m["type"], m["user_id"], m["status"]) for m in told] == [
            ("user_status_update", "alice", "online"),
            ("user_status_update", "bob", "online"),
            ("user_status_update", "bob", "offline"),
            ("user_status_update", "alice", "offline"),
        ]


async def test_a_user_is_disconnected_by_command(server: Served, tmp_path: Path) -> None:
    async with watching(server) as watcher, chatting(server, **ALICE) as alice:
        await watcher.until("user_status_update")
        await watcher.send("disconnect_user", user_id="alice")
        assert await alice.closed() == 4510
        result = await watcher.until("command_result")
        assert (result["command"], result["ok"]) == ("disconnect_user", True)
        assert result["detail"] == {"user_id": "alice", "disconnected": 1}
        assert (await watcher.until("user_status_update"))["status"] == "offline"
        await watcher.send("disconnect_user", user_id="alice")
        result = await watcher.until("command_result")
        assert (result["ok"], "alice" in result["detail"]) == (False, True)
    assert audited(tmp_path) == [("root", "user_disconnected", "alice")]


async def test_a_broadcast_by_command_reaches_everybody(server: Served, tmp_path: Path) -> None:
    async with watching(server) as watcher, chatting(server, **ALICE) as alice:
        await watcher.until("user_status_update")
        await watcher.send("broadcast", message="午休")
        assert (await alice.next())["notification"]["message"] == "午休"
        assert (await watcher.until("notification"))["notification"]["message"] == "午休"
        result = await watcher.until("command_result")
        assert (result["command"], result["ok"], result["detail"]) == ("broadcast", True, {"sent_to": 2})
    assert audited(tmp_path) == [("root", "broadcast", "*")]


async def test_what_is_no_command_is_refused(server: Served) -> None:
    async with watching(server) as watcher:
        for message, code, request in (
            ({"type": "nope"}, "UNKNOWN_MESSAGE_TYPE", "nope"),
            ({"type": "disconnect_user"}, "INVALID_MESSAGE", "disconnect_user"),
            ({"type": "broadcast", "message": 1}, "INVALID_MESSAGE", "broadcast"),
            ({"type": "refresh_token", "data": {"token": "x"}}, "AUTHENTICATION_FAILED", "refresh_token"),
            ({}, "INVALID_MESSAGE", None),
        ):
            await watcher.ws.send_str(orjson.dumps(message).decode())
            error = await watcher.next()
            assert (error["type"], error["code"], error.get("request")) == ("error", code, request)
        await watcher.ws.send_bytes(b"x")
        assert (await watcher.next())["code"] == "INVALID_MESSAGE"
        await watcher.silent()


async def test_a_renewed_token_is_acknowledged(server: Served) -> None:
    async with watching(server) as watcher:
        await watcher.send("refresh_token", data={"token": token("root", role="admin", seconds=900)})
        assert (await watcher.next())["expires_at"].endswith("Z")


async def test_pongs_to_protocol_pings_keep_a_watcher(tmp_path: Path) -> None:
    """It sends nothing by itself; who doesn't even answer pings is closed with 4012."""
    clock = ManualClock()
    given = {
        "server": {"port": 0, "drain_seconds": 0},
        "storage": {"url": f"sqlite:///{tmp_path}/own.db"},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "heartbeat": {"interval": 0.2, "timeout": 1000},
        "monitor": {"interval": 0.05},
    }
    async with (
        serving(load(None, given), tmp_path / "var", clock) as address,
        aiohttp.ClientSession() as http,
    ):
        url = address + MONITOR
        async with http.ws_connect(url) as lively, http.ws_connect(url, autoping=False) as silent:
            # A tick has passed for sure when a ping came that was due after the clock went on.
            clock.advance(900)
            async with asyncio.timeout(10):
                while (await silent.receive()).type is not aiohttp.WSMsgType.PING:
                    pass
                heard = 0
                while heard < 20:
                    heard += (await lively.receive()).type is aiohttp.WSMsgType.TEXT
            clock.advance(900)
            async with asyncio.timeout(10):
                while (await silent.receive()).type is not aiohttp.WSMsgType.CLOSE:
                    pass
            assert silent.close_code == 4012
            assert (await lively.receive()).type is aiohttp.WSMsgType.TEXT


async def test_an_alert_comes_once_when_too_many_queries_fail(server: Served) -> None:
    async with watching(server) as watcher, server.client(token=ALICE["token"]) as client:
        await watcher.until("user_status_update")
        for _ in range(9):
            await client.answer("SELECT name FROM cities", explain=False, visualize=False)
        await client.answer("SELECT nope FROM cities")
        alert = await watcher.next()
        assert (alert["type"], alert["errors"], alert["total"]) == ("alert", 1, 10)
        assert (alert["error_rate"], alert["threshold"]) == (0.1, 0.05)
        assert "10.0%" in alert["message"]
        await client.answer("SELECT nope FROM cities")
        await watcher.silent()
        for _ in range(29):
            await client.answer("SELECT name FROM cities", explain=False, visualize=False)
        await watcher.silent()
        await client.answer("SELECT nope FROM cities")
        assert (await watcher.next())["type"] == "alert", "it was better in between"
