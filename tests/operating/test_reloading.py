"""SIGHUP to the real process: what changes, what stays, and what the log says of it."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.model_server import ModelServer
from tests.support.process import Process, started
from tests.support.serving import Served
from text2sql_ws.reloading import differences
from text2sql_ws.settings import load

PATIENCE_SECONDS = 60

pytestmark = pytest.mark.timeout(240)
"""A loaded machine takes its time to start processes."""


def made(path: Path, name: str) -> Path:
    """A database whose only city is `name`."""
    connection = sqlite3.connect(path)
    connection.executescript(
        f"CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO cities VALUES (1, '{name}');"
    )
    connection.close()
    return path


def config(model: ModelServer, database: Path, more: str = "") -> str:
    return (
        f'[server]\nport = 0\ndrain_seconds = 0\n[storage]\nurl = "sqlite:///own.db"\n'
        f'[llm.providers.main]\nbase_url = "{model.base_url}"\nmodel = "m"\n'
        f'[datasources.shop]\ntype = "sqlite"\npath = "{database}"\n{more}'
    )


@asynccontextmanager
async def running(text: str, folder: Path) -> AsyncIterator[tuple[Process, Served]]:
    async with started(text, folder) as process, aiohttp.ClientSession() as http:
        await process.ready()
        yield process, Served(process.address, http)


def logged(process: Process, event: str) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in process.log.splitlines()]
    return [entry for entry in entries if entry["event"] == event]


async def reloaded(process: Process, folder: Path, text: str, event: str = "reloaded") -> dict[str, Any]:
    """Write other settings, send the signal; the entry that tells of it."""
    before = len(logged(process, event))
    (folder / "service.toml").write_text(text)
    process.send(signal.SIGHUP)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found := logged(process, event)) == before:
            await asyncio.sleep(0.02)
    return found[-1]


def rows(answer: list[dict[str, Any]]) -> list[list[Any]]:
    return [row for message in answer if message["type"] == "query_result" for row in message["data"]["rows"]]


async def test_a_running_query_keeps_what_it_started_with_and_the_next_has_what_is_new(
    tmp_path: Path,
) -> None:
    old, new = made(tmp_path / "old.db", "旧城"), made(tmp_path / "new.db", "新城")
    go = asyncio.Event()
    slow = ["SELECT name FROM cities WHERE name = ", go, "'短'"]
    async with (
        ModelServer([slow]) as before,
        ModelServer(["SELECT name FROM cities WHERE name = '短'"]) as after,
    ):
        first = config(before, old, '[abbreviations.city]\n"短" = "旧城"\n')
        second = config(after, new, '[abbreviations.city]\n"短" = "新城"\n')
        async with running(first, tmp_path) as (process, served), served.client() as client:
            await client.ask("问", explain=False, visualize=False)
            await client.until("query_token")
            told = await reloaded(process, tmp_path, second)
            assert told["changed"] == [
                "abbreviations.city.短", "datasources.shop.path", "llm.providers.main.base_url",
            ]  # fmt: skip
            assert rows(await client.answer("问", explain=False, visualize=False)) == [["新城"]]
            go.set()
            ended = await client.until("query_complete")
            assert ended["data"]["results"]["data"] == [{"name": "旧城"}]
            assert before.requests[0].body["model"] == "m"
            await before.streams_closed()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while before.open_connections or str(old) in open_files(process):
                    await asyncio.sleep(0.02)
            process.send(signal.SIGTERM)
            assert await process.ended(30) == 0
            assert "Traceback" not in process.log
            assert "Unclosed" not in process.log


def open_files(process: Process) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return found


async def test_sources_come_and_go_and_what_needs_a_restart_is_named(tmp_path: Path) -> None:
    shop, other = made(tmp_path / "shop.db", "上海"), made(tmp_path / "other.db", "北京")
    async with ModelServer() as model:
        async with running(config(model, shop), tmp_path) as (process, served):
            more = f'[datasources.other]\ntype = "sqlite"\npath = "{other}"\n'
            more += '[limits]\nqueries = 7\n[log]\nlevel = "debug"\n'
            told = await reloaded(process, tmp_path, config(model, shop, more))
            assert told["changed"] == ["datasources.other", "log.level"]
            assert logged(process, "restart_needed")[-1]["unchanged"] == ["limits.queries"]
            assert await names(served) == ["shop", "other"]
            told = await reloaded(process, tmp_path, config(model, other).replace(".shop]", ".other]"))
            assert await names(served) == ["other"]
            assert logged(process, "restart_needed")[1:] == [], "limits.queries is again what it still was"


async def names(served: Served) -> list[str]:
    return [source["name"] for source in (await served.get("/text2sql/datasources"))["datasources"]]


BROKEN = (
    ("[server\n", "not valid TOML"),
    ("[datasources.shop]\nprot = 1\n", "datasources.shop.prot"),
    ('[server]\nhost = "0.0.0.0"\n', "allow_insecure"),
)


async def test_bad_settings_change_nothing_and_say_why(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db", "上海")
    async with ModelServer(["SELECT name FROM cities"]) as model:
        async with running(config(model, shop), tmp_path) as (process, served), served.client() as client:
            for broken, why in BROKEN:
                told = await reloaded(process, tmp_path, broken, "reload_refused")
                assert why in " ".join(told["problems"])
            assert rows(await client.answer("问", explain=False, visualize=False)) == [["上海"]]
            assert logged(process, "reloaded") == []


async def test_a_secret_that_changed_is_told_by_its_name_alone(tmp_path: Path) -> None:
    base = '[datasources.a]\ntype="mysql"\nuser="u"\ndatabase="d"\npassword="{}"\n'
    (tmp_path / "1.toml").write_text(base.format("s3cret-old"))
    (tmp_path / "2.toml").write_text(base.format("s3cret-new"))
    assert differences(load(tmp_path / "1.toml"), load(tmp_path / "2.toml")) == ["datasources.a.password"]


async def test_with_the_last_data_source_gone_the_demo_answers(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db", "上海")
    async with ModelServer() as model:
        text = config(model, shop)
        async with running(text, tmp_path) as (process, served):
            await reloaded(process, tmp_path, text[: text.index("[llm")])
            assert await names(served) == ["demo"]
            async with served.client() as client:
                answer = await client.answer("有多少个客户？")
                assert answer[-1]["type"] == "query_complete", answer[-1]


async def test_a_signal_that_comes_before_the_server_is_there_does_no_harm(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db", "上海")
    async with ModelServer() as model:
        async with started(config(model, shop), tmp_path) as process:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not ignores(process, signal.SIGHUP):
                    await asyncio.sleep(0.002)
            process.send(signal.SIGHUP)
            await process.ready()


def ignores(process: Process, number: signal.Signals) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text()
    (mask,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")]
    return bool(int(mask, 16) & 1 << (number - 1))
