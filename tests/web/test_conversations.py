"""`/api/conversations`: one's own history, searched, renamed, deleted, downloaded; and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.support.model_server import ModelServer
from tests.support.scm_client import scm_client
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from tests.web.test_export import Stalled
from text2sql_ws.clock import SystemClock
from text2sql_ws.conversations import PAGE_SIZE, Conversations
from text2sql_ws.messages import Said
from text2sql_ws.storage.database import open_database

SAID = "```sql\nSELECT name FROM cities\n```"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    async with ModelServer(lambda body: SAID) as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": shop},
            "auth": {"mode": "jwt", "secret": SECRET},
        }
        async with served(tmp_path, settings) as running:
            yield running


def bearer(user_id: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user_id)}"}


async def asked(server: Served, user_id: str, conversation_id: str, question: str) -> None:
    async with server.client(headers=bearer(user_id)) as client:
        answer = await client.answer(question, conversation_id=conversation_id)
        assert answer[-1]["type"] == "query_complete"


async def called(
    server: Served, method: str, path: str, user_id: str = "alice", body: Any = None, status: int = 200
) -> Any:
    url = f"{server.address}/api/conversations{path}"
    async with server.http.request(method, url, headers=bearer(user_id), json=body) as response:
        assert response.status == status, await response.text()
        return await response.json()


async def the_one(server: Served) -> Any:
    (found,) = (await called(server, "GET", ""))["conversations"]
    return found


async def test_a_history_lists_what_was_asked_last_first(server: Served) -> None:
    for name in ("c1", "c2", "c3"):
        await asked(server, "alice", name, f"有哪些城市 {name}")
    await asked(server, "alice", "c1", "再来一次")
    first = await called(server, "GET", "?page_size=2")
    assert [shown["conversation_id"] for shown in first["conversations"]] == ["c1", "c3"]
    assert (first["total"], first["page"], first["page_size"]) == (3, 1, 2)
    assert first["conversations"][0]["title"] == "有哪些城市 c1"
    assert first["conversations"][0]["message_count"] == 4
    assert first["conversations"][0]["space"] == "ask"
    second = await called(server, "GET", "?page_size=2&page=2")
    assert [shown["conversation_id"] for shown in second["conversations"]] == ["c2"]


async def test_a_conversation_has_its_answers_with_sql_rows_and_chart(server: Served) -> None:
    await asked(server, "alice", "c1", "有哪些城市")
    whole = await called(server, "GET", f"/{(await the_one(server))['id']}")
    question, answer = whole["messages"]
    assert (question["role"], question["content"]) == ("user", "有哪些城市")
    assert (answer["role"], answer["status"], answer["parent_id"]) == (
        "assistant",
        "complete",
        question["id"],
    )
    assert "cities" in answer["sql"]
    assert answer["results"]["row_count"] == 3
    assert answer["results"]["data"][0] == {"name": "上海"}
    assert answer["visualization"]["chart_type"]
    assert whole["has_more"] is False


async def test_a_long_conversation_comes_in_pieces(server: Served) -> None:
    for number in range(3):
        await asked(server, "alice", "c1", f"有哪些城市 {number}")
    path = f"/{(await the_one(server))['id']}"
    latest = await called(server, "GET", path + "?limit=4")
    assert [message["role"] for message in latest["messages"]] == ["user", "assistant"] * 2
    assert latest["has_more"] is True
    first = await called(server, "GET", f"{path}?limit=4&before={latest['messages'][0]['position']}")
    assert first["messages"][0]["content"] == "有哪些城市 0"
    assert (len(first["messages"]), first["has_more"]) == (2, False)


async def test_a_search_finds_titles_and_messages_and_shows_where(server: Served) -> None:
    await asked(server, "alice", "c1", "SELECT name FROM cities WHERE name LIKE '100%'")
    await asked(server, "alice", "c2", "有哪些城市")
    found = await called(server, "GET", "?q=like '100%25")
    assert [shown["conversation_id"] for shown in found["conversations"]] == ["c1"]
    assert found["total"] == 1
    assert "LIKE '100%" in found["conversations"][0]["matches"][0]["snippet"]
    assert (await called(server, "GET", "?q=没有这个词"))["conversations"] == []
    renamed = await the_first_of(server, "c2")
    await called(server, "PATCH", f"/{renamed['id']}", body={"title": "地理"})
    found = await called(server, "GET", "?q=地理")
    assert [shown["conversation_id"] for shown in found["conversations"]] == ["c2"]
    assert found["conversations"][0]["matches"] == []


async def test_every_conversation_that_is_found_shows_its_own_matches(server: Served) -> None:
    for name in ("c1", "c2"):
        for _ in range(2):
            await asked(server, "alice", name, "有哪些城市")
    found = (await called(server, "GET", "?q=城市"))["conversations"]
    assert [len(shown["matches"]) for shown in found] == [2, 2]


async def the_first_of(server: Served, name: str) -> Any:
    listed = (await called(server, "GET", ""))["conversations"]
    return next(shown for shown in listed if shown["conversation_id"] == name)


async def test_a_title_changes_and_a_conversation_goes(server: Served) -> None:
    await asked(server, "alice", "c1", "有哪些城市")
    path = f"/{(await the_one(server))['id']}"
    assert (await called(server, "PATCH", path, body={"title": " 城市 "}))["title"] == "城市"
    for body in ({}, {"title": " "}, {"title": 1}, {"title": "长" * 201}, []):
        assert "code" in (await called(server, "PATCH", path, body=body, status=422))["error"]
    assert (await called(server, "DELETE", path))["deleted"] is True
    await called(server, "GET", path, status=404)
    assert (await called(server, "GET", ""))["total"] == 0


async def test_another_users_conversation_is_not_there(server: Served) -> None:
    await asked(server, "alice", "c1", "有哪些城市")
    path = f"/{(await the_one(server))['id']}"
    calls = (("GET", path), ("PATCH", path), ("DELETE", path), ("GET", path + "/export"), ("GET", "/nope"))
    for method, address in calls:
        answer = await called(server, method, address, "mallory", body={"title": "x"}, status=404)
        assert answer["error"]["code"] == "SESSION_NOT_FOUND"
    assert (await called(server, "GET", "?q=城市", "mallory"))["conversations"] == []
    assert (await the_one(server))["title"] == "有哪些城市"


@pytest.mark.parametrize(
    "path", ["?page=0", "?page=x", "?page_size=101", "?page=9999999999999", "/nope?limit=0"]
)
async def test_numbers_out_of_bounds_are_named(server: Served, path: str) -> None:
    status = 404 if path.startswith("/") else 422
    assert "message" in (await called(server, "GET", path, status=status))["error"]


async def test_a_download_as_markdown_is_for_people(server: Served) -> None:
    await asked(server, "alice", "c1", "有哪些城市")
    path = f"/api/conversations/{(await the_one(server))['id']}/export"
    async with server.http.get(server.address + path, headers=bearer("alice")) as response:
        text = await response.text()
        assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert text.startswith("# 有哪些城市\n\n## 提问 · ")
    assert "```sql\nSELECT" in text
    assert "| name |\n| --- |\n| 上海 |\n| 北京 |\n| 广州 |\n\n共 3 行，显示 3 行" in text


async def test_a_download_as_json_holds_every_message(server: Served) -> None:
    await asked(server, "alice", "c1", "有哪些城市")
    path = f"/{(await the_one(server))['id']}"
    whole = await called(server, "GET", path)
    exported = await called(server, "GET", path + "/export?format=json")
    assert exported == {name: value for name, value in whole.items() if name != "has_more"}
    await called(server, "GET", path + "/export?format=pdf", status=422)


async def test_a_conversation_without_messages_downloads_as_its_title(server: Served) -> None:
    async with scm_client(server, "alice", headers=bearer("alice")) as client:
        await client.call("SESSION_CREATE", title="空的")
    path = f"/{(await the_one(server))['id']}"
    url = f"{server.address}/api/conversations{path}/export"
    async with server.http.get(url, headers=bearer("alice")) as response:
        assert await response.text() == "# 空的\n"
    assert (await called(server, "GET", path + "/export?format=json"))["messages"] == []


async def test_a_long_conversation_downloads_whole(server: Served) -> None:
    async with scm_client(server, "alice", headers=bearer("alice")) as client:
        for number in range(PAGE_SIZE // 2 + 1):
            await client.say(f"第{number}句", streaming=False)
    exported = await called(server, "GET", f"/{(await the_one(server))['id']}/export?format=json")
    assert len(exported["messages"]) == PAGE_SIZE + 2
    said = [one["content"] for one in exported["messages"] if one["role"] == "user"]
    assert said == [f"第{number}句" for number in range(PAGE_SIZE // 2 + 1)]


async def test_who_takes_nothing_of_a_download_is_cut_off(tmp_path: Path) -> None:
    settings = {"limits": {"slow_client_timeout": 0.3}}
    async with served(tmp_path, settings) as server:
        database = await open_database(f"sqlite:///{tmp_path}/own.db")
        kept = Conversations(database, SystemClock())
        conversation = await kept.open("ask", "1", "long")
        for _ in range(10):
            await kept.add(conversation, *(Said("user", "x" * 100_000) for _ in range(10)))
        await database.aclose()
        path = f"/api/conversations/{conversation.id}/export"
        with capture_logs() as logged:
            client = Stalled(server, path)
            assert await client.first_bytes()
            async with asyncio.timeout(10):
                while not any(line["event"] == "http" and line["path"] == path for line in logged):
                    await asyncio.sleep(0.02)
        assert not (await client.rest()).endswith(b"0\r\n\r\n"), "the chunk that ends a whole response"
        client.close()
        assert [line for line in logged if line["log_level"] == "error"] == []
