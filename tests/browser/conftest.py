"""Chromium for the tests of the page: one browser, a fresh context a test, our server where it is asked for.

Everything here and every test of it runs on the session's event loop, the browser's own.
"""

import asyncio
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.browser.scripted import ScriptedServer, static_files
from text2sql_ws.web import vega

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "tests" / "screenshots"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""The shell without windows first: the same engine, at half the work for each test."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 120
STOP_SECONDS = 30

PATIENCE_MS = 20_000
"""What a test waits for something to come to pass: nothing where all is well, and machines are busy."""

LONGEST_SECONDS = 240
"""A test's time holds that of the fixtures it is the first to need: browser, charts' bundle, server."""

USUAL: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 860},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
}

Look = Callable[[str], Awaitable[None]]


expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def vega_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the charts' bundle; a server whose `var` folder begins as a copy of it needn't make its own."""
    folder = tmp_path_factory.mktemp("vega")
    await vega.bundle(folder)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def vega_bundle(vega_folder: Path) -> bytes:
    return await vega.bundle(vega_folder)


@pytest.fixture
def context_options() -> dict[str, Any]:
    """What a test's browser is like; `@pytest.mark.parametrize("context_options", …)` says otherwise."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, context_options: dict[str, Any]) -> AsyncIterator[BrowserContext]:
    made = await browser.new_context(**(USUAL | context_options))
    made.set_default_timeout(PATIENCE_MS)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page on which nothing may go wrong unseen: an error in its console fails the test."""
    opened, complaints = await context.new_page(), list[str]()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "the server responded with a status of 404" not in message.text:
            complaints.append(message.text)

    opened.on("console", hear)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


@pytest.fixture
def look(page: Page, request: pytest.FixtureRequest) -> Look:
    """Writes what the page looks like, for a person to look at."""

    async def shoot(name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        test = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
        await page.screenshot(path=SCREENSHOTS / f"{test}--{name}.png")

    return shoot


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(page: Page, vega_bundle: bytes, files: str) -> ScriptedServer:
    """The page, open and connected to a peer that the test speaks for."""
    server = ScriptedServer(page, vega_bundle, files)
    await server.open()
    return server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def files() -> AsyncIterator[str]:
    async with static_files() as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def module(browser: Browser, vega_bundle: bytes, files: str) -> AsyncIterator[Page]:
    """A page from which `/static/js/…` can be imported, for all tests that only call what is pure."""
    opened = await browser.new_page(**USUAL)
    await ScriptedServer(opened, vega_bundle, files).open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory, vega_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(vega_folder, folder / "var")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(server_folder: Path) -> AsyncIterator[str]:
    """The real server with its demo data and offline model; gives its address."""
    async with running_server(server_folder) as address:
        yield address


@asynccontextmanager
async def running_server(folder: Path, *arguments: str) -> AsyncIterator[str]:
    with (folder / "server.log").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "run.py"),
            "--port",
            "0",
            *arguments,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield await _address(process)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            await process.communicate()
    assert process.returncode == 0


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        while line := (await process.stdout.readline()).decode():
            if found := re.search(r"http://\S+?(?=/?\s|/?$)", line):
                return found.group()
    raise AssertionError("the server ended without naming its address; its log is server.log in the folder")
