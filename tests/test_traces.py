"""Traces as a collector gets them: real queries of a real server, sent over OTLP to a real receiver."""

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.collector import Collector, Received
from tests.support.model_server import ModelServer, Spent, Status
from tests.support.serving import Served, make_shop, served
from tests.support.stream_client import ADDRESS, stream
from text2sql_ws.settings import Misconfigured, Tracing
from text2sql_ws.traces import check_tracing, sending

SQL = "SELECT name FROM cities"
SAID = f"```sql\n{SQL}\n```"
QUESTION = "城市都有哪些"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = {"traceparent": f"00-{TRACE}-{CALLER}-01"}


@asynccontextmanager
async def traced(
    folder: Path, model: ModelServer, tracing: dict[str, Any], **limits: Any
) -> AsyncIterator[Served]:
    provider = {"base_url": model.base_url, "model": "m-1", "max_retries": 0}
    given = {
        "llm": {"providers": {"main": provider}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
        "limits": limits,
        "tracing": tracing,
    }
    async with served(folder, given) as server:
        yield server


async def traces_of(folder: Path, model: ModelServer, *questions: str, **tracing: Any) -> Collector:
    """What a collector has when the server that was asked has gone."""
    async with Collector() as collector:
        async with traced(folder, model, {"endpoint": collector.address, **tracing}) as server:
            async with server.client() as client:
                for question in questions:
                    await client.answer(question)
        return collector


def the_one(spans: list[Received]) -> Received:
    (span,) = spans
    return span


async def test_a_query_is_a_span_and_its_stages_are_spans_in_it(tmp_path: Path) -> None:
    async with ModelServer([[SAID, Spent(120, 9)], ["三个城市。", Spent(80, 4)]]) as model:
        collector = await traces_of(tmp_path, model, QUESTION)
    query = the_one(collector.named("query"))
    assert (query.kind, query.parent_id, query.is_error) == ("SERVER", "", False)
    assert query.attributes["text2sql.ending"] == "completed"
    assert query.attributes["text2sql.rows"] == 3
    stages = collector.children(query)
    assert [stage.name for stage in stages] == [
        "analyzing", "selecting_datasource", "connecting_database", "retrieving_schema", "generating_sql",
        "validating_sql", "executing_sql", "processing_results", "generating_explanation",
        "recommending_visualization", "completed",
    ]  # fmt: skip
    assert {span.trace_id for span in collector.spans} == {query.trace_id}
    for before, after in itertools.pairwise(stages):
        assert before.ended == pytest.approx(after.began, abs=1e-5)
    assert query.began == pytest.approx(stages[0].began, abs=1e-5)
    assert query.ended == pytest.approx(stages[-1].ended, abs=1e-5)
    assert collector.resources[0]["service.name"] == "text2sql-ws"


async def test_a_models_call_says_which_model_and_how_many_tokens(tmp_path: Path) -> None:
    async with ModelServer([[SAID, Spent(120, 9)], ["三个城市。", Spent(80, 4)]]) as model:
        collector = await traces_of(tmp_path, model, QUESTION)
        port = int(model.base_url.split(":")[2].split("/")[0])
    first, second = (
        the_one(collector.children(the_one(collector.named(stage))))
        for stage in ("generating_sql", "generating_explanation")
    )
    assert (first.name, first.kind) == ("chat m-1", "CLIENT")
    took = first.attributes.pop("gen_ai.response.time_to_first_chunk")
    assert 0 < took <= first.ended - first.began
    assert first.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-1",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 9,
        "server.address": "127.0.0.1",
        "server.port": port,
        "text2sql.provider": "main",
    }
    assert second.attributes["gen_ai.usage.input_tokens"] == 80


async def test_a_statement_says_its_rows_and_its_text_only_where_that_is_allowed(tmp_path: Path) -> None:
    for allowed in (False, True):
        folder = tmp_path / str(allowed)
        folder.mkdir()
        async with ModelServer([[SAID], ["三个城市。"]]) as model:
            collector = await traces_of(folder, model, QUESTION, statements=allowed)
        statement = the_one(collector.children(the_one(collector.named("executing_sql"))))
        assert (statement.name, statement.kind) == ("SELECT shop.db", "CLIENT")
        ran = statement.attributes.pop("db.query.text", None)
        assert (ran or "").startswith("SELECT") == allowed
        assert statement.attributes == {
            "db.operation.name": "SELECT",
            "db.system.name": "sqlite",
            "db.namespace": "shop.db",
            "db.response.returned_rows": 3,
        }
        everything = b"".join(collector.bodies)
        assert (b"cities" in everything) == allowed
        for hidden in (QUESTION, "上海", "三个城市", str(folder)):
            assert hidden.encode() not in everything


async def test_a_statement_that_is_rewritten_has_a_span_for_each_attempt(tmp_path: Path) -> None:
    async with ModelServer(["SELECT name FROM towns", SAID, "三个城市。"]) as model:
        collector = await traces_of(tmp_path, model, QUESTION, statements=True)
    failed, ran = sorted(collector.named("SELECT shop.db"), key=lambda span: span.began)
    assert failed.is_error
    assert failed.attributes["error.type"] == "SQL_EXECUTION_FAILED"
    assert "towns" in failed.attributes["db.query.text"]
    assert "db.response.returned_rows" not in failed.attributes
    assert not ran.is_error
    assert "cities" in ran.attributes["db.query.text"]
    assert len(collector.named("generating_sql")) == len(collector.named("validating_sql")) == 2
    assert len(collector.named("chat m-1")) == 3
    query = the_one(collector.named("query"))
    assert (query.is_error, query.attributes["text2sql.attempts"]) == (False, 2)


