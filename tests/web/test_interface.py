"""What is told of the interfaces is what they are: every address, every answer, every frame."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from jsonschema import Draft7Validator
from openapi_spec_validator import validate
from pydantic import BaseModel, ValidationError

from tests.support.npm import node_modules
from tests.support.paths import ROOT
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from text2sql_ws.web.interface import frames
from text2sql_ws.web.interface.asyncapi import asyncapi
from text2sql_ws.web.interface.openapi import openapi
from text2sql_ws.web.interface.operations import OPERATIONS, PAGES, WEBSOCKETS, Operation
from text2sql_ws.web.routes import ROUTES

TRANSCRIPTS = ROOT / "tests" / "transcripts"
SCHEMATHESIS_SECONDS = 240


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    limits = {"connections_per_user": 100, "messages_per_minute": 100_000}
    settings = {"datasources": {"shop": shop}, "limits": limits}
    async with served(tmp_path, settings | {"auth": {"mode": "jwt", "secret": SECRET}}) as running:
        yield running


# --- the documents ------------------------------------------------------------------------------------


def test_every_address_is_told_of_and_no_other() -> None:
    routed = {
        (route.method, route.path)
        for room in ROUTES
        for route in room
        if isinstance(route, web.RouteDef) and route.method != "HEAD"
    }
    told = {(operation.method, operation.path) for operation in OPERATIONS}
    assert routed == told | {("GET", path) for path in WEBSOCKETS | PAGES}


def test_openapi_is_openapi() -> None:
    validate(orjson.loads(orjson.dumps(openapi())))


def test_asyncapi_is_asyncapi() -> None:
    written = node_modules() / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
    validator = Draft7Validator(orjson.loads(written.read_bytes()))
    problems = [problem.message[:300] for problem in validator.iter_errors(asyncapi())]
    assert problems == []


def test_every_reference_of_both_leads_somewhere() -> None:
    for document in (openapi(), asyncapi()):
        text = orjson.dumps(document).decode()
        for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', text)):
            found: Any = document
            for part in reference.split("/"):
                found = found[part]


# --- HTTP -----------------------------------------------------------------------------------------------


def answered(path: str) -> Operation:
    return next(one for one in OPERATIONS if (one.method, one.path) == ("GET", path))


async def test_answers_are_what_is_told_of_them(server: Served) -> None:
    headers = {"Authorization": f"Bearer {token(role='admin')}"}
    async with server.client(headers=headers) as client:
        query_id = await client.ask("SELECT name FROM cities", conversation_id="c", visualize=True)
        await client.until("query_complete")
        conversations = await _get(server, headers, "/api/conversations")
        known = {
            "query_id": query_id, "name": "shop", "table": "orders", "user_id": "alice",
            "connection_id": (await _get(server, headers, "/api/v1/websocket/connections"))["connections"][0][
                "connection_id"
            ],
            "session_id": client.seen[0]["session_id"], "id": conversations["conversations"][0]["id"],
        }  # fmt: skip
        tried = 0
        for operation in OPERATIONS:
            if operation.method == "GET" and not isinstance(operation.answer, str):
                path = re.sub(r"{(\w+)}", lambda found: known[found[1]], operation.path)
                operation.answer.model_validate(await _get(server, headers, path), strict=True)
                tried += 1
        assert tried > 15


async def _get(server: Served, headers: Mapping[str, str], path: str) -> Any:
    async with server.http.get(server.address + path, headers=headers) as response:
        assert response.status == 200, (path, await response.text())
        return await response.json()


@pytest.mark.timeout(SCHEMATHESIS_SECONDS + 30)
async def test_the_server_does_what_openapi_says(server: Served) -> None:
    """Schemathesis makes requests up, good and bad ones, and holds what comes back to the document.

    Without `ignored_auth`: who fails to log in again and again gets a 429 here, not always a 401. Without
    `positive_data_acceptance`: what is configured decides too, and no schema knows that.
    """
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.address}/openapi.json",
        "--max-examples", "3", "--phases", "examples,coverage,fuzzing", "--seed", "1", "--workers", "2",
        "--exclude-checks", "ignored_auth,positive_data_acceptance", "--request-timeout", "20", "--no-color",
        "-H", f"Authorization: Bearer {token(role='admin')}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=ROOT / "tests" / "screenshots"
        if (ROOT / "tests" / "screenshots").is_dir() else None,
    )  # fmt: skip
    async with asyncio.timeout(SCHEMATHESIS_SECONDS):
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-6000:]


# --- WebSocket --------------------------------------------------------------------------------------------


def frames_of(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON frame of a dialect's transcripts, and which story it is from."""
    for story in sorted((TRANSCRIPTS / folder).glob("*.txt")):
        for line in story.read_text("utf-8").splitlines():
            if line.startswith("{"):
                yield story.stem, orjson.loads(line)


@pytest.mark.parametrize(
    ("folder", "models", "wrapped"),
    [("text2sql", frames.TEXT2SQL, True), ("chat", frames.CHAT, False), ("scm", frames.SCM, True)],
)
def test_every_frame_of_every_story_is_what_is_told_of_it(
    folder: str, models: Mapping[str, type[BaseModel]], wrapped: bool
) -> None:
    seen = 0
    for story, frame in frames_of(folder):
        body = frame["data"] if wrapped else frame
        if isinstance(body, str):
            assert frame["type"] in ("ERROR", "WARNING")
            continue
        try:
            models[frame["type"]].model_validate(body)
        except ValidationError as wrong:
            raise AssertionError(f"{story}: {frame['type']}: {wrong}") from None
        seen += 1
    assert seen > 20


# --- the manual -------------------------------------------------------------------------------------------


async def test_the_manual_reads_without_a_script_or_another_host(server: Served) -> None:
    async with server.http.get(f"{server.address}/docs") as response:
        index = await response.text()
    pages = sorted(set(re.findall(r'href="(/docs/[\w-]+)"', index)))
    assert len(pages) > 5
    for page in [*pages, "/docs"]:
        async with server.http.get(server.address + page) as response:
            text = await response.text()
            assert response.status == 200, page
            assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
        assert "<script" not in text
        assert not re.search(r'(src|href)="(https?:)?//(?!127\.0\.0\.1)[^"]*\.(js|css|png)"', text)


async def test_every_link_of_the_manual_leads_somewhere(server: Served) -> None:
    async with server.http.get(f"{server.address}/docs") as response:
        pages = set(re.findall(r'href="(/docs/[\w-]+)"', await response.text()))
    for page in sorted(pages):
        async with server.http.get(server.address + page) as response:
            text = await response.text()
        for address in sorted(set(re.findall(r'(?:src|href)="(/[^"#]*)', text))):
            async with server.http.get(server.address + address) as response:
                assert response.status == 200, (page, address)


async def test_an_unknown_page_is_a_404(server: Served) -> None:
    for path in ("/docs/nope", "/docs/..%2fREADME", "/docs/images/nope.webp", "/docs/images/..%2fx.webp"):
        async with server.http.get(server.address + path) as response:
            assert response.status == 404, path
