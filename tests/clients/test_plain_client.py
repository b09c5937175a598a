"""A client as the second document draws it: it reads `plain` in order, and knows where it stands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.model_server import ModelServer
from tests.support.serving import Served, make_shop, served

GOOD = "SELECT name FROM cities ORDER BY id"
BAD = "SELECT no_such_column FROM cities"


@dataclass
class PlainClient:
    """Goes through the document's chart of what follows what; a sentence out of turn is an error."""

    ws: aiohttp.ClientWebSocketResponse
    heard: list[str] = field(default_factory=list)

    async def next(self) -> str:
        async with asyncio.timeout(20):
            words = await self.ws.receive_str()
        self.heard.append(words)
        return words

    async def expect(self, opening: str) -> str:
        """The rest of the next sentence, which must begin like this."""
        words = await self.next()
        assert words.startswith(opening), self.heard
        return words.removeprefix(opening)

    async def query(self, question: str) -> dict[str, Any]:
        await self.ws.send_json({"type": "query", "query": question})
        await self.expect("正在处理查询请求...")
        await self.expect("正在调用text2sql模型生成SQL语句...")
        chunks = []
        while (words := await self.next()) != "DONE":
            chunks.append(words)
        if (words := await self.next()) == "SQL语句生成失败":
            return {"chunks": chunks}
        assert words.startswith("最终SQL语句: "), self.heard
        sql = words.removeprefix("最终SQL语句: ")
        await self.expect("正在执行SQL查询...")
        return {"chunks": chunks, "sql": sql} | await self._executed()

    async def _executed(self) -> dict[str, Any]:
        words = await self.next()
        if words.startswith("SQL查询成功，结果行数: "):
            return {"rows": int(words.removeprefix("SQL查询成功，结果行数: "))}
        assert words.startswith("SQL查询失败: "), self.heard
        await self.expect("正在尝试重写SQL语句...")
        content = await self.expect("模型重写的SQL内容: ")
        rewritten = await self.expect("重写后的SQL语句: ")
        await self.expect("正在执行重写后的SQL查询...")
        outcome = await self.expect("重写后的SQL查询")
        return {"error": words, "content": content, "rewritten": rewritten, "outcome": outcome}


@dataclass
class Shop:
    """The server, and what the model behind it will say."""

    server: Served
    script: list[Any]

    @asynccontextmanager
    async def client(self, path: str = "/ws") -> AsyncIterator[PlainClient]:
        async with self.server.http.ws_connect(self.server.address + path) as ws:
            yield PlainClient(ws)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    script: list[Any] = []
    async with ModelServer(lambda body: script.pop(0) if script else "It is so.") as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "abbreviations": {"department": {"沪": "上海"}, "project": {"京": "北京"}},
        }
        async with served(tmp_path, settings) as server:
            yield Shop(server, script)


async def test_it_reads_its_way_to_the_number_of_rows(shop: Shop) -> None:
    shop.script[:] = [["```sql\n", "SELECT name FROM cities ", "WHERE name IN ('沪', '京')", "\n```"]]
    async with shop.client() as client:
        told = await client.query("沪京在吗？")
    assert "".join(told["chunks"]).count("SELECT") == 1
    assert "'上海'" in told["sql"], "both dictionaries have been at the SQL"
    assert "'北京'" in told["sql"]
    assert told["rows"] == 2


async def test_its_chunks_are_the_text_so_far_where_it_wants_them_so(shop: Shop) -> None:
    """As the document's example shows them; its code sends them as they come."""
    shop.script[:] = [["SELECT", " *", " FROM", " cities"]]
    async with shop.client("/ws?stream=cumulative") as client:
        chunks = (await client.query("城市"))["chunks"]
    assert chunks[-1] == "SELECT * FROM cities"
    assert all(later.startswith(earlier) for earlier, later in pairwise(chunks))


async def test_it_follows_a_rewrite_that_helps(shop: Shop) -> None:
    shop.script[:] = [BAD, f"```sql\n{GOOD}\n```"]
    async with shop.client() as client:
        told = await client.query("城市")
    assert "no_such_column" in told["error"]
    assert GOOD in told["content"]
    assert told["rewritten"] == GOOD
    assert told["outcome"] == "成功"


async def test_it_follows_a_rewrite_that_does_not(shop: Shop) -> None:
    shop.script[:] = [BAD, "SELECT nor_this_one FROM cities"]
    async with shop.client() as client:
        told = await client.query("城市")
    assert told["outcome"].startswith("仍然失败: ")
    assert "nor_this_one" in told["outcome"]


async def test_it_hears_that_there_is_no_sql_and_asks_again(shop: Shop) -> None:
    """The connection stays: the document's client asks on the same one."""
    shop.script[:] = ["抱歉，这个问题没有对应的表。", GOOD]
    async with shop.client() as client:
        assert "sql" not in await client.query("今天天气怎么样？")
        assert (await client.query("城市"))["rows"] == 3


async def test_what_it_was_told_is_in_the_log(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.script[:] = [GOOD]
    async with shop.client() as client:
        await client.query("城市")
    logged = capsys.readouterr()
    assert "WebSocket发送: 正在处理查询请求..." in logged.out + logged.err
