"""`scm` on real sockets: talk and data, streamed, cancelled, left and stored; several connections."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.support.fakes import ManualClock
from tests.support.model_server import Finish, ModelServer, Reasoning, Spent, Status
from tests.support.scm_client import ADDRESS, ScmClient, kinds, scm_client, words
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from text2sql_ws.clock import Clock

SAID = "```sql\nSELECT name FROM cities\n```"


@dataclass
class Place:
    server: Served
    model: ModelServer

    def asked(self, number: int = -1) -> list[tuple[str, str]]:
        """What the model was sent: role and content of each message."""
        return [(one["role"], one["content"]) for one in self.model.requests[number].body["messages"]]


@asynccontextmanager
async def place(
    folder: Path, script: Any = (), clock: Clock | None = None, **settings: Any
) -> AsyncIterator[Place]:
    """The server with a scripted model that is asked once and not again."""
    async with ModelServer(script) as model:
        provider = {"base_url": model.base_url, "model": "m1", "models": ["m2"], "max_retries": 0}
        shop = folder / "shop.db"
        given: Mapping[str, Any] = {
            "llm": {"providers": {"main": provider, "spare": provider | {"model": "s1"}}},
            "datasources": {
                "shop": {"type": "sqlite", "path": str(shop if shop.exists() else make_shop(shop))}
            },
        }
        async with served(folder, dict(given) | settings, clock) as server:
            yield Place(server, model)


async def history(client: ScmClient, conversation_id: str = "session001") -> list[tuple[str, str]]:
    body = await client.call("SESSION_MESSAGES", conversationId=conversation_id)
    return [(message["role"], message["content"]) for message in body["messages"]]


async def stored(client: ScmClient, count: int, conversation_id: str = "session001") -> list[tuple[str, str]]:
    """The conversation, once it holds so many messages."""
    async with asyncio.timeout(10):
        while len(found := await history(client, conversation_id)) < count:
            await asyncio.sleep(0.02)
    return found


# --- talk -------------------------------------------------------------------------------------------


async def test_talk_is_streamed_and_goes_on_from_what_was_said(tmp_path: Path) -> None:
    script = [[Reasoning("嗯"), "供应链", "管理", Spent(100, 50)], ["好的"]]
    async with place(tmp_path, script) as here, scm_client(here.server) as client:
        start, *fragments, end = await client.say("什么是供应链?", requestId="r1")
        assert start["data"] | {"messageId": ""} == {
            "messageId": "", "model": "m1", "provider": "main", "requestId": "r1",
            "conversationId": "session001",
        }  # fmt: skip
        assert set(kinds(fragments)) == {"CHAT_STREAM_DATA"}
        assert words(fragments) == "供应链管理"
        assert [one["data"]["index"] for one in fragments] == list(range(len(fragments)))
        assert {one["data"]["messageId"] for one in fragments} == {start["data"]["messageId"]}
        assert (end["data"]["finishReason"], end["data"]["totalTokens"]) == ("completed", 150)
        assert end["data"]["duration"] >= 0
        await client.say("继续", conversationId="session001")
        system, *said = here.asked()
        assert system[0] == "system"
        assert said == [("user", "什么是供应链?"), ("assistant", "供应链管理"), ("user", "继续")]
        assert await history(client) == [*said, ("assistant", "好的")]


async def test_a_whole_answer_is_one_frame(tmp_path: Path) -> None:
    async with place(tmp_path, [["供应链", "管理"]]) as here, scm_client(here.server) as client:
        (response,) = await client.say("什么是供应链优化?", streaming=False)
        assert response["type"] == "CHAT_RESPONSE"
        assert response["data"]["content"] == "供应链管理"
        assert (response["data"]["model"], response["data"]["finishReason"]) == ("m1", "completed")


async def test_an_unknown_model_is_warned_of_and_another_answers(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: "好") as here, scm_client(here.server) as client:
        for wanted, answering in (
            ({"provider": "openai", "model": "gpt-4"}, ("main", "m1")),
            ({"provider": "spare", "model": "gpt-4"}, ("spare", "s1")),
            ({"model": "gpt-4"}, ("main", "m1")),
        ):
            warning, start, *_ = await client.say("你好", requestId="r1", **wanted)
            assert (warning["type"], warning["requestId"]) == ("WARNING", "r1")
            assert "gpt-4" in warning["data"]["message"]
            assert (start["data"]["provider"], start["data"]["model"]) == answering
        start, *_ = await client.say("你好", provider="main", model="m2")
        assert (start["type"], start["data"]["model"]) == ("CHAT_STREAM_START", "m2")
        assert here.model.requests[-1].body["model"] == "m2"


async def test_a_model_that_fails_is_an_error_and_an_end(tmp_path: Path) -> None:
    script = [[Status(500, {"error": {"message": "overloaded"}})], ["好"]]
    async with place(tmp_path, script) as here, scm_client(here.server) as client:
        start, error, end = await client.say("你好", requestId="r1")
        assert kinds([start, error, end]) == ["CHAT_STREAM_START", "ERROR", "CHAT_STREAM_END"]
        assert isinstance(error["data"], str)
        assert (error["code"], error["requestId"]) == ("LLM_SERVICE_ERROR", "r1")
        assert end["data"]["finishReason"] == "error"
        await client.say("再试")
        assert here.asked()[1:] == [("user", "再试")], "a question without an answer is no part of the talk"


async def test_the_limit_of_tokens_ends_an_answer_that_is_kept(tmp_path: Path) -> None:
    async with place(tmp_path, [["前半", Finish("length")]]) as here, scm_client(here.server) as client:
        answer = await client.say("写一本书")
        assert answer[-1]["data"]["finishReason"] == "length"
        assert await history(client) == [("user", "写一本书"), ("assistant", "前半")]


async def test_history_stays_within_its_tokens_the_oldest_goes_first(tmp_path: Path) -> None:
    talk = {"talk": {"history_tokens": 30}}
    async with place(tmp_path, lambda body: "答" * 8, **talk) as here, scm_client(here.server) as client:
        for number in range(4):
            await client.say(f"{number}" + "问" * 5)
        questions = [content[0] for role, content in here.asked() if role == "user"]
        assert questions == ["1", "2", "3"]


async def test_a_parent_message_says_what_a_question_follows_on(tmp_path: Path) -> None:
    answers = iter(["甲", "乙", "丙"])
    async with place(tmp_path, lambda body: next(answers)) as here, scm_client(here.server) as client:
        first = (await client.say("一"))[-1]["data"]["messageId"]
        await client.say("二")
        await client.say("另一个二", parentMessageId=first)
        assert here.asked()[1:] == [("user", "一"), ("assistant", "甲"), ("user", "另一个二")]
        messages = (await client.call("SESSION_MESSAGES", conversationId="session001"))["messages"]
        assert messages[4]["parentMessageId"] == first
        assert messages[5]["parentMessageId"] == messages[4]["messageId"]


async def test_without_a_model_the_built_in_one_is_polite(tmp_path: Path) -> None:
    async with served(tmp_path, {}) as server, scm_client(server) as client:
        answer = await client.say("你好")
        assert "离线模型" in words(answer)
        assert answer[-1]["data"]["finishReason"] == "completed"
        asked = await client.say("有多少个客户？", datasource="demo")
        assert words(asked).startswith("```sql\nSELECT COUNT(*)")


# --- data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{"datasource": "shop"}, {"mode": "text2sql"}])
async def test_a_question_about_data_is_answered_with_sql_and_words(
    tmp_path: Path, named: dict[str, str]
) -> None:
    script = [[SAID], ["有三个", "城市。"], [SAID], ["还是三个。"]]
    async with place(tmp_path, script) as here, scm_client(here.server) as client:
        answer = await client.say("有哪些城市", **named)
        assert words(answer) == "```sql\nSELECT name FROM cities\n```\n\n有三个城市。"
        await client.say("再说一次", **named)
        assert ("user", "有哪些城市") in here.asked(2)
        assert (await history(client))[1] == ("assistant", words(answer))


async def test_an_answer_about_data_keeps_its_rows_and_chart(tmp_path: Path) -> None:
    async with place(tmp_path, [[SAID], ["三个城市。"]]) as here:
        async with scm_client(here.server, "1") as client:
            await client.say("有哪些城市", datasource="shop", streaming=False)
        (listed,) = (await here.server.get("/api/conversations"))["conversations"]
        assert (listed["space"], listed["conversation_id"]) == ("scm", "session001")
        shown = (await here.server.get(f"/api/conversations/{listed['id']}"))["messages"][1]
        assert shown["results"]["data"][0] == {"name": "上海"}
        assert shown["sql"].startswith("SELECT name FROM cities")
        async with here.server.http.get(
            f"{here.server.address}/api/conversations/{listed['id']}/export"
        ) as response:
            assert (await response.text()).count("SELECT name") == 1


async def test_what_can_not_be_answered_from_data_is_an_error_and_an_end(tmp_path: Path) -> None:
    async with place(tmp_path) as here, scm_client(here.server) as client:
        for wanted, code in (
            ({"message": "q", "datasource": "nope"}, "DATASOURCE_NOT_FOUND"),
            ({"message": "DROP TABLE cities", "datasource": "shop"}, "SQL_NOT_READ_ONLY"),
        ):
            _, error, end = await client.say(**wanted, requestId="r1")
            assert (error["type"], error["code"], error["requestId"]) == ("ERROR", code, "r1")
            assert (end["type"], end["data"]["finishReason"]) == ("CHAT_STREAM_END", "error")


# --- cancelled, and left ----------------------------------------------------------------------------


@pytest.mark.parametrize("streaming", [True, False])
async def test_a_cancel_stops_the_models_stream_and_keeps_what_was_said(
    tmp_path: Path, streaming: bool
) -> None:
    async with place(tmp_path, lambda body: itertools.repeat("词")) as here:
        async with scm_client(here.server) as client:
            await client.send("CHAT_REQUEST", message="数到无穷", requestId="r1", streaming=streaming)
            if streaming:
                await client.until("CHAT_STREAM_DATA")
            while not here.model.open_streams:
                await asyncio.sleep(0.01)
            await client.send("CHAT_CANCEL", requestId="r1")
            end = await client.until("CHAT_STREAM_END", "CHAT_RESPONSE")
            await here.model.streams_closed(5)
            assert end["data"]["finishReason"] == "cancelled"
            await client.send("HEARTBEAT")
            assert (await client.next())["type"] == "HEARTBEAT"
            error = await client.refused("CHAT_CANCEL", messageId=end["data"]["messageId"])
            assert error["code"] == "QUERY_NOT_FOUND"
            if streaming:
                question, answer = await history(client)
                assert question == ("user", "数到无穷")
                assert set(answer[1]) == {"词"}


async def test_an_answer_goes_on_without_its_client_and_is_stored(tmp_path: Path) -> None:
    going_on = asyncio.Event()
    async with place(tmp_path, [["前半", going_on, "后半"]]) as here:
        async with scm_client(here.server) as client:
            await client.send("CHAT_REQUEST", message="慢慢说")
            await client.until("CHAT_STREAM_DATA")
        going_on.set()
        async with scm_client(here.server) as client:
            assert await stored(client, 2) == [("user", "慢慢说"), ("assistant", "前半后半")]


async def test_an_answer_that_nobody_comes_back_for_is_stopped_in_time(tmp_path: Path) -> None:
    limits = {"limits": {"resume_seconds": 0.2, "outbox_bytes": 4096}}
    async with place(tmp_path, lambda body: itertools.repeat("词" * 100), **limits) as here:
        async with scm_client(here.server) as client:
            await client.send("CHAT_REQUEST", message="数到无穷")
            await client.until("CHAT_STREAM_DATA")
        await here.model.streams_closed(5)
        async with scm_client(here.server) as client:
            assert set((await stored(client, 2))[1][1]) == {"词"}


async def test_another_connection_may_cancel_what_the_first_asked(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: itertools.repeat("词")) as here:
        async with scm_client(here.server) as first, scm_client(here.server) as second:
            await first.send("CHAT_REQUEST", message="数到无穷")
            start = await first.until("CHAT_STREAM_START")
            await second.send("CHAT_CANCEL", messageId=start["data"]["messageId"])
            end = await first.until("CHAT_STREAM_END")
            assert end["data"]["finishReason"] == "cancelled"
            assert "CHAT_STREAM_END" not in kinds(second.seen)


async def test_the_server_going_tells_the_end_and_keeps_the_answer(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with place(tmp_path, lambda body: itertools.repeat("词")) as here:
            address = f"{here.server.address}{ADDRESS}?userId=user001&sessionId=session001"
            client = ScmClient(await http.ws_connect(address))
            await client.send("CHAT_REQUEST", message="数到无穷")
            await client.until("CHAT_STREAM_DATA")
            reading = asyncio.create_task(client.closed())
        assert await reading == 1001
    assert kinds(client.seen)[-2:] == ["CHAT_STREAM_END", "DISCONNECT"]
    async with place(tmp_path, lambda body: "接着") as here, scm_client(here.server) as client:
        question, answer = await history(client)
        assert question == ("user", "数到无穷")
        assert set(answer[1]) == {"词"}
        await client.say("继续")
        assert here.asked()[1] == question, "the model hears what was said before the restart"


# --- conversations ----------------------------------------------------------------------------------


async def test_conversations_are_created_listed_renamed_and_deleted(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: "好") as here, scm_client(here.server) as client:
        created = [await client.call("SESSION_CREATE", title=f"第{n}个", requestId="r") for n in range(3)]
        assert set(created[0]) == {
            "conversationId", "title", "createdAt", "updatedAt", "messageCount", "requestId",
        }  # fmt: skip
        assert isinstance(created[0]["createdAt"], int)
        name = created[0]["conversationId"]
        await client.say("你好", conversationId=name)
        listed = await client.call("SESSION_LIST", page=1, pageSize=2)
        assert (listed["total"], listed["page"], listed["pageSize"]) == (3, 1, 2)
        assert (listed["sessions"][0]["conversationId"], listed["sessions"][0]["messageCount"]) == (name, 2)
        assert len((await client.call("SESSION_LIST", page=2, pageSize=2))["sessions"]) == 1
        assert (await client.call("SESSION_UPDATE", conversationId=name, title="采购"))["title"] == "采购"
        gone = await client.call("SESSION_DELETE", conversationId=name)
        assert gone == {"conversationId": name, "deleted": True}
        for kind in ("SESSION_MESSAGES", "SESSION_DELETE", "SESSION_UPDATE"):
            error = await client.refused(kind, conversationId=name, title="x", requestId="r2")
            assert (error["code"], error["requestId"]) == ("SESSION_NOT_FOUND", "r2")


async def test_a_deleted_conversation_stops_answering(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: itertools.repeat("词")) as here:
        async with scm_client(here.server) as client:
            await client.send("CHAT_REQUEST", message="数到无穷", conversationId="c1")
            await client.until("CHAT_STREAM_DATA")
            await client.send("SESSION_DELETE", conversationId="c1")
            await client.until("CHAT_STREAM_END")
            await here.model.streams_closed(5)
            assert (await client.call("SESSION_LIST"))["total"] == 0


async def test_a_conversation_deleted_as_it_begins_is_gone(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: itertools.repeat("词")) as here:
        async with scm_client(here.server) as client:
            with capture_logs() as logged:
                for _ in range(10):
                    await client.send("CHAT_REQUEST", message="数到无穷", conversationId="c1")
                    await client.send("SESSION_DELETE", conversationId="c1")
                    assert (await client.until("SESSION_DELETE"))["data"]["deleted"] is True
                assert (await client.call("SESSION_LIST"))["total"] == 0
                await here.model.streams_closed(5)
            assert [line for line in logged if line["log_level"] == "error"] == []
            assert "WARNING" not in kinds(client.seen)


async def test_another_users_conversation_and_session_are_others(tmp_path: Path) -> None:
    async with place(tmp_path, lambda body: "好") as here:
        async with scm_client(here.server, "alice") as alice, scm_client(here.server, "bob") as bob:
            await alice.say("秘密", conversationId="c1")
            for kind in ("SESSION_MESSAGES", "SESSION_DELETE", "SESSION_UPDATE"):
                error = await bob.refused(kind, conversationId="c1", title="x")
                assert error["code"] == "SESSION_NOT_FOUND"
            assert (await bob.call("SESSION_LIST"))["total"] == 0
            await bob.say("我的", conversationId="c1")
            assert here.asked()[1:] == [("user", "我的")]
            await bob.send("TYPING_START")
            await alice.send("HEARTBEAT")
            assert (await alice.next())["type"] == "HEARTBEAT"
            assert "ONLINE_STATUS" not in kinds(alice.seen)
            assert await history(alice, "c1") == [("user", "秘密"), ("assistant", "好")]


# --- presence ---------------------------------------------------------------------------------------


async def test_connections_of_a_session_see_each_other(tmp_path: Path) -> None:
    async with place(tmp_path) as here, scm_client(here.server) as first:
        async with scm_client(here.server) as second, scm_client(here.server, session_id="other") as other:
            came = await first.next()
            assert (came["type"], came["data"]["online"]) == ("ONLINE_STATUS", True)
            await second.send("TYPING_START", field="message")
            await second.send("TYPING_STOP")
            await second.send("ONLINE_STATUS", status="busy")
            passed = [await first.next() for _ in range(3)]
            assert kinds(passed) == ["TYPING_START", "TYPING_STOP", "ONLINE_STATUS"]
            assert passed[0]["data"] == {"field": "message"}
            assert passed[2]["data"] == {"status": "busy"}
            for client in (second, other):
                await client.send("HEARTBEAT")
                assert (await client.next())["type"] == "HEARTBEAT"
        went = await first.next()
        assert (went["type"], went["data"]["online"]) == ("ONLINE_STATUS", False)


# --- who, how much, how long ------------------------------------------------------------------------


async def test_the_first_words_name_the_connection_and_its_heartbeat(tmp_path: Path) -> None:
    async with place(tmp_path, heartbeat={"interval": 0.5}) as here, scm_client(here.server) as client:
        connect, greeting = client.seen
        assert set(connect) == {"type", "sessionId", "userId", "data", "timestamp"}
        assert (connect["sessionId"], connect["userId"]) == ("session001", "user001")
        assert connect["data"]["heartbeatInterval"] == 500
        assert connect["data"]["connectionId"]
        assert greeting["data"]["message"]
        assert (await client.next())["type"] == "HEARTBEAT"


async def test_silence_ends_a_connection_after_a_time_of_its_own(tmp_path: Path) -> None:
    heartbeat = {"interval": 0.1, "timeout": 0.1, "scm_timeout": 1.0}
    loop = asyncio.get_running_loop()
    async with place(tmp_path, heartbeat=heartbeat) as here:
        began = loop.time()
        async with scm_client(here.server) as client:
            assert await client.closed() == 4012
        assert loop.time() - began >= 1.0
        assert client.seen[-1]["type"] == "DISCONNECT"


async def test_a_disconnect_is_a_normal_close(tmp_path: Path) -> None:
    async with place(tmp_path) as here, scm_client(here.server) as client:
        await client.send("DISCONNECT")
        assert await client.closed() == 1000


async def test_a_message_that_is_none_is_answered(tmp_path: Path) -> None:
    async with place(tmp_path) as here, scm_client(here.server) as client:
        await client.ws.send_str("nonsense")
        assert (await client.until("ERROR"))["code"] == "INVALID_MESSAGE"
        await client.ws.send_bytes(b"{}")
        assert (await client.until("ERROR"))["code"] == "INVALID_MESSAGE"
        error = await client.refused("NOPE", requestId="r1")
        assert (error["code"], error["requestId"]) == ("UNKNOWN_MESSAGE_TYPE", "r1")
        assert "NOPE" in error["data"]


async def test_messages_queries_and_sizes_have_their_limits(tmp_path: Path) -> None:
    limits = {"messages_per_minute": 4, "queries_per_session": 1, "max_message_bytes": 2048}
    async with place(tmp_path, lambda body: itertools.repeat("词"), limits=limits) as here:
        async with scm_client(here.server) as client:
            await client.send("CHAT_REQUEST", message="数到无穷", requestId="r1")
            await client.until("CHAT_STREAM_START")
            error = await client.refused("CHAT_REQUEST", message="再来", requestId="r2")
            assert (error["code"], error["requestId"]) == ("RESOURCE_LIMIT_EXCEEDED", "r2")
            for _ in range(2):
                await client.call("SESSION_LIST")
            error = await client.refused("SESSION_LIST", requestId="r3")
            assert (error["code"], error["requestId"]) == ("RATE_LIMITED", "r3")
            assert error["retryAfter"] > 0
            await client.send("HEARTBEAT")
            await client.until("HEARTBEAT")
            await client.send("CHAT_CANCEL", requestId="r1")
            assert (await client.until("CHAT_STREAM_END"))["data"]["finishReason"] == "cancelled"
            await client.ws.send_str("x" * 2049)
            assert await client.closed() == 1009


async def test_each_connection_of_a_session_needs_its_place(tmp_path: Path) -> None:
    async with place(tmp_path, limits={"connections_per_user": 2}) as here:
        async with scm_client(here.server), scm_client(here.server), scm_client(here.server, "another"):
            address = f"{here.server.address}{ADDRESS}?userId=user001&sessionId=session001"
            async with here.server.http.ws_connect(address) as ws:
                assert await ScmClient(ws).closed() == 4504


async def test_a_token_says_who_one_is(tmp_path: Path) -> None:
    auth = {"mode": "jwt", "secret": SECRET}
    async with place(tmp_path, lambda body: "好", auth=auth) as here:
        bearer = {"Authorization": f"Bearer {token('alice')}"}
        async with scm_client(here.server, None, headers=bearer) as client:
            assert client.seen[0]["userId"] == "alice"
            await client.send("REFRESH_TOKEN", token=token("alice", seconds=600))
            refreshed = await client.until("TOKEN_REFRESHED")
            assert refreshed["data"]["expires_at"] > 1_000_000_000_000
            error = await client.refused("REFRESH_TOKEN", token=token("bob"), requestId="r1")
            assert (error["code"], error["requestId"]) == ("AUTHENTICATION_FAILED", "r1")
        async with scm_client(here.server, "alice", protocols=("Bearer", token("alice"))) as client:
            assert (await client.say("你好"))[-1]["data"]["finishReason"] == "completed"
        for address, status in (("?userId=bob", 403), ("?userId=%0a", 422), ("?sessionId=a/b", 422)):
            url = here.server.address + ADDRESS + address
            async with here.server.http.get(url, headers=bearer) as response:
                assert response.status == status, await response.text()
        async with here.server.http.get(f"{here.server.address}{ADDRESS}?userId=alice") as response:
            assert response.status == 401


async def test_a_token_that_expires_ends_the_connection(tmp_path: Path) -> None:
    clock, auth = ManualClock(), {"mode": "jwt", "secret": SECRET}
    async with place(tmp_path, clock=clock, auth=auth, heartbeat={"interval": 0.2}) as here:
        shown = token("alice", seconds=60, now=clock.now().timestamp())
        async with scm_client(here.server, "alice", headers={"Authorization": f"Bearer {shown}"}) as client:
            clock.advance(61)
            assert await client.closed() == 4401
