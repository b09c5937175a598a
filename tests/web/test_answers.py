"""One question's way through the real server: real sockets, a real database, a real model server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.model_server import CLOSE, Body, Finish, ModelServer, Reasoning, Spent, Status
from tests.support.serving import ENDINGS, Message, Served, make_shop, served

SQL = "SELECT c.name, SUM(o.amount) AS total FROM orders o JOIN cities c ON c.id = o.city_id GROUP BY c.name"
SAID = f"```sql\n{SQL}\n```"
STAGES = (
    "analyzing", "selecting_datasource", "connecting_database", "retrieving_schema", "generating_sql",
    "validating_sql", "executing_sql", "processing_results", "generating_explanation",
    "recommending_visualization", "completed",
)  # fmt: skip
START = (10, 15, 20, 25, 45, 55, 70, 80, 90, 95, 100)


class Shop:
    """A server over the little shop, and the model behind it, which answers what it is told to."""

    def __init__(self, server: Served, model: ModelServer, script: list[Any]) -> None:
        self.server = server
        self.model = model
        self._script = script

    def says(self, *answers: Any) -> None:
        self._script[:] = answers


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    script: list[Any] = []
    async with ModelServer(lambda body: script.pop(0) if script else "It is so.") as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m", "models": ["m2"]}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "abbreviations": {"city": {"沪": "上海"}},
        }
        async with served(tmp_path, settings) as server:
            yield Shop(server, model, script)


def kinds(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages]


def ending(messages: list[Message]) -> Message:
    data: Message = messages[-1]["data"]
    return data


async def test_a_question_is_answered_in_the_order_of_the_contract(shop: Shop) -> None:
    shop.says(
        [Reasoning("按城市汇总"), "```sql\n", SQL, "\n```", Spent(100, 20)], ["上海", "最高。", Spent(50, 4)]
    )
    async with shop.server.client() as client:
        messages = await client.answer("每个城市的销售额")
    order = [kind for kind in kinds(messages) if kind != "query_progress"]
    ranks = ["query_start", "query_token", "query_sql", "query_result", "query_token", "query_complete"]
    collapsed = [kind for i, kind in enumerate(order) if i == 0 or order[i - 1] != kind]
    assert collapsed == ranks
    began: dict[str, int] = {}
    for message in messages:
        if message["type"] == "query_progress":
            progress = message["data"]["progress"]
            began.setdefault(progress["stage"], progress["progress"])
    assert tuple(began.items()) == tuple(zip(STAGES, START, strict=True))
    assert [m["sequence"] for m in messages] == list(range(1, len(messages) + 1))
    complete = ending(messages)
    assert complete["sql"] == SQL
    assert complete["results"]["row_count"] == 3
    assert {row["name"] for row in complete["results"]["data"]} == {"上海", "北京", "广州"}
    assert complete["explanation"] == {"explanation": "上海最高。", "complexity": "medium"}
    assert complete["usage"] == {"prompt_tokens": 150, "completion_tokens": 24, "total_tokens": 174}
    assert (complete["attempts"], complete["warnings"]) == (1, [])
    tokens = [m["data"] for m in messages if m["type"] == "query_token"]
    assert "".join(t["delta"] for t in tokens if t["kind"] == "sql") == SAID
    assert "".join(t["delta"] for t in tokens if t["kind"] == "reasoning") == "按城市汇总"


async def test_what_the_model_is_sent(shop: Shop) -> None:
    shop.says(SAID)
    async with shop.server.client(locale="en") as client:
        await client.answer("sales by city", provider="main", model="m2")
    asked, explained = (request.body for request in shop.model.requests)
    assert asked["model"] == "m2"
    assert asked["stream"] is True
    system = asked["messages"][0]["content"]
    assert "`amount` REAL, -- 金额" in system
    assert "FOREIGN KEY (`city_id`) REFERENCES `cities` (`id`)" in system
    assert "examples: '上海', '北京', '广州'" in system
    assert asked["messages"][-1] == {"role": "user", "content": "sales by city"}
    assert "上海" in explained["messages"][-1]["content"]


async def test_a_rewrite_shows_as_a_second_attempt(shop: Shop) -> None:
    shop.says("```sql\nSELECT nope FROM orders\n```", SAID)
    async with shop.server.client() as client:
        messages = await client.answer("每个城市的销售额")
    assert ending(messages)["attempts"] == 2
    assert [m["data"]["attempt"] for m in messages if m["type"] == "query_sql"] == [1, 2]
    assert "no such column: nope" in shop.model.requests[1].body["messages"][-1]["content"]


async def test_two_failures_end_the_query_with_the_databases_words(shop: Shop) -> None:
    shop.says("```sql\nSELECT nope FROM orders\n```", "```sql\nSELECT nope2 FROM orders\n```")
    async with shop.server.client() as client:
        messages = await client.answer("q")
    failed = ending(messages)
    assert messages[-1]["type"] == "query_error"
    assert (failed["code"], failed["stage"], failed["can_retry"]) == (
        "SQL_EXECUTION_FAILED",
        "executing_sql",
        True,
    )
    assert "nope2" in failed["error"]
    assert str(Path.cwd()) not in failed["error"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("DELETE FROM orders", "SQL_NOT_READ_ONLY"),
        ("SELECT 1; SELECT 2", "SQL_NOT_READ_ONLY"),
        ("SELECT load_extension('x')", "SQL_NOT_READ_ONLY"),
        ("SELECT * FROM sqlite_master", "INSUFFICIENT_PERMISSIONS"),
        ("SELECT * FROM other.orders", "INSUFFICIENT_PERMISSIONS"),
    ],
)
async def test_sql_that_may_not_run_does_not(shop: Shop, sql: str, code: str) -> None:
    shop.says(f"```sql\n{sql}\n```")
    async with shop.server.client() as client:
        written = await client.answer("q")
        asked = await client.answer(sql)
    for messages in (written, asked):
        assert ending(messages)["code"] == code
        assert ending(messages)["stage"] == "validating_sql"
        assert "query_sql" not in kinds(messages)
    assert len(shop.model.requests) == 1


async def test_a_question_that_is_sql_is_never_sent_to_the_model(shop: Shop) -> None:
    async with shop.server.client() as client:
        messages = await client.answer(
            "SELECT id FROM orders WHERE city_id = (SELECT id FROM cities WHERE name = '沪')"
        )
    assert ending(messages)["results"]["row_count"] == 333
    assert "'上海'" in ending(messages)["sql"]
    assert shop.model.requests == []
    assert "query_token" not in kinds(messages)


async def test_a_greeting_is_answered_in_words(shop: Shop) -> None:
    shop.says("你好！可以问我订单。")
    async with shop.server.client() as client:
        messages = await client.answer("你好")
    complete = ending(messages)
    assert complete["sql"] is None
    assert complete["results"] == {"columns": [], "row_count": 0, "truncated": False, "chunks": 0, "data": []}
    assert complete["explanation"]["explanation"] == "你好！可以问我订单。"
    assert "query_result" not in kinds(messages)


@pytest.mark.parametrize(
    "broken",
    [
        ["```sql\nSELECT 1", CLOSE],
        ["```sql\nSELECT 1", Finish("length")],
        ["```sql\nSELECT 1", Finish("content_filter")],
        ["```sql\nSELECT 1", Body(b'data: {"error": {"message": "overloaded"}}\n\n')],
        [Status(401, {"error": {"message": "bad key"}})],
        [Status(200, "<html><title>Login</title></html>")],
        [""],
    ],
    ids=["cut", "length", "filter", "error event", "401", "html", "empty"],
)
async def test_half_an_answer_is_never_run(shop: Shop, broken: list[Any]) -> None:
    shop.says(broken)
    async with shop.server.client() as client:
        messages = await client.answer("q")
    failed = ending(messages)
    assert (failed["code"], failed["stage"]) == ("LLM_SERVICE_ERROR", "generating_sql")
    assert "query_sql" not in kinds(messages)


async def test_rows_come_in_chunks_and_are_capped(shop: Shop) -> None:
    async with shop.server.client() as client:
        messages = await client.answer(
            "SELECT id, amount FROM orders", max_rows=250, chunk_rows=100, explain=False
        )
    chunks = [m["data"] for m in messages if m["type"] == "query_result"]
    rows = [row for chunk in chunks for row in chunk["rows"]]
    assert len(rows) == 250
    assert [chunk["chunk_index"] for chunk in chunks] == list(range(len(chunks)))
    assert all(len(chunk["rows"]) <= 100 for chunk in chunks)
    assert [chunk["is_last"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    offset = 0
    for chunk in chunks:
        assert chunk["row_offset"] == offset
        offset += len(chunk["rows"])
    results = ending(messages)["results"]
    assert (results["row_count"], results["truncated"], results["chunks"]) == (250, True, len(chunks))
    assert len(results["data"]) == 100
    assert ending(messages)["explanation"]["explanation"] == ""


async def test_nothing_found_is_a_warning(shop: Shop) -> None:
    async with shop.server.client() as client:
        messages = await client.answer("SELECT id FROM orders WHERE id < 0")
    assert [warning["code"] for warning in ending(messages)["warnings"]] == ["NO_DATA_RETURNED"]
    assert [m["data"]["is_last"] for m in messages if m["type"] == "query_result"] == [True]


async def test_options_that_name_what_is_not_there_are_refused_with_what_is(shop: Shop) -> None:
    async with shop.server.client(locale="en") as client:
        for option, known in (({"provider": "x"}, "main"), ({"model": "x"}, "m2")):
            await client.send("query_request", query="q", options=option)
            refused = (await client.next())["data"]
            assert refused["code"] == "INVALID_MESSAGE"
            assert known in refused["error"]


async def test_connection_details_from_a_client_are_refused(shop: Shop) -> None:
    async with shop.server.client() as client:
        await client.send(
            "query_request", query="q", database_config={"type": "mysql", "host": "h", "password": "p"}
        )
        refused = (await client.next())["data"]
    assert refused["code"] == "INSUFFICIENT_PERMISSIONS"
    assert "host" in refused["error"]


async def test_data_sources_are_chosen_by_name_and_by_type(shop: Shop) -> None:
    async with shop.server.client() as client:
        for config, code in (
            ({"datasource": "shop"}, None),
            ({"type": "sqlite"}, None),
            ({"datasource": "nope"}, "DATASOURCE_NOT_FOUND"),
            ({"type": "mysql"}, "DATASOURCE_NOT_FOUND"),
        ):
            await client.send("query_request", query="SELECT 1 AS one FROM cities", database_config=config)
            assert (await client.until(*ENDINGS))["data"].get("code") == code


async def test_a_failed_query_is_retried_from_the_stage_that_failed(shop: Shop) -> None:
    shop.says([Status(401, {"error": {"message": "bad key"}})])
    async with shop.server.client() as client:
        failed = await client.answer("每个城市的销售额")
        shop.says(SAID)
        failed_id = ending(failed)["query_id"]
        await client.send("query_retry", query_id=failed_id)
        started = await client.until("query_start")
        first = await client.until("query_progress")
        await client.until("query_complete")
        assert started["data"]["retry_of"] == failed_id
        assert started["data"]["query_id"] != failed_id
        assert first["data"]["progress"]["stage"] == "generating_sql"
        await client.send("query_retry", query_id=started["data"]["query_id"])
        assert (await client.next())["data"]["code"] == "INVALID_MESSAGE"
        await client.send("query_retry", query_id="nope")
        assert (await client.next())["data"]["code"] == "QUERY_NOT_FOUND"


async def test_a_conversation_reminds_the_model(shop: Shop) -> None:
    shop.says(SAID, "x", SAID, "x")
    async with shop.server.client() as client:
        await client.answer("每个城市的销售额", conversation_id="c1")
        await client.answer("那去年呢", conversation_id="c1")
        await client.answer("SELECT 1 AS one FROM cities", conversation_id="another")
    reminded = [message["content"] for message in shop.model.requests[2].body["messages"]]
    assert "每个城市的销售额" in reminded
    assert f"```sql\n{SQL}\n```" in reminded


async def test_feedback_is_stored(shop: Shop) -> None:
    async with shop.server.client() as client:
        messages = await client.answer("SELECT 1 AS one FROM cities")
        await client.send(
            "user_feedback", query_id=ending(messages)["query_id"], feedback={"rating": 1, "why": ["清楚"]}
        )
        received = await client.next()
    assert received["type"] == "user_feedback"
    assert received["data"] == {"status": "received", "message": "感谢您的反馈"}


async def test_errors_leave_the_connection_open_and_in_the_language_that_was_asked_for(shop: Shop) -> None:
    async with shop.server.client(locale="en") as client:
        for text in ("", "{", "[]", '{"type": "nope"}', '{"type": "query_request", "data": {"query": ""}}'):
            await client.ws.send_str(text)
            refused = await client.next()
            assert refused["type"] == "query_error"
            assert "sequence" not in refused
        await client.ws.send_bytes(b"x")
        assert (await client.next())["data"]["title"] == "Invalid message"
        await client.send("heartbeat")
        assert (await client.next())["data"]["status"] == "alive"


async def test_three_queries_at_once_and_no_more(shop: Shop) -> None:
    endless = "SELECT MAX(a.id + b.id + c.id + d.id) AS most FROM orders a, orders b, orders c, orders d"
    async with shop.server.client() as client:
        running = [await client.ask(endless) for _ in range(3)]
        await client.send("query_request", query=endless)
        while (refused := await client.until("query_error"))["data"].get("query_id") in running:
            pass
        assert refused["data"]["code"] == "RESOURCE_LIMIT_EXCEEDED"
        for query_id in running:
            await client.send("query_cancel", query_id=query_id)
            assert (await client.until("query_cancel"))["data"]["query_id"] == query_id
        await client.answer("SELECT 1 AS one FROM cities")
