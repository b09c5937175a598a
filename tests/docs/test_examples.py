"""The programs and configurations in the manual run as they stand."""

import asyncio
import re
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer
from tests.support.paths import ROOT
from tests.support.serving import Served, served
from text2sql_ws.settings import load

DOCS = ROOT / "docs"
PROGRAM_SECONDS = 40


def fenced(page: str, language: str) -> Iterator[str]:
    """The blocks of a page in this language."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    yield from re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, {}) as running:
        yield running


@pytest.mark.parametrize("number", range(5), ids=["text2sql", "steps", "plain", "chat", "scm"])
async def test_the_programs_of_the_dialects_get_an_answer(server: Served, number: int) -> None:
    program = list(fenced("dialects", "python"))[number]
    assert "http://127.0.0.1:12224" in program
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program.replace("http://127.0.0.1:12224", server.address),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PROGRAM_SECONDS):
        told, wrong = await process.communicate()
    assert process.returncode == 0, wrong.decode()
    assert "COUNT(*)" in told.decode()
    (orders,) = {int(n.replace(",", "")) for n in re.findall(r"\b\d\d,?\d{3}\b", told.decode())}
    assert 45_000 < orders < 55_000, "the demo has some 50,000 orders; how many depends on the day"


def test_every_configuration_in_the_manual_is_one(tmp_path: Path) -> None:
    tried = 0
    for page in DOCS.glob("*.md"):
        for block in fenced(page.stem, "toml"):
            path = tmp_path / "some.toml"
            path.write_text(block, "utf-8")
            load(path)
            tried += 1
    assert tried >= 2


async def test_the_tutorials_configuration_answers_from_ones_own_database(
    tmp_path: Path, mariadb: MariaDb
) -> None:
    """The tutorial's file, with only the addresses, names and secrets of this test put in."""
    async with ModelServer(lambda body: "```sql\nSELECT COUNT(*) AS n FROM orders\n```") as model:
        settings = tomllib.loads(next(fenced("tutorial", "toml")))
        settings["llm"]["providers"]["main"] |= {"base_url": f"http://127.0.0.1:{model.port}/v1"}
        settings["datasources"]["sales"] |= {
            "host": mariadb.host, "port": mariadb.port, "user": mariadb.user,
            "password": mariadb.password, "database": mariadb.database,
        }  # fmt: skip
        async with served(tmp_path, settings) as server, server.client() as client:
            answered = await client.answer("How many orders?", visualize=False)
    assert answered[-1]["type"] == "query_complete", answered[-1]
    assert answered[-1]["data"]["sql"].startswith("SELECT COUNT(*)")


async def test_the_tutorials_database_and_account_give_the_tutorials_answer(
    tmp_path: Path, mariadb: MariaDb
) -> None:
    """Its SQL as it stands, but for names that this server's other tests don't have; the built-in model."""
    told = "".join(fenced("tutorial", "sql")).replace("sales", "tutorial").replace("'reader'", "'tutored'")
    settings = tomllib.loads(next(fenced("tutorial", "toml")))["datasources"]["sales"]
    settings |= {"port": mariadb.port, "user": "tutored", "database": "tutorial"}
    settings["password"] = re.findall("IDENTIFIED BY '(.*)'", told)[0]
    del settings["password_env"]
    try:
        for statement in filter(str.strip, told.split(";\n")):
            await mariadb.execute(statement)
        own = {"datasources": {"sales": settings}}
        async with served(tmp_path, own) as server, server.client() as client:
            answered = await client.answer("total amount by customer", visualize=False)
    finally:
        await mariadb.execute("DROP DATABASE IF EXISTS tutorial")
        await mariadb.execute("DROP USER IF EXISTS tutored")
    assert answered[-1]["type"] == "query_complete", answered[-1]
    rows = [list(row.values()) for row in answered[-1]["data"]["results"]["data"]]
    assert rows == [["Grace", "310.00"], ["Ada", "200.50"]]
