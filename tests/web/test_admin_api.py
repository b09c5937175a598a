"""`/api/v1/websocket`: what administrators see of connections, and do to them; each deed is recorded."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from tests.support.chatting import Chatter, chatting
from tests.support.serving import Client, Served, make_shop, served
from tests.support.tokens import SECRET, token
from text2sql_ws.web import admin, admin_deeds

API = "/api/v1/websocket"
ADMIN = {"Authorization": f"Bearer {token('root', role='admin')}"}
ENDLESS = "SELECT MAX(a.id + b.id + c.id + d.id) AS most FROM orders a, orders b, orders c, orders d"
ALICE, BOB = {"token": token("alice")}, {"token": token("bob")}
ROOT = {"token": token("root", role="admin")}


@asynccontextmanager
async def admin_server(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    shop = {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}}
    given = {"datasources": shop, "auth": {"mode": "jwt", "secret": SECRET}}
    async with served(folder, given | settings) as server:
        yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with admin_server(tmp_path) as running:
        yield running


async def call(server: Served, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    async with server.http.request(method, server.address + path, json=body, headers=ADMIN) as response:
        assert response.status == status, await response.text()
        return await response.json()


async def ask(server: Served, path: str, status: int = 200) -> Any:
    return await call(server, "GET", f"{API}/{path}", status=status)


async def tell(server: Served, path: str, status: int = 200, **body: Any) -> Any:
    return await call(server, "POST", f"{API}/{path}", body, status)


def audited(folder: Path) -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(folder / "own.db")
    rows = connection.execute(
        "SELECT user_id, action, subject FROM audit WHERE user_id = 'root' ORDER BY id"
    ).fetchall()
    connection.close()
    return rows


# --- what is there ----------------------------------------------------------------------------------


async def test_the_figures_are_those_of_the_connections(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice, chatting(server, **BOB) as bob:
        async with server.client(token=token("bob"), session_id="t1"):
            await alice.silent()
            figures = await ask(server, "stats")
            assert {name: figures[name] for name in (
                "total_connections", "active_connections", "active_users", "active_sessions",
                "total_user_connections", "total_session_connections", "disconnections", "errors",
            )} == {
                "total_connections": 3, "active_connections": 3, "active_users": 2, "active_sessions": 2,
                "total_user_connections": 3, "total_session_connections": 2, "disconnections": 0, "errors": 0,
            }  # fmt: skip
            assert figures["messages_received"] == 1
            assert figures["messages_sent"] >= 4
            assert figures["uptime_seconds"] > 0
        await bob.silent()
        async with asyncio.timeout(5):
            while (figures := await ask(server, "stats"))["disconnections"] != 1:
                await asyncio.sleep(0.01)
        assert figures["total_connections"] == 2
        assert figures["messages_received"] == 2, "what a connection heard is not forgotten when it goes"


async def test_a_connection_is_described_as_002_describes_it(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice:
        await alice.silent()
        its_id = alice.seen[0]["connection_id"]
        body = await ask(server, f"connections/{its_id}")
        assert (body["connection_id"], body["user_id"], body["session_id"]) == (its_id, "alice", "s1")
        assert body["is_alive"] is True
        assert body["connected_at"] <= body["last_pong"]
        assert {"last_ping", "last_pong"} <= set(body)
        about = body["metadata"]
        assert (about["username"], about["role"], about["dialect"]) == ("alice", "user", "chat")
        assert (about["messages_received"], about["organization_id"]) == (1, None)
        listed = await ask(server, "connections")
        assert [one["connection_id"] for one in listed["connections"]] == [its_id]
        of_user = await ask(server, "users/alice/connections")
        assert (of_user["user_id"], len(of_user["connections"])) == ("alice", 1)
        async with server.client(token=token("root", role="admin")):
            of_user = await ask(server, "users/root/connections")
            assert of_user["connections"][0]["metadata"]["role"] == "admin"


async def test_sessions_and_users_of_all_dialects(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice, server.client(token=token("bob"), session_id="t1"):
        await alice.send("share_session", user_id="bob")
        await alice.next()
        async with chatting(server, **BOB) as bob:
            await bob.send("join_session", session_id="s1")
            await bob.next()
            sessions = {one["session_id"]: one for one in (await ask(server, "sessions"))["sessions"]}
            assert set(sessions) == {"s1", "t1"}
            assert (sessions["s1"]["user_ids"], sessions["s1"]["connections"]) == (["alice", "bob"], 2)
            assert sessions["t1"]["dialects"] == ["text2sql"]
            there = await ask(server, "sessions/s1/connections")
            assert [one["user_id"] for one in there["connections"]] == ["alice", "bob"]
            users = await ask(server, "online-users")
            assert [(one["user_id"], one["connections"]) for one in users["users"]] == [
                ("alice", 1),
                ("bob", 2),
            ]


async def test_health_tells_of_the_storage_and_the_places(server: Served) -> None:
    health = await ask(server, "health")
    assert (health["status"], health["storage"], health["connections"]["open"]) == ("healthy", "up", 0)
    assert health["connections"]["limit"] == 1000


async def test_the_latest_events_are_kept(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice:
        await alice.say("SELECT nope FROM cities")
        await alice.answered()
    async with asyncio.timeout(5):
        while len(found := (await ask(server, "events"))["events"]) < 3:
            await asyncio.sleep(0.01)
    assert [event["event"] for event in found] == ["disconnected", "error", "connected"]
    assert (found[0]["user_id"], found[0]["dialect"], found[0]["code"]) == ("alice", "chat", 1000)
    assert (found[1]["error"], found[1]["code"]) == ("query_failed", "SQL_EXECUTION_FAILED")
    assert found[2]["address"] == "127.0.0.1"
    assert [event["event"] for event in (await ask(server, "events?limit=1"))["events"]] == ["disconnected"]


# --- what is done -----------------------------------------------------------------------------------


async def test_a_broadcast_reaches_every_dialect_in_its_own_form(server: Served, tmp_path: Path) -> None:
    async with chatting(server, "s1", **ALICE) as chat, server.client(token=token("bob")) as other:
        sent = await tell(server, "broadcast", message="维护", target_type="broadcast")
        assert (sent["message"], sent["sent_to"], sent["total_connections"]) == ("消息已广播", 2, 2)
        notification = (await chat.next())["notification"]
        assert (notification["message"], notification["type"]) == ("维护", "info")
        assert {"id", "title", "action_url", "auto_close", "timestamp"} <= set(notification)
        assert (await other.next())["data"] == {"message": "维护", "type": "system_status"}
        # The address of `text2sql` does the same.
        body = {"message": "x", "message_type": "warning"}
        assert (await call(server, "POST", "/text2sql/broadcast", body))["sent_to"] == 2
        assert (await chat.next())["notification"]["type"] == "warning"
        assert (await other.next())["data"]["type"] == "warning"
    assert audited(tmp_path) == [("root", "broadcast", "*")] * 2


async def test_a_broadcast_may_be_for_one_user_or_one_session(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice, chatting(server, **BOB) as bob:
        sent = await tell(server, "broadcast", message="1", target_type="user", target_id="bob")
        assert sent["sent_to"] == 1
        assert (await bob.next())["notification"]["message"] == "1"
        sent = await tell(server, "broadcast", message="2", target_type="session", target_id="s1")
        assert sent["sent_to"] == 1
        assert (await alice.next())["notification"]["message"] == "2"
        await alice.silent()
        await bob.silent()


async def test_a_user_is_disconnected_everywhere_and_told_not_to_come_back(
    server: Served, tmp_path: Path
) -> None:
    async with chatting(server, **ALICE) as one, server.client(token=token("alice")) as two:
        async with chatting(server, **BOB) as bob:
            done = await tell(server, "users/disconnect", user_id="alice", reason="下班了")
            assert done == {"user_id": "alice", "disconnected": 2}
            assert await one.closed() == 4510
            assert (one.seen[-1]["type"], one.seen[-1]["reason"]) == ("connection_close", "下班了")
            assert await two.closed() == 4510
            await bob.silent()
            its_id = bob.seen[0]["connection_id"]
            assert (await call(server, "DELETE", f"{API}/connections/{its_id}"))["disconnected"] is True
            assert await bob.closed() == 4510
    assert audited(tmp_path) == [
        ("root", "user_disconnected", "alice"),
        ("root", "connection_closed", its_id),
    ]


async def test_a_reason_too_long_for_a_close_frame_is_cut(server: Served) -> None:
    async with chatting(server, **ALICE) as client:
        await tell(server, "users/disconnect", user_id="alice", reason="长" * 300)
        assert await client.closed() == 4510


async def test_a_ping_measures_each_connection_of_a_user(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as one, server.client(token=token("alice")) as two:
        answering = [asyncio.create_task(_read(client)) for client in (one, two)]
        answered = await tell(server, "ping/alice")
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        assert answered["user_id"] == "alice"
        assert [ping["alive"] for ping in answered["connections"]] == [True, True]
        assert all(0 < ping["latency_ms"] < 5000 for ping in answered["connections"])
        assert {ping["connection_id"] for ping in answered["connections"]} >= {one.seen[0]["connection_id"]}


async def _read(client: Chatter | Client) -> None:
    """Read, which answers protocol pings on the way."""
    await client.ws.receive()


async def test_who_does_not_answer_a_ping_is_told_apart(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("text2sql_ws.web.admin_deeds.PING_SECONDS", 0.2)
    async with server.http.ws_connect(f"{server.address}/ws/chat", params=ALICE, autoping=False) as ws:
        await ws.receive()
        (pinged,) = (await tell(server, "ping/alice"))["connections"]
        assert (pinged["alive"], pinged["latency_ms"]) == (False, None)


async def test_an_administrator_stops_anybodys_query(server: Served, tmp_path: Path) -> None:
    async with server.client(token=token("bob")) as client:
        query_id = await client.ask(ENDLESS)
        path = f"{server.address}/text2sql/queries/{query_id}/cancel"
        async with server.http.post(path, params=ALICE) as response:
            assert response.status == 404, "another user may not, and doesn't learn that it is there"
        await call(server, "POST", f"/text2sql/queries/{query_id}/cancel")
        assert (await client.until("query_cancel"))["data"]["query_id"] == query_id
        await call(server, "POST", f"/text2sql/queries/{query_id}/cancel", status=404)
    assert audited(tmp_path) == [("root", "query_cancelled", query_id)]


async def test_a_notification_is_told_at_once_and_kept_for_who_is_away(
    server: Served, tmp_path: Path
) -> None:
    async with chatting(server, **ALICE) as alice:
        await alice.silent()
        sent = await tell(
            server, "notify", user_ids=["alice", "bob"], title="设备离线", message="shop", type="warning",
            action_url="/devices/1", auto_close=True,
        )  # fmt: skip
        assert (len(sent["notification_ids"]), sent["channels"]) == (2, ["websocket"])
        told = (await alice.until("notification"))["notification"]
        assert (told["title"], told["type"], told["action_url"]) == ("设备离线", "warning", "/devices/1")
        assert told["auto_close"] is True
    async with chatting(server, **BOB) as bob:
        assert (await bob.until("notification"))["notification"]["id"] in sent["notification_ids"]
        await tell(server, "notify", all=True, title="放假", message="明天")
        assert (await bob.until("notification"))["notification"]["title"] == "放假"
    listed = (await ask(server, "notifications"))["notifications"]
    assert [(one["title"], one["user_id"]) for one in listed] == [
        ("放假", "*"),
        ("设备离线", "bob"),
        ("设备离线", "alice"),
    ]
    assert len((await ask(server, "notifications?limit=1"))["notifications"]) == 1
    assert audited(tmp_path) == [("root", "notified", "alice,bob"), ("root", "notified", "*")]


# --- what is wrong ----------------------------------------------------------------------------------

UNKNOWN = (
    ("GET", "connections/nope", None),
    ("DELETE", "connections/nope", None),
    ("GET", "users/nope/connections", None),
    ("GET", "sessions/nope/connections", None),
    ("POST", "broadcast", {"message": "x", "target_type": "user", "target_id": "nope"}),
    ("POST", "broadcast", {"message": "x", "target_type": "session", "target_id": "nope"}),
    ("POST", "users/disconnect", {"user_id": "nope"}),
    ("POST", "ping/nope", None),
)
BAD = (
    ("broadcast", {}),
    ("broadcast", {"message": ""}),
    ("broadcast", {"message": 1}),
    ("broadcast", {"message": "x", "target_type": "planet"}),
    ("broadcast", {"message": "x", "target_type": "user"}),
    ("notify", {"title": "x", "message": "x"}),
    ("notify", {"title": "x", "message": "x", "all": True, "user_id": "bob"}),
    ("notify", {"title": "x", "message": "x", "user_ids": []}),
    ("notify", {"title": "x", "message": "x", "user_id": "bob", "type": "loud"}),
    ("notify", {"title": "x", "message": "x", "user_id": "bob", "channels": ["pigeon"]}),
    ("notify", {"title": "x", "user_id": "bob"}),
    ("users/disconnect", {}),
    ("users/disconnect", {"user_id": 7}),
    ("users/disconnect", []),
)


def check_error(body: Any, code: str) -> None:
    assert set(body) == {"error"}
    assert body["error"]["code"] == code
    assert {"level", "title", "message", "suggestion", "can_retry"} <= set(body["error"])


async def test_an_unknown_id_is_a_404_everywhere(server: Served, tmp_path: Path) -> None:
    for method, path, body in UNKNOWN:
        check_error(await call(server, method, f"{API}/{path}", body, status=404), "SESSION_NOT_FOUND")
    assert audited(tmp_path) == []


async def test_who_is_no_administrator_is_refused_in_the_same_shape_everywhere(server: Served) -> None:
    for route in (*admin.ROUTES, *admin_deeds.ROUTES):
        assert isinstance(route, web.RouteDef)
        url = server.address + re.sub(r"{\w+}", "nope", route.path)
        for query, status, code in (
            (ALICE, 403, "INSUFFICIENT_PERMISSIONS"),
            ({}, 401, "AUTHENTICATION_FAILED"),
        ):
            async with server.http.request(route.method, url, params=query) as response:
                assert response.status == status, (route.method, route.path)
                check_error(await response.json(), code)


async def test_what_cannot_be_recorded_is_not_done(server: Served, tmp_path: Path) -> None:
    async with chatting(server, "s1", **ALICE) as alice:
        connection = sqlite3.connect(tmp_path / "own.db")
        connection.execute("ALTER TABLE audit RENAME TO gone")
        connection.commit()
        connection.close()
        for path, body in (
            ("broadcast", {"message": "x"}),
            ("users/disconnect", {"user_id": "alice"}),
            ("notify", {"user_id": "alice", "title": "x", "message": "x"}),
        ):
            check_error(await tell(server, path, 500, **body), "UNKNOWN_ERROR")
        health = await ask(server, "health", status=503)
        assert (health["status"], health["storage"]) == ("unhealthy", "down")
        await alice.silent()


async def test_a_bad_body_is_a_422_everywhere(server: Served, tmp_path: Path) -> None:
    for path, body in BAD:
        check_error(await call(server, "POST", f"{API}/{path}", body, status=422), "INVALID_MESSAGE")
    for path in sorted({path for path, _ in BAD}):
        for raw in (b"", b"{", b"\xff", b'{"message": NaN}'):
            url = f"{server.address}{API}/{path}"
            async with server.http.post(url, data=raw, headers=ADMIN) as response:
                assert response.status == 422, (path, raw)
                check_error(orjson.loads(await response.read()), "INVALID_MESSAGE")
    for path in ("events?limit=many", "notifications?limit=0"):
        check_error(await ask(server, path, status=422), "INVALID_MESSAGE")
    assert audited(tmp_path) == []


async def test_what_is_no_address_is_a_404_and_a_wrong_method_a_405_in_the_same_shape(server: Served) -> None:
    check_error(await ask(server, "nope", status=404), "INVALID_MESSAGE")
    check_error(await call(server, "PUT", f"{API}/stats", status=405), "INVALID_MESSAGE")
