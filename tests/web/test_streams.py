"""Server-sent events over a real socket: told whole, resumed at every cut, cancelled, retried, kept awake."""

import asyncio
import codecs
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer, Reasoning, Status, Step
from tests.support.serving import Served, make_shop, served
from tests.support.stream_client import ADDRESS, Event, StreamClient, stream, whole
from tests.support.tokens import SECRET, token
from tests.web.test_cancel import ENDLESS, SLOW, crowded, mysql_server, statement_runs, statements_gone

__all__ = ["crowded"]

SQL = "SELECT name FROM cities"
SAID = f"```sql\n{SQL}\n```"
STEPS = [f"step_00{number}" for number in range(1, 7)]


@asynccontextmanager
async def server_with(folder: Path, model: ModelServer, **settings: Any) -> AsyncIterator[Served]:
    shop = {"type": "sqlite", "path": str(make_shop(folder / "shop.db")), "max_rows": 50_000}
    given = {
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m", "max_retries": 0}}},
        "datasources": {"shop": shop},
    }
    async with served(folder, given | settings) as server:
        yield server


def paced(*texts: Step) -> Iterator[Step]:
    """Each a little after the one before, so that they travel one by one."""
    loop = asyncio.get_running_loop()
    for text in texts:
        due = asyncio.Event()
        loop.call_later(0.002, due.set)
        yield due
        yield text


def steps_of(told: list[Event], kind: str) -> list[str]:
    return [event.get("stepId") or event["step"]["id"] for event in told if event["type"] == kind]


