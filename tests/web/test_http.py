"""The HTTP side: for administrators, for a query's owner, for whoever asks; and its one error shape."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.model_server import ModelServer, Status
from tests.support.serving import Served, make_shop, served

ENDLESS = "SELECT MAX(a.id + b.id + c.id + d.id) AS most FROM orders a, orders b, orders c, orders d"

LARGE = b"x" * (2 << 20)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with ModelServer(lambda body: "words") as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {
                "shop": {
                    "type": "sqlite",
                    "path": str(make_shop(tmp_path / "shop.db")),
                    "description": "小店",
                    "examples": ["每个城市的销售额"],
                },
                "gone": {"type": "sqlite", "path": str(tmp_path / "gone.db")},
            },
            "server": {
                "allowed_origins": ["https://intranet.example.com"],
                "allowed_hosts": ["db.example.com"],
            },
        }
        async with served(tmp_path, settings) as running:
            yield running


async def test_connections_and_broadcast(server: Served) -> None:
    async with server.client(), server.client() as client:
        assert await server.get("/text2sql/connections") == {
            "total_connections": 2,
            "total_users": 1,
            "sessions_per_user": {"1": 2},
            "average_sessions_per_user": 2,
        }
        sent = await server.post("/text2sql/broadcast", {"message": "维护", "message_type": "maintenance"})
        assert sent == {"message": "消息已广播", "sent_to": 2, "total_connections": 2}
        status = await client.next()
        assert (status["type"], status["data"]) == (
            "system_status",
            {"message": "维护", "type": "maintenance"},
        )
        await server.post("/text2sql/broadcast", {"message": "x"})
        assert (await client.next())["data"]["type"] == "system_status"


async def test_a_running_query_is_listed_found_and_cancelled(server: Served) -> None:
    async with server.client(session_id="s1") as client:
        query_id = await client.ask(ENDLESS, datasource="shop")
        while (await client.until("query_progress"))["data"]["progress"]["stage"] != "executing_sql":
            pass
        listed = (await server.get("/text2sql/queries"))[query_id]
        assert (listed["session_id"], listed["user_id"], listed["status"]) == ("s1", "1", "running")
        assert (listed["current_stage"], listed["datasource"]) == ("executing_sql", "shop")
        assert listed["start_time"].endswith("Z")
        running = await server.get(f"/text2sql/queries/{query_id}")
        assert (running["status"], running["stage"], running["results"]) == ("running", "executing_sql", None)
        done = await server.post(f"/text2sql/queries/{query_id}/cancel")
        assert done["query_id"] == query_id
        assert (await client.until("query_cancel"))["data"]["query_id"] == query_id
        assert (await server.get(f"/text2sql/queries/{query_id}"))["status"] == "cancelled"
        assert await server.get("/text2sql/queries") == {}
        await server.post(f"/text2sql/queries/{query_id}/cancel", status=404)


async def test_an_ended_query_can_still_be_asked_for(server: Served) -> None:
    async with server.client() as client:
        ended = (await client.answer("SELECT name FROM cities ORDER BY id", datasource="shop"))[-1]["data"]
        failed = (await client.answer("SELECT nope FROM cities", datasource="shop"))[-1]["data"]
    kept = await server.get(f"/text2sql/queries/{ended['query_id']}")
    for field in ("sql", "results", "explanation", "visualization"):
        assert kept[field] == ended[field]
    assert (kept["status"], kept["stage"], kept["query"]) == ("completed", "completed", ended["sql"])
    kept = await server.get(f"/text2sql/queries/{failed['query_id']}?locale=en")
    assert (kept["status"], kept["error"]["code"]) == ("failed", "SQL_EXECUTION_FAILED")
    assert kept["error"]["title"] == "SQL execution failed"


async def test_what_may_be_asked_about(server: Served) -> None:
    body = await server.get("/text2sql/datasources")
    shop, gone = body["datasources"]
    assert (shop["name"], shop["type"], shop["status"], shop["description"]) == (
        "shop",
        "sqlite",
        "up",
        "小店",
    )
    assert shop["examples"] == ["每个城市的销售额"]
    cities = next(table for table in shop["tables"] if table["name"] == "cities")
    assert cities["comment"] == "城市"
    assert cities["columns"][1] == {"name": "name", "type": "TEXT", "comment": "名称"}
    assert (gone["status"], gone["tables"]) == ("down", [])
    assert body["providers"] == [{"name": "main", "model": "m", "models": ["m"], "offline": False}]


async def test_health(server: Served) -> None:
    assert await server.get("/health/live") == {"status": "alive"}
    ready = await server.get("/health/ready")
    assert ready["datasources"] == {"shop": "up", "gone": "down"}


async def test_not_ready_without_any_data_source(tmp_path: Path) -> None:
    settings = {"datasources": {"gone": {"type": "sqlite", "path": str(tmp_path / "gone.db")}}}
    async with served(tmp_path, settings) as server:
        assert (await server.get("/health/ready", status=503))["status"] == "not_ready"


async def test_not_ready_while_no_provider_can_answer_and_ready_again(tmp_path: Path) -> None:
    """A provider is known by its list of models, and not before somebody looked."""
    async with ModelServer() as model:
        model.listing = Status(200, {"data": []})
        settings = {
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "monitor": {"probe_interval": 0.05, "probe_failures": 2, "probe_successes": 2},
        }
        async with served(tmp_path, settings) as server:
            for status, answer in ((200, Status(200)), (503, Status(500)), (200, Status(200))):
                model.listing = answer
                await until_ready_is(server, status)
            assert (await server.get("/health/ready"))["providers"] == {"main": "up"}


async def until_ready_is(server: Served, status: int) -> None:
    async with asyncio.timeout(15):
        while True:
            async with server.http.get(server.address + "/health/ready") as response:
                body = await response.json()
                if response.status == status and body["providers"]["main"] != "configured":
                    return
            await asyncio.sleep(0.02)


async def test_the_built_in_model_is_a_provider_that_answers(tmp_path: Path) -> None:
    settings = {
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "monitor": {"probe_interval": 0.05},
    }
    async with served(tmp_path, settings) as server, asyncio.timeout(15):
        while (await server.get("/health/ready"))["providers"] != {"offline": "up"}:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nope", None, 404, "INVALID_MESSAGE"),
        ("DELETE", "/text2sql/queries", None, 405, "INVALID_MESSAGE"),
        ("GET", "/text2sql/queries/nope", None, 404, "QUERY_NOT_FOUND"),
        ("POST", "/text2sql/queries/nope/cancel", None, 404, "QUERY_NOT_FOUND"),
        ("POST", "/text2sql/broadcast", b"", 422, "INVALID_MESSAGE"),
        ("POST", "/text2sql/broadcast", b"[]", 422, "INVALID_MESSAGE"),
        ("POST", "/text2sql/broadcast", b"{}", 422, "INVALID_MESSAGE"),
        ("POST", "/text2sql/broadcast", b'{"message": 3}', 422, "INVALID_MESSAGE"),
        ("POST", "/text2sql/broadcast", b'{"message": "\xff"}', 422, "INVALID_MESSAGE"),
        ("POST", "/text2sql/broadcast", LARGE, 413, "INVALID_MESSAGE"),
        ("GET", "/static/../setup.cfg", None, 404, "INVALID_MESSAGE"),
        ("GET", "/static/%2e%2e/setup.cfg", None, 404, "INVALID_MESSAGE"),
        ("GET", "/text2sql/websocket?session_id=a%20b", None, 422, "INVALID_MESSAGE"),
        ("GET", "/text2sql/websocket?last_sequence=x", None, 422, "INVALID_MESSAGE"),
    ],
)  # fmt: skip
async def test_errors_have_one_shape(
    server: Served, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    data = io.BytesIO(body) if body is not None else None
    async with server.http.request(method, server.address + path, data=data) as response:
        assert response.status == status
        error = (await response.json())["error"]
    assert error["code"] == code
    assert {"level", "title", "message", "suggestion", "can_retry"} <= set(error)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example.com"}, 421),
        ({"Host": "evil.example.com:12224"}, 421),
        ({"Host": "127.0.0.1.evil.example.com"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:80"}, 200),
        ({"Host": "DB.example.com"}, 200),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://intranet.example.com"}, 200),
        ({"Host": "db.example.com", "Origin": "http://db.example.com"}, 200),
    ],
)
async def test_only_our_own_host_and_known_origins(
    server: Served, headers: dict[str, str], status: int
) -> None:
    async with server.http.get(f"{server.address}/health/live", headers=headers) as response:
        assert response.status == status


async def test_a_foreign_page_gets_no_socket(server: Served) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with server.client(headers={"Origin": "https://evil.example.com"}):
            pass
    assert refused.value.status == 403


async def test_every_page_has_its_security_headers(server: Served) -> None:
    for path in ("/", "/static/js/main.js", "/health/live", "/nope"):
        async with server.http.get(server.address + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "script-src 'self'" in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_the_chart_bundle_is_ours(server: Served) -> None:
    async with server.http.get(f"{server.address}/static/vega.js") as response:
        assert response.status == 200
        assert response.content_type == "text/javascript"
        assert len(await response.read()) > 100_000


async def test_the_built_in_model_may_be_called_by_anyone(server: Served) -> None:
    body = {"model": "offline-rules", "messages": [{"role": "user", "content": "hello"}]}
    whole = await server.post("/offline/v1/chat/completions", body)
    assert whole["choices"][0]["message"]["content"]
    async with server.http.post(
        f"{server.address}/offline/v1/chat/completions",
        json=body | {"stream": True, "stream_options": {"include_usage": True}},
    ) as response:
        assert response.content_type == "text/event-stream"
        text = await response.text()
    assert text.endswith("data: [DONE]\n\n")
    assert '"usage"' in text
    await server.post("/offline/v1/chat/completions", {"messages": []}, status=400)
    assert (await server.get("/offline/v1/models"))["data"][0]["id"] == "offline-rules"


async def test_a_body_that_never_comes_is_not_waited_for_without_end(server: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.address.rsplit(":", 1)[1]))
    writer.write(b"POST /text2sql/broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
    async with asyncio.timeout(15):
        assert b"422" in await reader.readline()
    writer.close()
    await writer.wait_closed()
