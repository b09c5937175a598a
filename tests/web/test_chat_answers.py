"""`chat`: what becomes of messages and answers: kept, cancelled, left behind, refused, read."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.chatting import Chatter, chatting
from tests.support.model_server import ModelServer
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from tests.web.test_chat import ALICE, BOB, ENDLESS, SAID, chat_server

ENOUGH = 10


def rows(folder: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(folder / "own.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def kept(folder: Path) -> list[Any]:
    """Role, author and status of every message that is kept, in order."""
    return rows(folder, "SELECT role, author_id, status FROM messages ORDER BY position")


async def shared(alice: Chatter) -> None:
    await alice.send("share_session", user_id="bob")
    await alice.until("session_shared")


# --- statuses ---------------------------------------------------------------------------------------


async def test_a_message_that_was_read_is_reported_to_its_author_wherever(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(chat_server(tmp_path, limits={"queries_per_session": 1}))
        alice = await stack.enter_async_context(chatting(server, "s1", **ALICE))
        await shared(alice)
        elsewhere = await stack.enter_async_context(chatting(server, **ALICE))
        bob = await stack.enter_async_context(chatting(server, "s1", **BOB))
        question = await alice.say("SELECT name FROM cities")
        await bob.answered()
        await bob.send("message_read", message_id=question)
        for client in (alice, elsewhere):
            read = await client.until("message_status_update", lambda m: m["status"] == "read")
            assert (read["message_id"], read["user_id"]) == (question, "bob")
        await alice.send("message_read", message_id=question)
        await alice.silent()
        assert rows(tmp_path, "SELECT message_id, user_id, status FROM message_receipts") == [
            (question, "bob", "read")
        ]
        for unknown in ("nope", "x" * 64):
            await bob.send("message_read", message_id=unknown)
            error = await bob.until("error")
            assert (error["code"], error["request"]) == ("INVALID_MESSAGE", "message_read")


async def test_an_older_message_is_read_by_those_who_may_only(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            await shared(alice)
            question = await alice.say("SELECT name FROM cities")
            await alice.answered()
        # Nobody is in the session any more: who wrote it has to be looked up.
        async with chatting(server, **ALICE) as alice, chatting(server, **BOB) as bob:
            async with chatting(server, token=token("mallory")) as mallory:
                await mallory.send("message_read", message_id=question)
                assert (await mallory.next())["code"] == "INVALID_MESSAGE"
            await bob.send("message_read", message_id=question)
            assert (await alice.next())["status"] == "read"


# --- answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["question", "answer"])
async def test_a_cancel_stops_the_answer_by_either_id(tmp_path: Path, by: str) -> None:
    async with chat_server(tmp_path) as server, chatting(server, "s1", **ALICE) as alice:
        question = await alice.say(ENDLESS)
        while (status := await alice.until("ai_processing_status"))["stage"] != "executing_sql":
            assert status["question_id"] == question
        await alice.send("cancel", message_id=question if by == "question" else status["message_id"])
        heard = await alice.answered(question)
        assert [m["status"] for m in heard if m["type"] == "ai_processing_status"] == ["cancelled"]
        await alice.send("cancel", message_id=question)
        error = await alice.next()
        assert (error["code"], error["request"]) == ("QUERY_NOT_FOUND", "cancel")
        assert kept(tmp_path) == [("user", "alice", "complete"), ("assistant", "", "cancelled")]


async def test_only_who_asked_or_owns_the_session_cancels(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server, chatting(server, "s1", **ALICE) as alice:
        await shared(alice)
        async with chatting(server, "s1", **BOB) as bob:
            hers, his = await alice.say(ENDLESS), await bob.say(ENDLESS)
            await bob.send("cancel", message_id=hers)
            assert (await bob.until("error"))["code"] == "QUERY_NOT_FOUND"
            await alice.send("cancel", message_id=his)
            assert (await bob.answered(his))[-1]["status"] == "cancelled"
            await alice.send("cancel", message_id=hers)
            assert (await bob.answered(hers))[-1]["status"] == "cancelled"


async def test_a_failed_answer_says_why_to_all_and_is_kept(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server, chatting(server, "s1", locale="en", **ALICE) as alice:
        await alice.say("SELECT nope FROM cities")
        final = (await alice.answered())[-1]
        assert (final["status"], final["error"]["code"]) == ("failed", "SQL_EXECUTION_FAILED")
        assert final["error"]["title"] == "SQL execution failed"
        assert kept(tmp_path)[-1] == ("assistant", "", "failed")


async def test_a_data_source_is_chosen_by_name(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server, chatting(server, "s1", **ALICE) as alice:
        await alice.say("SELECT 1 AS one FROM cities", datasource="nope")
        assert (await alice.answered())[-1]["error"]["code"] == "DATASOURCE_NOT_FOUND"
        await alice.say("SELECT 1 AS one FROM cities", datasource="shop")
        assert (await alice.answered())[-1]["status"] == "completed"


async def test_earlier_questions_go_to_the_model(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model:
        given = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "auth": {"mode": "jwt", "secret": SECRET},
        }
        async with served(tmp_path, given) as server:
            for question in ("城市有哪些", "它们的名字"):
                async with chatting(server, "s1", **ALICE) as alice:
                    await alice.say(question)
                    await alice.answered()
        asked = [r.body["messages"] for r in model.requests if "它们的名字" in str(r.body)]
        told = [(message["role"], message["content"]) for message in asked[0][1:]]
        assert [role for role, _ in told] == ["user", "assistant", "user"]
        assert told[0][1] == "城市有哪些"
        assert "SELECT name FROM cities" in told[1][1]


async def test_too_many_questions_at_once_are_kept_and_told_of(tmp_path: Path) -> None:
    async with chat_server(tmp_path, limits={"queries_per_session": 1}) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            first = await alice.say(ENDLESS)
            second = await alice.say("SELECT 1 AS one FROM cities", client_id="c2")
            error = await alice.until("error")
            assert (error["code"], error["request"]) == ("RESOURCE_LIMIT_EXCEEDED", "send_message")
            assert (error["message_id"], error["client_id"]) == (second, "c2")
            await alice.send("cancel", message_id=first)
            await alice.answered(first)
        assert [row[0] for row in kept(tmp_path)] == ["user", "user", "assistant"]


async def test_what_cannot_be_asked_is_refused_and_not_kept(tmp_path: Path) -> None:
    async with chat_server(tmp_path, limits={"question_chars": 20}) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            for fields, code in (
                ({"content": "  ", "client_id": "c1"}, "INVALID_QUESTION"),
                ({"content": "x" * 21}, "INVALID_QUESTION"),
                ({}, "INVALID_MESSAGE"),
                ({"content": 1}, "INVALID_MESSAGE"),
                ({"content": "x", "session_id": "no/such"}, "INVALID_MESSAGE"),
            ):
                await alice.send("send_message", **fields)
                error = await alice.next()
                assert (error["type"], error["code"], error["request"]) == ("error", code, "send_message")
            await alice.ws.send_bytes(b"x")
            assert (await alice.next())["code"] == "INVALID_MESSAGE"
            await alice.send("nope")
            assert (await alice.next())["code"] == "UNKNOWN_MESSAGE_TYPE"
        assert kept(tmp_path) == []


async def test_what_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server, chatting(server, "s1", **ALICE) as alice:
        await shared(alice)
        async with chatting(server, "s1", **BOB) as bob:
            await alice.until("session_joined")
            connection = sqlite3.connect(tmp_path / "own.db")
            connection.execute("ALTER TABLE messages RENAME TO gone")
            connection.commit()
            await alice.send("send_message", content="SELECT 1 AS one FROM cities", client_id="c1")
            error = await alice.next()
            assert (error["code"], error["client_id"]) == ("UNKNOWN_ERROR", "c1")
            await bob.silent()
            connection.execute("ALTER TABLE gone RENAME TO messages")
            connection.commit()
            connection.close()
            await alice.say("SELECT 1 AS one FROM cities")
            assert (await alice.answered())[-1]["status"] == "completed"


# --- who is gone ------------------------------------------------------------------------------------


async def test_an_answer_goes_on_when_everybody_has_left_and_is_kept(tmp_path: Path) -> None:
    go_on = asyncio.Event()
    async with chat_server(tmp_path, [go_on, SAID]) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            await alice.say("每个城市")
        go_on.set()
        async with asyncio.timeout(ENOUGH):
            while len(kept(tmp_path)) < 2:
                await asyncio.sleep(0.02)
        assert kept(tmp_path)[-1] == ("assistant", "", "complete")


async def test_who_comes_back_in_time_hears_the_rest(tmp_path: Path) -> None:
    go_on = asyncio.Event()
    async with chat_server(tmp_path, [go_on, SAID]) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            question = await alice.say("每个城市")
        async with chatting(server, "s1", **ALICE) as alice:
            go_on.set()
            heard = await alice.answered(question)
            assert heard[-2]["message"]["parent_id"] == question


async def test_when_nobody_comes_back_in_time_the_answer_is_stopped(tmp_path: Path) -> None:
    async with chat_server(tmp_path, [asyncio.Event(), SAID], limits={"resume_seconds": 0.1}) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            await alice.say("每个城市")
        async with asyncio.timeout(ENOUGH):
            while len(kept(tmp_path)) < 2:
                await asyncio.sleep(0.02)
        assert kept(tmp_path)[-1] == ("assistant", "", "cancelled")


async def test_who_stops_reading_is_dropped_and_the_others_hear_the_whole_answer(tmp_path: Path) -> None:
    long = ["城" * 1000] * 3000
    limits = {"outbox_bytes": 65_536, "slow_client_timeout": 0.5}
    async with chat_server(tmp_path, long, limits=limits) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            await shared(alice)
            async with chatting(server, "s1", **BOB) as bob:
                await alice.until("session_joined")
                question = await alice.say("每个城市")
                heard = await alice.answered(question)
                assert heard[-1]["status"] == "completed"
                deltas = [m for m in heard if m["type"] == "message_delta"]
                assert "".join(m["delta"] for m in deltas) == "".join(long)
                if not any(message["type"] == "session_left" for message in alice.seen):
                    await alice.until("session_left")
                await dropped(bob)


async def dropped(client: Chatter) -> None:
    """Read what was on its way; then the connection is gone, closed with 4008 or reset."""
    async with asyncio.timeout(ENOUGH):
        while (await client.ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert client.ws.close_code in (4008, 1006)


# --- connections ------------------------------------------------------------------------------------


async def test_the_server_pings_and_closes_who_is_silent(tmp_path: Path) -> None:
    beats = {"interval": 0.2, "timeout": 0.8}
    async with chat_server(tmp_path, heartbeat=beats) as server:
        async with chatting(server, **ALICE) as silent, chatting(server, **BOB) as lively:
            reading = asyncio.create_task(silent.closed())
            while not reading.done():
                await lively.silent()
                await asyncio.sleep(0.05)
            assert await reading == 4012
            assert {m["type"] for m in silent.seen[1:-1]} == {"ping"}
            assert silent.seen[-1]["reason"] == "Heartbeat timeout"


async def test_each_connection_needs_a_place_of_its_own(tmp_path: Path) -> None:
    async with chat_server(tmp_path, limits={"connections_per_user": 2}) as server:
        async with chatting(server, "s1", **ALICE) as one, chatting(server, "s1", **ALICE) as two:
            async with server.http.ws_connect(f"{server.address}/ws/chat/session/s1", params=ALICE) as ws:
                assert await Chatter(ws).closed() == 4504
            await one.until("session_joined")
            for client in (one, two):
                await client.silent()


async def test_a_renewed_token_is_acknowledged(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server, chatting(server, **ALICE) as alice:
        await alice.send("refresh_token", data={"token": token("alice", seconds=900)})
        assert (await alice.next())["expires_at"].endswith("Z")
        await alice.send("refresh_token", data={"token": token("bob")})
        error = await alice.next()
        assert (error["code"], error["request"]) == ("AUTHENTICATION_FAILED", "refresh_token")


async def test_a_session_needs_a_name_that_can_be_one(tmp_path: Path) -> None:
    async with chat_server(tmp_path) as server:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with server.http.ws_connect(f"{server.address}/ws/chat/session/a%20b", params=ALICE):
                pass
        assert refused.value.status == 422


async def test_a_session_of_another_dialect_is_another(tmp_path: Path) -> None:
    """The end of a `text2sql` session of the same name ends no answer of the chat's."""
    async with chat_server(tmp_path, limits={"resume_seconds": 0.05}) as server:
        async with chatting(server, "s1", **ALICE) as alice:
            question = await alice.say(ENDLESS)
            async with server.client(token=token("alice"), session_id="s1"):
                pass
            await until_sessions(server, ["s1"])
            await alice.send("cancel", message_id=question)
            assert (await alice.answered(question))[-1]["status"] == "cancelled"


async def until_sessions(server: Served, names: list[str]) -> None:
    headers = {"Authorization": f"Bearer {token('root', role='admin')}"}
    async with asyncio.timeout(ENOUGH):
        while True:
            async with server.http.get(
                f"{server.address}/api/v1/websocket/sessions", headers=headers
            ) as response:
                sessions = (await response.json())["sessions"]
            if [one["session_id"] for one in sessions if one["connections"] == 1] == names:
                return
            await asyncio.sleep(0.02)
