"""`chat` over real sockets: sessions with members, what they say, and the answers that all of them hear."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.chatting import Chatter, chatting
from tests.support.model_server import Answer, ModelServer
from tests.support.serving import Message, Served, make_shop, served
from tests.support.tokens import SECRET, token

ENDLESS = "SELECT MAX(a.id + b.id + c.id + d.id) AS most FROM orders a, orders b, orders c, orders d"
SAID = "```sql\nSELECT name FROM cities\n```"
ALICE, BOB, CAROL = ({"token": token(name)} for name in ("alice", "bob", "carol"))


@asynccontextmanager
async def chat_server(folder: Path, *script: Answer, **settings: Any) -> AsyncIterator[Served]:
    """A server where three users may log in, over the little shop; the model says `script`, then `SAID`."""
    answers = list(script)
    async with ModelServer(lambda body: answers.pop(0) if answers else SAID) as model:
        shop = folder / "shop.db"
        given = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m", "max_retries": 0}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(shop))}},
            "auth": {"mode": "jwt", "secret": SECRET},
        }
        async with served(folder, given | settings) as server:
            yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with chat_server(tmp_path) as running:
        yield running


def kinds(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages]


# --- coming -----------------------------------------------------------------------------------------


async def test_the_first_thing_said_is_who_is_connected(server: Served) -> None:
    async with chatting(server, **ALICE) as client:
        first = client.seen[0]
        assert first["type"] == "connection_established"
        assert (first["user_id"], first["heartbeat_interval"]) == ("alice", 30)
        assert first["timestamp"].endswith("Z")
        assert "session_id" not in first
        assert first["connection_id"]
    async with chatting(server, "s1", **ALICE) as client:
        assert client.seen[0]["session_id"] == "s1"
        await client.silent()


async def test_where_nobody_logs_in_everybody_is_anonymous(tmp_path: Path) -> None:
    async with chat_server(tmp_path, auth={"mode": "none"}) as server, chatting(server, "s1") as client:
        assert client.seen[0]["user_id"] == "anonymous"


async def test_a_session_is_its_owners_until_it_is_shared(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice, chatting(server, **BOB) as bob:
        async with server.http.ws_connect(f"{server.address}/ws/chat/session/s1", params=BOB) as ws:
            stranger = Chatter(ws)
            assert await stranger.closed() == 4503
            assert stranger.seen[-1]["type"] == "connection_close"
        for kind, fields in (
            ("join_session", {}),
            ("send_message", {"content": "x"}),
            ("share_session", {"user_id": "carol"}),
            ("typing", {"is_typing": True}),
            ("leave_session", {}),
        ):
            await bob.send(kind, session_id="s1", **fields)
            error = await bob.next()
            assert (error["type"], error["code"], error["request"]) == ("error", "SESSION_NOT_FOUND", kind)
            assert {"title", "message", "suggestion"} <= set(error)
        await alice.silent()
        await alice.send("share_session", user_id="bob")
        for client in (alice, bob):
            shared = await client.next()
            assert (shared["type"], shared["session_id"], shared["user_id"]) == (
                "session_shared",
                "s1",
                "bob",
            )
        await bob.send("join_session", session_id="s1")
        for client in (alice, bob):
            joined = await client.next()
            assert (joined["type"], joined["user_id"]) == ("session_joined", "bob")
            assert joined["members"] == ["alice", "bob"]
        await bob.send("share_session", session_id="s1", user_id="carol")
        assert (await bob.next())["code"] == "SESSION_NOT_FOUND", "only its owner shares a session"


async def test_who_leaves_is_told_of_and_hears_no_more(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice:
        await alice.send("share_session", user_id="bob")
        await alice.next()
        async with chatting(server, "s1", **BOB) as bob:
            assert (await alice.next())["type"] == "session_joined"
            await bob.send("leave_session")
            for client in (alice, bob):
                left = await client.next()
                assert (left["type"], left["session_id"], left["user_id"]) == ("session_left", "s1", "bob")
            await alice.send("typing", is_typing=True)
            await alice.silent()
            await bob.silent()
            await bob.send("join_session", session_id="s1")
            assert (await alice.next())["type"] == "session_joined"
        left = await alice.next()
        assert (left["type"], left["user_id"], left["members"]) == ("session_left", "bob", ["alice"])


async def test_a_command_without_a_session_means_the_connections(server: Served) -> None:
    async with chatting(server, **ALICE) as client:
        for kind, fields in (
            ("join_session", {}),
            ("send_message", {"content": "x"}),
            ("typing", {"is_typing": True}),
            ("leave_session", {}),
        ):
            await client.send(kind, **fields)
            error = await client.next()
            assert (error["code"], error["request"]) == ("INVALID_MESSAGE", kind)
            assert "session_id" in error["message"]
        await client.send("join_session", session_id="s1")
        await client.send("join_session", session_id="s2")
        await client.until("session_joined", lambda message: message["session_id"] == "s2")
        await client.say("SELECT 1 AS one FROM cities")
        assert (await client.answered())[-1]["session_id"] == "s2"
        await client.send("leave_session")
        assert (await client.next())["session_id"] == "s2"
        await client.say("SELECT 1 AS one FROM cities")
        assert (await client.answered())[-1]["session_id"] == "s1"
    async with chatting(server, "s1", **ALICE) as client:
        await client.send("join_session", session_id="s2")
        await client.next()
        await client.say("SELECT 1 AS one FROM cities")
        assert (await client.answered())[-1]["session_id"] == "s1", "its address says which is its own"


async def test_a_connection_is_in_so_many_sessions_at_most(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("text2sql_ws.chat.rooms.SESSIONS", 2)
    async with chatting(server, **ALICE) as client:
        for name in ("s1", "s2", "s1"):
            await client.send("join_session", session_id=name)
            assert (await client.next())["session_id"] == name
        await client.send("join_session", session_id="s3")
        assert (await client.next())["code"] == "RESOURCE_LIMIT_EXCEEDED"
        await client.send("leave_session", session_id="s1")
        await client.next()
        await client.send("join_session", session_id="s3")
        assert (await client.next())["type"] == "session_joined"


async def test_typing_is_seen_by_the_others(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as one, chatting(server, "s1", **ALICE) as other:
        await one.next()
        await one.send("typing", is_typing=True)
        typing = await other.next()
        assert (typing["type"], typing["user_id"], typing["is_typing"]) == ("typing", "alice", True)
        await one.silent()


# --- what is said -----------------------------------------------------------------------------------


async def test_a_question_is_acknowledged_passed_on_and_answered_to_all(server: Served) -> None:
    async with chatting(server, "s1", **ALICE) as alice:
        await alice.send("share_session", user_id="bob")
        await alice.next()
        async with chatting(server, "s1", **BOB) as bob:
            await alice.next()
            await alice.send("send_message", content="每个城市", client_id="c1")
            sent = await alice.next()
            assert (sent["type"], sent["status"], sent["client_id"]) == (
                "message_status_update",
                "sent",
                "c1",
            )
            said = (await bob.next())["message"]
            assert said == {
                "id": sent["message_id"],
                "session_id": "s1",
                "role": "user",
                "content": "每个城市",
                "user_id": "alice",
                "created_at": said["created_at"],
            }
            heard = {name: await client.answered() for name, client in (("alice", alice), ("bob", bob))}
            assert [m for m in heard["alice"] if m["type"] != "message_status_update"] == heard["bob"]
            delivered = [m for m in heard["alice"] if m["type"] == "message_status_update"]
            assert [(m["status"], m["message_id"]) for m in delivered] == [("delivered", said["id"])]
            check_answer(heard["bob"], said["id"])


def check_answer(answer: list[Message], question_id: str) -> None:
    """One answer from its start to its end, to the letter of the contract."""
    statuses = [message for message in answer if message["type"] == "ai_processing_status"]
    assert [statuses[0]["status"], statuses[-1]["status"]] == ["started", "completed"]
    assert {message["status"] for message in statuses[1:-1]} == {"processing"}
    assert all({"session_id", "stage", "progress"} <= set(message) for message in statuses)
    assert [m["progress"] for m in statuses] == sorted(m["progress"] for m in statuses)
    final = answer[-2]
    assert (final["type"], final["message"]["role"]) == ("new_message", "assistant")
    assert final["message"]["parent_id"] == question_id
    assert final["message"]["sql"].startswith("SELECT name FROM cities")
    assert final["message"]["content"].endswith("```")
    assert [row["name"] for row in final["message"]["results"]["data"]] == ["上海", "北京", "广州"]
    assert set(final["message"]["visualization"]) == {"chart_type", "config"}
    of = {message.get("message_id") or message["message"]["id"] for message in answer}
    assert of == {final["message"]["id"]}
    deltas = [message for message in answer if message["type"] == "message_delta"]
    assert "".join(m["delta"] for m in deltas if m["kind"] == "sql") == SAID
    sql = [message["index"] for message in deltas if message["kind"] == "sql"]
    assert sql == list(range(len(sql)))
