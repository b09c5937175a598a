"""Chats in `/api/conversations`: read by whom they were shared with, changed by whom they belong to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.chatting import Chatter, chatting
from tests.support.scm_client import scm_client
from tests.support.serving import Served
from tests.support.tokens import token
from tests.web.test_chat import ALICE, BOB, CAROL, ENDLESS, chat_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with chat_server(tmp_path) as running:
        yield running


async def called(
    server: Served, method: str, path: str = "", user_id: str = "alice", status: int = 200, body: Any = None
) -> Any:
    url = f"{server.address}/api/conversations{path}"
    headers = {"Authorization": f"Bearer {token(user_id)}"} if user_id else {}
    async with server.http.request(method, url, headers=headers, json=body) as response:
        assert response.status == status, await response.text()
        if response.content_type != "application/json":
            return await response.text()
        return await response.json()


async def chats(server: Served, user_id: str = "alice", more: str = "") -> list[Any]:
    found = await called(server, "GET", f"?space=chat{more}", user_id)
    assert found["total"] == len(found["conversations"])
    return list(found["conversations"])


async def stopped(server: Served, query_id: str) -> None:
    """Wait until an answer has ended, and check that somebody stopped it."""
    url, headers = (
        f"{server.address}/text2sql/queries/{query_id}",
        {"Authorization": f"Bearer {token('alice')}"},
    )
    async with asyncio.timeout(10):
        while True:
            async with server.http.get(url, headers=headers) as response:
                status = (await response.json())["status"]
            if status != "running":
                break
            await asyncio.sleep(0.02)
    assert status == "cancelled"


async def asked(client: Chatter, content: str, **fields: Any) -> str:
    question_id = await client.say(content, **fields)
    await client.answered(question_id)
    return question_id


async def test_what_was_said_is_read_by_its_owner_as_it_was_heard(server: Served) -> None:
    async with chatting(server, "room", **ALICE) as alice:
        question_id = await asked(alice, "有哪些城市")
        answer = next(one["message"] for one in alice.seen if one["type"] == "new_message")
    (listed,) = await chats(server)
    assert (listed["space"], listed["conversation_id"], listed["owner_id"]) == ("chat", "room", "alice")
    assert (listed["title"], listed["message_count"]) == ("有哪些城市", 2)
    whole = await called(server, "GET", f"/{listed['id']}")
    question, kept = whole["messages"]
    assert (question["id"], question["user_id"], question["role"]) == (question_id, "alice", "user")
    assert (kept["id"], kept["user_id"], kept["parent_id"]) == (answer["id"], None, question_id)
    assert (kept["content"], kept["sql"]) == (answer["content"], answer["sql"])
    assert kept["results"]["data"] == answer["results"]["data"]
    assert kept["visualization"] == answer["visualization"]
    assert kept["created_at"] == answer["created_at"]
    assert whole["has_more"] is False


async def test_a_chat_is_there_for_whom_it_was_shared_with_and_for_nobody_else(server: Served) -> None:
    async with chatting(server, "room", **ALICE) as alice:
        await asked(alice, "有哪些城市")
        (listed,) = await chats(server)
        path = f"/{listed['id']}"
        assert await chats(server, "bob") == []
        await called(server, "GET", path, "bob", status=404)
        await alice.send("share_session", session_id="room", user_id="bob")
        await alice.until("session_shared")
    assert await chats(server, "bob") == [listed]
    assert await called(server, "GET", path, "bob") == await called(server, "GET", path)
    assert "有哪些城市" in await called(server, "GET", path + "/export", "bob")
    (found,) = await chats(server, "bob", "&q=城市")
    assert [match["snippet"] for match in found["matches"]] == ["有哪些城市"]
    for user_id in ("carol", "room"):
        assert await chats(server, user_id) == []
        assert await chats(server, user_id, "&q=城市") == []
        assert await chats(server, user_id, "&conversation_id=room") == []
        for method, address in (("GET", path), ("GET", path + "/export"), ("PATCH", path), ("DELETE", path)):
            refused = await called(server, method, address, user_id, 404, {"title": "x"})
            assert refused["error"]["code"] == "SESSION_NOT_FOUND"


async def test_who_is_a_guest_changes_nothing_and_the_owner_may(server: Served) -> None:
    async with chatting(server, "room", **ALICE) as alice:
        await asked(alice, "有哪些城市")
        await alice.send("share_session", session_id="room", user_id="bob")
        await alice.until("session_shared")
    (listed,) = await chats(server)
    path = f"/{listed['id']}"
    for method in ("PATCH", "DELETE"):
        refused = await called(server, method, path, "bob", 404, {"title": "mine"})
        assert "room" in refused["error"]["message"]
    assert await chats(server, "bob") == [listed]
    assert (await called(server, "PATCH", path, body={"title": "地理"}))["title"] == "地理"
    assert [one["title"] for one in await chats(server, "bob")] == ["地理"]
    assert (await called(server, "DELETE", path))["deleted"] is True
    for user_id in ("alice", "bob"):
        assert await chats(server, user_id) == []
        await called(server, "GET", path, user_id, status=404)


async def test_a_long_chat_comes_in_pages_without_gap_or_double(server: Served) -> None:
    async with chatting(server, "room", **ALICE) as alice:
        said = [await asked(alice, f"SELECT {number}") for number in range(5)]
    (listed,) = await chats(server)
    pages: list[list[Any]] = []
    before = ""
    while True:
        page = await called(server, "GET", f"/{listed['id']}?limit=4{before}")
        pages.insert(0, page["messages"])
        if not page["has_more"]:
            break
        before = f"&before={page['messages'][0]['position']}"
    assert [len(page) for page in pages] == [2, 4, 4]
    whole = [message for page in pages for message in page]
    assert [one["id"] for one in whole if one["role"] == "user"] == said
    assert {one["parent_id"] for one in whole if one["role"] == "assistant"} == set(said)
    positions = [one["position"] for one in whole]
    assert positions == sorted(set(positions))


async def test_spaces_are_told_apart_and_one_that_is_not_known_is_named(server: Served) -> None:
    headers = {"Authorization": f"Bearer {token('alice')}"}
    async with chatting(server, "c1", **ALICE) as alice, server.client(headers=headers) as client:
        await asked(alice, "有哪些城市")
        await client.answer("有哪些城市", conversation_id="c1")
    async with scm_client(server, "alice", headers=headers) as other:
        await other.call("SESSION_CREATE", title="c1")
    for space in ("ask", "scm", "chat"):
        found = await called(server, "GET", f"?space={space}")
        assert ([one["space"] for one in found["conversations"]], found["total"]) == ([space], 1)
    every = await called(server, "GET")
    assert sorted(one["space"] for one in every["conversations"]) == ["ask", "chat", "scm"]
    named = await called(server, "GET", "?conversation_id=c1")
    assert sorted(one["space"] for one in named["conversations"]) == ["ask", "chat"]
    for wrong in ("nope", "", "ASK"):
        refused = await called(server, "GET", f"?space={wrong}", status=422)
        assert "space" in refused["error"]["message"]


async def test_where_nobody_logs_in_the_chats_of_all_are_there(tmp_path: Path) -> None:
    async with chat_server(tmp_path, auth={"mode": "none"}) as server:
        async with chatting(server, "room") as client:
            await asked(client, "有哪些城市")
        (listed,) = await chats(server, "")
        assert listed["owner_id"] == "anonymous"
        assert len((await called(server, "GET", f"/{listed['id']}", ""))["messages"]) == 2
        renamed = await called(server, "PATCH", f"/{listed['id']}", "", body={"title": "地理"})
        assert renamed["title"] == "地理"
        assert (await called(server, "DELETE", f"/{listed['id']}", ""))["deleted"] is True


async def test_a_file_of_a_chat_says_who_said_what(server: Served) -> None:
    async with chatting(server, "room", **ALICE) as alice, chatting(server, **BOB) as bob:
        await asked(alice, "有哪些城市")
        await alice.send("share_session", session_id="room", user_id="bob")
        await bob.until("session_shared")
        await asked(bob, "SELECT 1", session_id="room")
    (listed,) = await chats(server)
    exported = await called(server, "GET", f"/{listed['id']}/export")
    heads = [line.split(" · ")[0] for line in exported.splitlines() if line.startswith("## ")]
    assert heads == ["## alice", "## 回答", "## bob", "## 回答"]


async def test_a_chat_that_is_deleted_is_left_by_all_and_its_name_is_free(server: Served) -> None:
    async with (
        chatting(server, "room", **ALICE) as alice,
        chatting(server, **BOB) as bob,
        chatting(server, **CAROL) as carol,
    ):
        await alice.send("share_session", session_id="room", user_id="bob")
        await bob.until("session_shared")
        await bob.send("join_session", session_id="room")
        await bob.until("session_joined")
        question_id = await alice.say(ENDLESS)
        answer_id = (await alice.until("ai_processing_status"))["message_id"]
        (listed,) = await chats(server)
        await called(server, "DELETE", f"/{listed['id']}")
        for client, user_id in ((alice, "alice"), (bob, "bob")):
            await client.until("session_left", lambda left, own=user_id: left["user_id"] == own)  # type: ignore[misc]
        await stopped(server, answer_id)
        await carol.send("join_session", session_id="room")
        assert (await carol.until("session_joined"))["members"] == ["carol"]
        await asked(carol, "SELECT 1")
        await bob.send("send_message", session_id="room", content="hello")
        assert (await bob.until("error"))["code"] == "SESSION_NOT_FOUND"
        (begun,) = await chats(server, "carol")
        said = (await called(server, "GET", f"/{begun['id']}", "carol"))["messages"]
        assert [one["content"] for one in said if one["role"] == "user"] == ["SELECT 1"]
        assert question_id not in {one["id"] for one in said}