async def no_query_runs(server: Served, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while await server.get("/text2sql/queries"):
            await asyncio.sleep(0.01)


# --- what is told -----------------------------------------------------------------------------------


async def test_a_stream_of_steps(tmp_path: Path) -> None:
    async with (
        ModelServer([[Reasoning("看"), SAID], "三个城市。"]) as model,
        server_with(tmp_path, model) as server,
    ):
        client = await whole(server, question="城市", enhanced_streaming=True)
        assert client.response.headers["Content-Type"] == "text/event-stream"
        assert client.response.headers["Cache-Control"] == "no-cache"
        assert client.response.headers["X-Accel-Buffering"] == "no"
        assert [event["sequence"] for event in client.told] == list(range(1, len(client.told) + 1))
        assert {event["sessionId"] for event in client.told} == {client.id}
        assert steps_of(client.told, "step_start") == STEPS
        assert steps_of(client.told, "step_complete") == STEPS
        output = client.told[-1]["summary"]["output"]
        assert (output["sql"], output["explanation"]) == (SQL, "三个城市。")
        assert output["data"] == [{"name": "上海"}, {"name": "北京"}, {"name": "广州"}]


async def test_the_other_two_forms(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model, server_with(tmp_path, model) as server:
        progress = await whole(server, question="城市", enhanced_streaming=True, event_format="progress")
        assert {event["type"] for event in progress.told} == {
            "step_progress", "content_stream", "step_completed", "final",
        }  # fmt: skip
        simple = await whole(server, question="城市有哪些")
        kinds = [event["type"] for event in simple.told if event["type"] != "sql_delta"]
        assert kinds == ["sql", "result", "finish"]
        assert "".join(event["text"] for event in simple.told if event["type"] == "sql_delta") == SAID
        assert simple.told[-2]["rows"] == [["上海"], ["北京"], ["广州"]]


async def test_in_the_language_that_is_asked_for_and_of_the_source_that_is_named(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model, server_with(tmp_path, model) as server:
        client = await whole(
            server, question="cities", enhanced_streaming=True, locale="en", datasource="shop"
        )
        assert client.told[0]["step"]["title"] == "Analyse the question"
        lost = await whole(server, question="cities", enhanced_streaming=True, locale="en", datasource="no")
        assert [event["type"] for event in lost.told[-2:]] == ["step_error", "final_complete"]
        assert lost.told[-2]["stepId"] == "step_002"
        assert lost.told[-2]["error"]["code"] == "DATASOURCE_NOT_FOUND"


async def test_earlier_questions_of_a_chat_go_along(tmp_path: Path) -> None:
    async with ModelServer(lambda body: SAID) as model, server_with(tmp_path, model) as server:
        await whole(server, question="城市", chat_id=7)
        await whole(server, question="再来一次", chat_id=7)
        said = str(model.requests[-1].body["messages"])
        assert "城市" in said
        assert SQL in said


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", '{"question": ""}', '{"question": "  "}', '{"question": 3}', "{}",
        '{"question": "q", "enhanced_streaming": "yes"}', '{"question": "q", "event_format": "xml"}',
        '{"question": "q", "locale": "fr"}', '{"question": "' + "x" * 5000 + '"}',
        '{"question": "q", "model": "none"}',
    ],
)  # fmt: skip
async def test_a_bad_body_is_422_and_no_stream(server: Served, body: str) -> None:
    async with server.http.post(server.address + ADDRESS, data=body) as response:
        assert response.status == 422
        assert set((await response.json())["error"]) >= {"code", "title", "message", "suggestion"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with ModelServer(lambda body: SAID) as model, server_with(tmp_path, model) as running:
        yield running


async def test_the_reader_of_004_reads_it_in_whatever_pieces_it_comes(tmp_path: Path) -> None:
    """As it stands there: pieces are decoded, split at empty lines, and what isn't `data:` is passed over."""
    async with ModelServer([paced(*SAID), paced(*"三个城市，都在。")]) as model:
        async with server_with(tmp_path, model, heartbeat={"stream_interval": 0.001}) as server:
            asked = {"question": "城市", "enhanced_streaming": True, "event_format": "progress"}
            decoder, buffer, read, passed = codecs.getincrementaldecoder("utf-8")(), "", [], 0
            async with server.http.post(server.address + ADDRESS, json=asked) as response:
                while piece := await response.content.read(7):
                    buffer += decoder.decode(piece)
                    *blocks, buffer = buffer.split("\n\n")
                    for block in blocks:
                        if not block.startswith("data:"):
                            passed += 1
                            continue
                        read.append(orjson.loads(block[5:]))
            assert buffer == ""
            assert passed > 0
            assert read[-1]["type"] == "final"
            spoken = [e["content"]["text"] for e in read if e["type"] == "content_stream"]
            assert "".join(spoken) == SAID + "三个城市，都在。"


# --- resuming ---------------------------------------------------------------------------------------


async def test_at_every_cut_what_follows_is_whole(tmp_path: Path) -> None:
    def script(body: dict[str, Any]) -> Iterator[Step]:
        return paced(*(SAID[start : start + 7] for start in range(0, len(SAID), 7)))

    asked = {"question": "城市", "enhanced_streaming": True, "resumable": True, "cache": False}
    limits = {"connections_per_user": 1000}
    async with ModelServer(script) as model, server_with(tmp_path, model, limits=limits) as server:
        cut, was_cut = 1, True
        while was_cut:
            async with stream(server, **asked) as client:
                while len(client.told) < cut and await client.next() is not None:
                    pass
                seen = client.told
                was_cut = seen[-1]["type"] != "final_complete"
            back = await whole(server, "GET", f"/{client.id}?after={len(seen)}")
            told = seen + back.told
            assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
            assert steps_of(told, "step_start") == steps_of(told, "step_complete") == STEPS
            text = "".join(
                event["content"]["text"] for event in told if event["type"] == "step_content"
                and event["stepId"] == "step_004"
            )  # fmt: skip
            assert text == SAID
            assert told[-1]["type"] == "final_complete"
            cut += 4
        assert cut > 20


async def test_who_comes_back_takes_over_from_who_reads(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model, server_with(tmp_path, model) as server:
        async with stream(server, question="永远", resumable=True) as first:
            await first.until("sql_delta")
            async with stream(server, "GET", f"/{first.id}?after=0") as second:
                read = [await second.until("sql_delta") for _ in range(5)]
                assert [event["sequence"] for event in read] == [1, 2, 3, 4, 5]
                await first.rest()
                assert "finish" not in {event["type"] for event in first.told}
                async with server.http.delete(f"{server.address}{ADDRESS}/{first.id}") as deleted:
                    assert deleted.status == 200
                assert (await second.rest())[-1]["type"] == "finish"


async def test_only_what_was_asked_to_be_is_resumed_and_only_by_its_user(tmp_path: Path) -> None:
    jwt = {"mode": "jwt", "secret": SECRET}
    async with ModelServer(lambda body: SAID) as model, server_with(tmp_path, model, auth=jwt) as server:
        alice, bob = ({"Authorization": f"Bearer {token(name)}"} for name in ("alice", "bob"))

        async def status(method: str, path: str, headers: dict[str, str], **body: Any) -> tuple[int, str]:
            url = server.address + ADDRESS + path
            async with server.http.request(method, url, headers=headers, json=body or None) as response:
                await response.read()
                return response.status, response.headers.get("X-Stream-Id", "")

        _, kept = await status("POST", "", alice, question="城市", resumable=True)
        _, gone = await status("POST", "", alice, question="城市")
        assert (await status("GET", f"/{kept}?after=1", alice))[0] == 200
        assert (await status("GET", f"/{gone}?after=1", alice))[0] == 404
        assert (await status("GET", f"/{kept}", bob))[0] == 404
        assert (await status("DELETE", f"/{kept}", bob))[0] == 404
        assert (await status("POST", f"/{kept}/retry", bob, stepId="step_001"))[0] == 404
        assert (await status("GET", f"/{kept}?after=9999", alice))[0] == 422
        assert (await status("GET", f"/{kept}?after=nope", alice))[0] == 422
        assert (await status("GET", "/nope?after=1", alice))[0] == 404
        assert (await status("DELETE", f"/{kept}", alice))[0] == 404, "it has ended"


async def test_what_nobody_comes_back_for_ends(tmp_path: Path) -> None:
    limits = {"resume_seconds": 0.2}
    async with ModelServer([itertools.repeat("SELECT ")]) as model:
        async with server_with(tmp_path, model, limits=limits) as server:
            async with stream(server, question="永远", resumable=True) as client:
                await client.until("sql_delta")
            await model.streams_closed(5)
            await no_query_runs(server)
            async with server.http.get(f"{server.address}{ADDRESS}/{client.id}") as response:
                assert response.status == 404


# --- cancelling -------------------------------------------------------------------------------------


async def test_hanging_up_cancels_the_models_stream(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model, server_with(tmp_path, model) as server:
        async with stream(server, question="永远", enhanced_streaming=True) as client:
            await client.until("step_content")
            assert model.open_streams == 1
        await model.streams_closed(4)
        await no_query_runs(server)


async def test_hanging_up_kills_the_statement_in_mariadb(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model, mysql_server(tmp_path, model, crowded) as server:
        async with stream(server, question=SLOW):
            await statement_runs(crowded)
        await statements_gone(crowded, 4.0)


async def test_a_delete_cancels_and_the_stream_says_so(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model, mysql_server(tmp_path, model, crowded) as server:
        async with stream(server, question=SLOW, enhanced_streaming=True) as client:
            await statement_runs(crowded)
            async with server.http.delete(f"{server.address}{ADDRESS}/{client.id}") as response:
                assert response.status == 200
                assert (await response.json())["stream_id"] == client.id
            await statements_gone(crowded, 4.0)
            assert (await client.rest())[-1]["type"] == "stream_error"
            assert client.told[-1]["error"]["code"] == "CANCELLED"


async def test_at_shutdown_streams_end_whole(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model, aiohttp.ClientSession() as http:
        running = server_with(tmp_path, model)
        server = await running.__aenter__()
        async with stream(Served(server.address, http), question="永远", resumable=True) as client:
            await client.until("sql_delta")
            leaving = asyncio.create_task(running.__aexit__(None, None, None))
            assert [event["type"] for event in (await client.rest())[-2:]] == ["error", "finish"]
            await leaving


async def test_a_stream_may_end_by_itself_while_the_server_drains(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[go, SAID]]) as model, aiohttp.ClientSession() as http:
        running = server_with(tmp_path, model, server={"drain_seconds": 15})
        server = Served((await running.__aenter__()).address, http)
        async with stream(server, question="城市") as client:
            while not model.open_streams:
                await asyncio.sleep(0.01)
            leaving = asyncio.create_task(running.__aexit__(None, None, None))
            async with asyncio.timeout(5):
                while "正在关闭" not in await answer_of(server, question="城市"):
                    await asyncio.sleep(0.01)
            go.set()
            kinds = [event["type"] for event in await client.rest()]
            assert kinds[-3:] == ["sql", "result", "finish"]
            await leaving


async def answer_of(server: Served, **body: Any) -> str:
    async with server.http.post(server.address + ADDRESS, json=body) as response:
        return await response.text()


# --- retrying ---------------------------------------------------------------------------------------


async def test_a_retry_keeps_what_was_completed_and_runs_the_rest(tmp_path: Path) -> None:
    async with ModelServer([Status(500), SAID, "好"]) as model, server_with(tmp_path, model) as server:
        failed = await whole(server, question="城市", enhanced_streaming=True)
        assert failed.told[-2]["stepId"] == "step_004"
        again = await whole(server, path=f"/{failed.id}/retry", stepId="step_004")
        assert again.id != failed.id
        assert steps_of(again.told, "step_start") == STEPS[3:]
        assert again.told[-1]["summary"]["completedSteps"] == 6
        assert again.told[-1]["summary"]["output"]["sql"] == SQL


async def test_a_retry_of_the_execution_keeps_the_sql(tmp_path: Path) -> None:
    limits = {"max_rewrites": 0}
    async with ModelServer(["SELECT name FROM towns"]) as model:
        async with server_with(tmp_path, model, limits=limits) as server:
            failed = await whole(server, question="城市", enhanced_streaming=True, event_format="progress")
            error = failed.told[-1]
            assert (error["type"], error["step"]["id"]) == ("error", "step_005")
            again = await whole(server, path=f"/{failed.id}/retry", stepId="step_005")
            assert again.told[0]["step"]["id"] == "step_005"
            assert len(model.requests) == 1, "the model isn't asked again"


async def test_what_did_not_fail_is_not_retried(server: Served) -> None:
    client = await whole(server, question="城市", enhanced_streaming=True)
    url = f"{server.address}{ADDRESS}/{client.id}/retry"
    for body in ({"stepId": "step_004"}, {"stepId": ""}, {}):
        async with server.http.post(url, json=body) as response:
            assert response.status == 422
    async with server.http.post(f"{server.address}{ADDRESS}/nope/retry", json={"stepId": "s"}) as response:
        assert response.status == 404


async def test_another_step_than_the_one_that_failed_is_refused(tmp_path: Path) -> None:
    async with ModelServer([Status(500)]) as model, server_with(tmp_path, model) as server:
        failed = await whole(server, question="城市", enhanced_streaming=True)
        async with server.http.post(
            f"{server.address}{ADDRESS}/{failed.id}/retry", json={"stepId": "step_005"}
        ) as response:
            assert response.status == 422
            assert "step_004" in (await response.json())["error"]["message"]


# --- reuse ------------------------------------------------------------------------------------------


def cached(client: StreamClient) -> list[str]:
    done = (event for event in client.told if event["type"] == "step_complete")
    return [event["stepId"] for event in done if event["result"]["data"].get("cached")]


async def test_the_same_question_reuses_its_sql_and_says_so(server: Served) -> None:
    asked = {"question": "城市", "enhanced_streaming": True}
    assert cached(await whole(server, **asked)) == []
    again = await whole(server, **asked)
    assert cached(again) == ["step_003", "step_004"]
    assert again.told[-1]["summary"]["output"]["sql"] == SQL
    assert cached(await whole(server, **asked, cache=False)) == []
    assert cached(await whole(server, **asked)) == [], "whoever wanted another didn't want the old one back"
    assert cached(await whole(server, **asked)) == ["step_003", "step_004"]
    assert cached(await whole(server, **asked, locale="en")) == []


# --- time and bounds --------------------------------------------------------------------------------


async def test_a_silent_stream_is_kept_awake_by_comments(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[go, SAID]]) as model:
        async with server_with(tmp_path, model, heartbeat={"stream_interval": 0.05}) as server:
            async with stream(server, question="城市") as client:
                for _ in range(3):
                    assert await client.block() == b": keep-alive\n\n"
                go.set()
                assert (await client.rest())[-1]["type"] == "finish"


async def test_a_client_that_takes_nothing_stops_its_model_and_is_cut_off(tmp_path: Path) -> None:
    limits = {"slow_client_timeout": 0.3, "outbox_bytes": 65_536}
    said = "SELECT " * 3000
    async with ModelServer([itertools.repeat(said)]) as model:
        async with server_with(tmp_path, model, limits=limits) as server:
            async with stream(server, question="永远") as client:
                await client.until("sql_delta")
                assert client.response.connection is not None
                transport = client.response.connection.transport
                assert isinstance(transport, asyncio.Transport)
                transport.pause_reading()
                await model.streams_closed(15)
                await no_query_runs(server)


async def test_streams_take_places_and_end_with_their_readers(tmp_path: Path) -> None:
    limits = {"connections_per_user": 2}
    async with ModelServer(lambda body: itertools.repeat("SELECT ")) as model:
        async with server_with(tmp_path, model, limits=limits) as server, AsyncExitStack() as stack:
            for _ in range(2):
                client = await stack.enter_async_context(stream(server, question="永远"))
                await client.until("sql_delta")
            async with server.http.post(server.address + ADDRESS, json={"question": "q"}) as response:
                assert response.status == 429
                assert (await response.json())["error"]["code"] == "RESOURCE_LIMIT_EXCEEDED"
            await stack.aclose()
            await model.streams_closed(5)
            async with asyncio.timeout(5):
                while True:
                    async with server.http.post(server.address + ADDRESS, json={"question": SQL}) as response:
                        if response.status == 200:
                            break
                    await asyncio.sleep(0.02)


async def test_resumable_streams_of_one_user_are_so_many(tmp_path: Path) -> None:
    limits = {"connections_per_user": 2}
    async with ModelServer(lambda body: itertools.repeat("SELECT ")) as model:
        async with server_with(tmp_path, model, limits=limits) as server:
            for _ in range(2):
                async with stream(server, question="永远", resumable=True) as client:
                    await client.until("sql_delta")
            async with asyncio.timeout(5):
                while "流" not in await refusal(server, question=SQL, resumable=True):
                    await asyncio.sleep(0.02)


async def refusal(server: Served, **body: Any) -> str:
    """Why a stream was refused."""
    async with server.http.post(server.address + ADDRESS, json=body) as response:
        assert response.status == 429, "one more runs"
        message: str = (await response.json())["error"]["message"]
        return message


async def test_a_result_beyond_its_bound_is_counted_and_cut(tmp_path: Path) -> None:
    limits = {"whole_result_bytes": 4096}
    async with ModelServer() as model, server_with(tmp_path, model, limits=limits) as server:
        client = await whole(server, question=ENDLESS)
        result = client.told[-2]
        assert (result["type"], result["row_count"], result["truncated"]) == ("result", 50_000, True)
        assert 0 < len(result["rows"]) < 1000