async def test_a_failure_is_told_by_its_code_where_it_happened(tmp_path: Path) -> None:
    async with ModelServer([Status(500, "the secret of the model")]) as model:
        collector = await traces_of(tmp_path, model, QUESTION)
    for name in ("query", "generating_sql", "chat m-1"):
        span = the_one(collector.named(name))
        assert span.is_error
        assert span.said == span.attributes["error.type"] == "LLM_SERVICE_ERROR"
    assert b"secret" not in b"".join(collector.bodies)
    assert not the_one(collector.named("retrieving_schema")).is_error


async def test_what_the_guard_refuses_never_was_a_statement(tmp_path: Path) -> None:
    async with ModelServer(["DROP TABLE cities"]) as model:
        collector = await traces_of(tmp_path, model, QUESTION, statements=True)
    assert the_one(collector.named("query")).attributes["error.type"] == "SQL_NOT_READ_ONLY"
    assert b"db." not in b"".join(collector.bodies)


async def test_a_cancelled_query_is_no_error(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model, Collector() as collector:
        async with traced(tmp_path, model, {"endpoint": collector.address}) as server:
            async with server.client() as client:
                query_id = await client.ask(QUESTION)
                await client.until("query_token")
                await client.send("query_cancel", query_id=query_id)
                await client.until("query_cancel")
    query = the_one(collector.named("query"))
    assert (query.is_error, query.attributes["text2sql.ending"]) == (False, "cancelled")
    assert query.attributes["text2sql.query.id"] == query_id
    assert collector.children(query)[-1].name == "generating_sql"
    assert not the_one(collector.named("chat m-1")).is_error


async def test_who_traces_its_request_has_the_query_in_its_own_trace(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model, Collector() as collector:
        # Nothing but what callers ask for.
        async with traced(tmp_path, model, {"endpoint": collector.address, "sample": 0.0}) as server:
            async with server.client() as client:
                await client.answer("nobody's")
            async with server.client(headers=PARENT) as client:
                await client.answer(QUESTION)
            asked = {"json": {"question": QUESTION}}
            async with server.http.post(server.address + ADDRESS, headers=PARENT, **asked) as response:
                await response.read()
            async with server.http.post(server.address + ADDRESS, **asked) as response:
                await response.read()
            async with server.http.post(
                server.address + ADDRESS, headers={"traceparent": "no-such-thing"}, **asked
            ) as response:
                assert response.status == 200
                await response.read()
    assert len(collector.named("query")) == 2
    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert {span.parent_id for span in collector.named("query")} == {CALLER}


async def test_what_is_not_sampled_is_not_sent(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model:
        collector = await traces_of(tmp_path, model, QUESTION, SQL, sample=0.0)
    assert collector.spans == []


@pytest.mark.parametrize(
    ("variables", "is_traced"),
    [
        ({}, True),
        ({"OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, False),
    ],
)
async def test_the_environment_alone_may_ask_for_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_traced: bool
) -> None:
    async with ModelServer() as model, Collector() as collector:
        ours = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=abc",
            "OTEL_SERVICE_NAME": "sales-answers",
        }
        for name, value in (ours | variables).items():
            monkeypatch.setenv(name, value)
        async with traced(tmp_path, model, {}) as server, server.client() as client:
            await client.answer(SQL)
    assert len(collector.named("query")) == is_traced
    if is_traced:
        assert collector.headers[0]["x-key"] == "abc"
        assert collector.resources[0]["service.name"] == "sales-answers"


async def test_a_collector_that_never_answers_holds_up_neither_answers_nor_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SEND_SECONDS", 20.0)
    loop = asyncio.get_running_loop()
    async with ModelServer() as model, Collector() as collector:
        collector.silent = True
        async with traced(tmp_path, model, {"endpoint": collector.address}) as server:
            async with server.client() as client:
                await client.answer(SQL)
                async with asyncio.timeout(10):
                    await collector.asked.wait()
                for _ in range(20):  # while it is being waited for
                    assert (await client.answer(SQL))[-1]["type"] == "query_complete"
            leaving = loop.time()
        assert loop.time() - leaving < 15


async def test_a_collector_that_is_not_there_fails_nobody(tmp_path: Path) -> None:
    async with ModelServer() as model, Collector() as gone:
        address = gone.address
    async with ModelServer() as model, traced(tmp_path, model, {"endpoint": address}) as server:
        async with stream(server, question=SQL) as client:
            assert (await client.rest())[-1]["type"] == "finish"


def test_without_an_endpoint_the_library_is_not_even_read() -> None:
    script = (
        "import asyncio, sys\n"
        "from text2sql_ws.happenings import Bulletin\n"
        "from text2sql_ws.settings import Tracing\n"
        "from text2sql_ws.traces import tracing\n"
        "from text2sql_ws.traces.story import Known\n"
        "async def main():\n"
        "    nothing = Known(lambda name: None, lambda name: None)\n"
        "    async with tracing(Tracing(), nothing, Bulletin()):\n"
        "        print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
        "asyncio.run(main())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={})
    assert run.stdout == "[]\n"


def test_an_endpoint_without_the_library_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    check_tracing(Tracing(endpoint="http://127.0.0.1:4318"))
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    check_tracing(Tracing())
    with pytest.raises(Misconfigured, match=r"text2sql-ws\[otel\]"):
        check_tracing(Tracing(endpoint="http://127.0.0.1:4318"))
