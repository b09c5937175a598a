"""The five documents' client code, ported: each on a page of the real server, or over a plain socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright

from tests.browser import vendor
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.lab import lab_page, shop_server
from tests.support.serving import Served

PORTED = Path(__file__).parent / "ported"


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One of this folder's own, gone with its last test."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with shop_server(tmp_path_factory.mktemp("clients")) as running:
        yield running


async def serve_ported(page: Page) -> None:
    """Let a page have the ported clients, under `/ported/`."""

    async def respond(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        await route.fulfill(body=(PORTED / name).read_bytes(), content_type="text/javascript")

    await page.route("**/ported/*.js", respond)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, shop: Served) -> AsyncIterator[Page]:
    """An empty page of the server, with the ported clients, React and Vue."""
    async with lab_page(browser, shop.address) as opened:
        await serve_ported(opened)
        await vendor.offer(opened)
        yield opened
