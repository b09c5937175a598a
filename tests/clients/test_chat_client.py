"""A front end as the third document lists what it hears and may call: `chat` and its administrators' HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.browser.lab import shop_server
from tests.support.serving import Served
from tests.support.tokens import SECRET, token

API = "/api/v1/websocket"


class Front:
    """One person's front end: it answers pings, and keeps what it hears until somebody asks for it."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws
        self.heard: list[dict[str, Any]] = []

    async def say(self, kind: str, **body: Any) -> None:
        await self._ws.send_json({"type": kind, **body})

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message of this type that says this."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = await self._ws.receive_json()
                self.heard.append(message)
                if message["type"] == "ping":
                    await self.say("pong")
                if message["type"] == kind and fields.items() <= message.items():
                    return message


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with shop_server(tmp_path, auth={"mode": "jwt", "secret": SECRET}) as running:
        yield running


@asynccontextmanager
async def front(server: Served, user: str, path: str = "/ws/chat") -> AsyncIterator[Front]:
    """The document logs in with a JWT."""
    async with server.http.ws_connect(f"{server.address}{path}?token={token(user)}") as ws:
        person = Front(ws)
        assert (await person.until("connection_established"))["user_id"] == user
        yield person


async def admin(server: Served, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {token('root', role='admin')}"}
    async with server.http.request(method, server.address + API + path, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_two_people_in_a_session_see_each_other_and_the_answer(server: Served) -> None:
    async with front(server, "alice", "/ws/chat/session/s1") as alice:
        await alice.say("share_session", session_id="s1", user_id="bob")
        await alice.until("session_shared")
        async with front(server, "bob") as bob:
            await bob.say("join_session", session_id="s1")
            assert set((await alice.until("session_joined", user_id="bob"))["members"]) == {"alice", "bob"}
            await bob.say("typing", session_id="s1", is_typing=True)
            assert (await alice.until("typing"))["user_id"] == "bob"
            await bob.say(
                "send_message", session_id="s1", content="How many orders are there?", client_id="c1"
            )
            sent = await bob.until("message_status_update", client_id="c1")
            assert sent["status"] == "sent"
            shown = (await alice.until("new_message"))["message"]
            assert (shown["id"], shown["role"], shown["user_id"]) == (sent["message_id"], "user", "bob")
            await alice.say("message_read", message_id=sent["message_id"])
            read = await bob.until("message_status_update", status="read")
            assert (read["message_id"], read["user_id"]) == (sent["message_id"], "alice")
            for person in (alice, bob):
                await answered(person)
            await bob.say("leave_session", session_id="s1")
            assert (await alice.until("session_left"))["user_id"] == "bob"


async def answered(person: Front) -> None:
    """Whether this person was told of the answer from its beginning to its end."""
    if not any(message.get("status") == "completed" for message in person.heard):
        await person.until("ai_processing_status", status="completed")
    statuses = [one["status"] for one in person.heard if one["type"] == "ai_processing_status"]
    assert statuses[0] == "started"
    assert statuses[-1] == "completed"
    assert any(one["type"] == "message_delta" for one in person.heard)
    answers = [one["message"] for one in person.heard if one["type"] == "new_message"]
    answer = next(message for message in answers if message["role"] == "assistant")
    assert "1000" in answer["content"].replace(",", "") or "1000" in str(answer["results"])


async def test_a_ping_is_answered_with_a_pong(server: Served) -> None:
    async with front(server, "alice") as alice:
        await alice.say("ping")
        assert (await alice.until("pong"))["type"] == "pong"


async def test_a_stranger_may_not_come_into_a_session(server: Served) -> None:
    async with front(server, "alice", "/ws/chat/session/mine"):
        async with front(server, "mallory") as mallory:
            await mallory.say("join_session", session_id="mine")
            assert (await mallory.until("error"))["code"] == "SESSION_NOT_FOUND"


async def test_a_broadcast_reaches_everyone_as_a_notification(server: Served) -> None:
    async with front(server, "alice") as alice, front(server, "bob") as bob:
        await admin(server, "POST", "/broadcast", {"message": "今晚维护", "target_type": "broadcast"})
        for person in (alice, bob):
            told = (await person.until("notification"))["notification"]
            assert "今晚维护" in (told["title"] + told["message"])
            assert {"id", "title", "message", "type", "action_url", "auto_close", "timestamp"} <= set(told)


async def test_administrators_see_what_the_document_shows_them(server: Served) -> None:
    async with front(server, "alice", "/ws/chat/session/s1"):
        stats = await admin(server, "GET", "/stats")
        assert {
            "total_connections",
            "active_connections",
            "messages_sent",
            "messages_received",
            "disconnections",
            "errors",
            "active_users",
            "active_sessions",
            "total_user_connections",
            "total_session_connections",
        } <= set(stats)
        assert stats["active_users"] == 1
        listed = await admin(server, "GET", "/users/alice/connections")
        (connection,) = listed["connections"] if isinstance(listed, dict) else listed
        assert {
            "connection_id",
            "user_id",
            "session_id",
            "connected_at",
            "last_ping",
            "last_pong",
            "is_alive",
            "metadata",
        } <= set(connection)
        assert (connection["user_id"], connection["session_id"]) == ("alice", "s1")
        assert "alice" in str(await admin(server, "GET", "/online-users"))
        assert await admin(server, "GET", "/health")


async def test_a_user_is_pinged_and_disconnected_for_good(server: Served) -> None:
    async with server.http.ws_connect(f"{server.address}/ws/chat?token={token('alice')}") as ws:
        await ws.receive_json()
        listening = asyncio.ensure_future(ws.receive())  # or nobody would answer the ping
        pinged = await admin(server, "POST", "/ping/alice")
        assert [one["alive"] for one in pinged["connections"]] == [True]
        await admin(server, "POST", "/users/disconnect", {"user_id": "alice"})
        async with asyncio.timeout(20):
            message = await listening
            while message.type is aiohttp.WSMsgType.TEXT:
                message = await ws.receive()
        assert ws.close_code == 4510
