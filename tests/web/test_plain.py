"""The dialect `plain` over a real socket: frames to the byte, turns, cancels that stop, and how it ends."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from structlog.testing import capture_logs

from tests.support.fakes import ManualClock
from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer, Reasoning, Step
from tests.support.plain_client import PlainClient, plain_client
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from tests.web.test_cancel import SLOW, crowded, mysql_server, statement_runs, statements_gone
from text2sql_ws.app import serving
from text2sql_ws.settings import load
from text2sql_ws.withheld import LOGGED_CHARS, Withheld

__all__ = ["crowded"]

SAID = ["```sql\n", "SELECT name ", "FROM cities", "\n```"]
SQL = "SELECT name FROM cities"
CITIES = [{"name": "上海"}, {"name": "北京"}, {"name": "广州"}]


@asynccontextmanager
async def server_with(folder: Path, model: ModelServer, **settings: Any) -> AsyncIterator[Served]:
    given = {
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m", "max_retries": 0}}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
    }
    async with served(folder, given | settings) as server:
        yield server


@asynccontextmanager
async def talking(folder: Path, model: ModelServer, **settings: Any) -> AsyncIterator[PlainClient]:
    async with server_with(folder, model, **settings) as server, plain_client(server) as client:
        yield client


def paced(*texts: Step) -> Iterator[Step]:
    """Each a little after the one before, so that they are read one by one."""
    loop = asyncio.get_running_loop()
    for text in texts:
        due = asyncio.Event()
        loop.call_later(0.02, due.set)
        yield due
        yield text


async def test_an_answer_to_the_byte(tmp_path: Path) -> None:
    async with (
        ModelServer(lambda body: paced(Reasoning("城市"), *SAID)) as model,
        talking(tmp_path, model) as client,
    ):
        await client.ask("城市", return_result=True)
        assert await client.until("{") == [
            "正在处理查询请求...",
            "正在调用text2sql模型生成SQL语句...",
            *SAID,
            "DONE",
            f"最终SQL语句: {SQL}",
            "正在执行SQL查询...",
            "SQL查询成功，结果行数: 3",
            orjson.dumps({"status": "success", "sql": SQL, "result": CITIES}).decode(),
        ]


async def test_cumulative_frames_each_hold_all_the_text_so_far(tmp_path: Path) -> None:
    async with ModelServer([SAID]) as model, server_with(tmp_path, model) as server:
        async with plain_client(server, stream="cumulative") as client:
            await client.ask("城市")
            frames = (await client.until("SQL查询成功"))[2:]
            text = frames[: frames.index("DONE")]
            assert text[-1] == "".join(SAID)
            assert all(longer.startswith(shorter) for shorter, longer in itertools.pairwise(text))
        async with server.http.get(f"{server.address}/ws?stream=backwards") as refused:
            assert refused.status == 422


async def test_every_failure_to_its_end(tmp_path: Path) -> None:
    script = ["SELECT nope FROM cities", "SELECT nix FROM cities"]
    async with ModelServer(script) as model, talking(tmp_path, model) as client:
        await client.ask("城市", return_result=True)
        frames = await client.until("{")
        assert frames[frames.index("DONE") + 3 : -1] == [
            "SQL查询失败: no such column: nope",
            "正在尝试重写SQL语句...",
            "模型重写的SQL内容: SELECT nix FROM cities",
            "重写后的SQL语句: SELECT nix FROM cities",
            "正在执行重写后的SQL查询...",
            "重写后的SQL查询仍然失败: no such column: nix",
        ]
        assert orjson.loads(frames[-1])["status"] == "error"
        await client.ask("城市", datasource="nowhere")
        assert "nowhere" in (await client.until("查询处理过程中发生异常: "))[-1]


async def test_what_is_no_message_is_answered_and_the_connection_stays(tmp_path: Path) -> None:
    async with ModelServer() as model, talking(tmp_path, model) as client:
        for message in (
            "nope",
            "[]",
            '{"type": "query"}',
            '{"type": "nope"}',
            '{"type": "query", "query": " "}',
        ):
            await client.send(message)
            assert (await client.next()).startswith("请求格式错误: "), message
        await client.ws.send_bytes(b"\x00")
        assert (await client.next()).startswith("请求格式错误: ")
        await client.cancel()
        assert await client.next() == "没有正在执行的查询"
        await client.ask(SQL)
        assert (await client.until("SQL查询成功"))[1] == f"最终SQL语句: {SQL}"


async def test_questions_take_turns_and_so_many_may_wait(tmp_path: Path) -> None:
    go = asyncio.Event()
    said = "".join(SAID)
    async with ModelServer([[go, said], said, said]) as model:
        async with talking(tmp_path, model, limits={"waiting_questions": 2}) as client:
            for number in range(4):
                await client.ask(f"城市{number}")
            refused = (await client.until("查询处理过程中发生异常: "))[-1]
            assert "2" in refused
            go.set()
            for _ in range(3):
                frames = await client.until("SQL查询成功")
            whole = [frame for frame in client.heard if frame not in (refused, said)]
            story = ["正在处理查询请求...", "正在调用text2sql模型生成SQL语句...", "DONE"]
            story += [f"最终SQL语句: {SQL}", "正在执行SQL查询...", "SQL查询成功，结果行数: 3"]
            assert whole == story * 3
            assert frames[0] == story[0]


async def test_a_cancel_stops_the_model_and_the_next_question_has_its_turn(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT "), SAID]) as model:
        async with talking(tmp_path, model) as client:
            await client.ask("永远", return_result=True)
            await client.until("SELECT ")
            await client.ask("城市")
            await client.cancel()
            told = await client.until("{")
            assert told[-2] == "查询已取消"
            assert orjson.loads(told[-1]) == {"status": "error", "message": "查询已取消"}
            assert (await client.until("SQL查询成功"))[0] == "正在处理查询请求..."
            await model.streams_closed(4.0)


async def test_a_cancel_kills_the_statement_in_mariadb(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model, mysql_server(tmp_path, model, crowded) as server:
        async with plain_client(server) as client:
            await client.ask(SLOW)
            await statement_runs(crowded)
            await client.cancel()
            assert (await client.until("查询已取消"))[-1] == "查询已取消"
            await statements_gone(crowded, 4.0)


async def test_closing_cancels_at_once_and_forgets_what_waits(tmp_path: Path, crowded: MariaDb) -> None:
    async with ModelServer() as model, mysql_server(tmp_path, model, crowded) as server:
        async with plain_client(server) as client:
            for _ in range(3):
                await client.ask(SLOW)
            await statement_runs(crowded)
        await statements_gone(crowded, 4.0)
        async with asyncio.timeout(5):
            while await server.get("/text2sql/queries"):
                await asyncio.sleep(0.01)


async def test_a_question_that_cannot_start_is_told_to_its_end(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model:
        async with server_with(tmp_path, model, limits={"queries": 1}) as server:
            async with plain_client(server) as busy, plain_client(server) as client:
                await busy.ask("永远")
                await busy.until("SELECT ")
                await client.ask("城市", return_result=True)
                began, failed, result = await client.until("{")
                assert began == "正在处理查询请求..."
                assert failed.startswith("查询处理过程中发生异常: ")
                assert orjson.loads(result) == {"status": "error", "message": failed}


async def test_a_client_that_does_not_read_stops_its_model_and_is_dropped(tmp_path: Path) -> None:
    piece = "x" * 20_000
    limits = {"outbox_bytes": 65_536, "slow_client_timeout": 0.5}
    async with ModelServer([itertools.repeat(piece)]) as model:
        async with server_with(tmp_path, model, limits=limits) as server, plain_client(server) as client:
            await client.ask("永远")
            await client.until(piece)
            transport = _transport(client.ws)
            transport.pause_reading()
            await model.streams_closed(15)
            transport.abort()


def _transport(ws: aiohttp.ClientWebSocketResponse) -> asyncio.Transport:
    connection = ws._response.connection
    assert connection is not None
    assert isinstance(connection.transport, asyncio.Transport)
    return connection.transport


# --- how it ends ------------------------------------------------------------------------------------


async def test_too_often_is_said_and_then_closed(tmp_path: Path) -> None:
    limits = {"messages_per_minute": 1, "rate_strikes": 3}
    async with ModelServer() as model, talking(tmp_path, model, limits=limits) as client:
        for _ in range(4):
            await client.send("nope")
        assert await client.closed() == 4029
        assert client.heard[1] == "请求过于频繁，请60秒后重试"
        assert client.heard[-1] == "请求过于频繁，请60秒后重试"
        assert client.heard[0].startswith("请求格式错误: ")


async def test_one_too_many_is_told_so(tmp_path: Path) -> None:
    async with ModelServer() as model:
        async with server_with(tmp_path, model, limits={"connections_per_user": 2}) as server:
            async with AsyncExitStack() as stack:
                for _ in range(2):
                    await stack.enter_async_context(plain_client(server))
                async with plain_client(server) as third:
                    assert await third.closed() == 4504
                    assert third.heard == ["连接数已达上限"]


async def test_at_shutdown_every_question_is_told_its_end(tmp_path: Path) -> None:
    async with ModelServer([itertools.repeat("SELECT ")]) as model, aiohttp.ClientSession() as http:
        running = server_with(tmp_path, model)
        server = await running.__aenter__()
        async with plain_client(Served(server.address, http)) as client:
            await client.ask("永远")
            await client.ask("城市")
            await client.until("SELECT ")
            leaving = asyncio.create_task(running.__aexit__(None, None, None))
            assert await client.closed() == 1001
            await leaving
            ends = [frame for frame in client.heard if not frame.startswith("SELECT ")][2:]
            assert ends[:2] == ["查询已取消", "正在处理查询请求..."]
            assert ends[2].startswith("查询处理过程中发生异常: ")
            assert ends[3:] == ["服务器正在关闭"]


async def test_an_expired_token_is_said_and_then_closed(tmp_path: Path) -> None:
    clock = ManualClock()
    given = {
        "server": {"port": 0, "drain_seconds": 0},
        "storage": {"url": f"sqlite:///{tmp_path}/own.db"},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "auth": {"mode": "jwt", "secret": SECRET},
        "heartbeat": {"interval": 0.4, "timeout": 10_000},
    }
    async with (
        serving(load(None, given), tmp_path / "var", clock) as address,
        aiohttp.ClientSession() as http,
    ):
        shown = token(now=clock.now().timestamp(), seconds=60)
        async with plain_client(Served(address, http), token=shown) as client:
            clock.advance(61)
            assert await client.closed() == 4401
            assert client.heard == ["登录已过期"]


async def test_pongs_keep_a_silent_client_and_their_absence_ends_it(tmp_path: Path) -> None:
    beat = {"interval": 0.4, "timeout": 2.5}
    async with ModelServer() as model, server_with(tmp_path, model, heartbeat=beat) as server:
        async with plain_client(server) as lively, plain_client(server, autoping=False) as silent:
            pings = 0
            listening = asyncio.create_task(lively.next())
            async with asyncio.timeout(10):
                while (message := await silent.ws.receive()).type is aiohttp.WSMsgType.PING:
                    pings += 1
            assert pings >= 2
            assert (message.type, message.data) == (aiohttp.WSMsgType.TEXT, "心跳超时")
            assert await silent.closed() == 4012
            assert not lively.ws.closed
            await lively.cancel()
            assert await listening == "没有正在执行的查询"


# --- what is logged ---------------------------------------------------------------------------------


async def test_every_frame_is_logged_and_no_secret_with_it(tmp_path: Path) -> None:
    key = "sk-abcdefgh-secret"
    async with ModelServer(["SELECT 'sesame-open' AS word FROM cities"]) as model:
        provider = {"base_url": model.base_url, "model": "m", "api_key": "sesame-open"}
        with capture_logs() as logged:
            async with talking(tmp_path, model, llm={"providers": {"main": provider}}) as client:
                await client.ask("口令")
                await client.until("SQL查询成功")
                await client.ask(f"SELECT '{key}' AS word FROM cities")
                await client.until("SQL查询成功")
                await client.send("nope")
                await client.until("请求格式错误")
    lines = [
        (line["log_level"], line["event"]) for line in logged if line["event"].startswith("WebSocket发送")
    ]
    assert lines[0] == ("info", "WebSocket发送: 正在处理查询请求...")
    chunk = "WebSocket发送流式chunk: "
    chunks = [event.removeprefix(chunk) for level, event in lines if level == "debug"]
    assert "".join(chunks) == "SELECT '***' AS word FROM cities"
    assert ("info", "WebSocket发送: DONE") in lines
    assert len(lines) == len(client.heard)
    assert ("info", "WebSocket发送: 最终SQL语句: SELECT '***' AS word FROM cities") in lines
    assert not [event for _, event in lines if "sesame-open" in event or key in event]


def test_what_is_logged_is_cut_and_without_what_looks_like_a_token() -> None:
    withheld = Withheld(["hunter2!", "short"])
    assert withheld("hunter2! is short") == "*** is short"
    assert withheld(f"Bearer abc {token()}") == "*** ***"
    assert len(withheld("x" * 1_000_000)) < LOGGED_CHARS + 20
