"""The page and our server over a line that is cut, stalled and refused; and a reload in mid-stream."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.lab import shop_server
from tests.browser.test_asking import ask
from tests.browser.test_signing_in import connected, folder, visitor
from tests.support.proxy import Proxy

__all__ = ["folder"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SLOW = "SELECT a.id, b.id AS other, c.name FROM orders a, orders b, cities c LIMIT 60000"
ROWS = 60_000


@asynccontextmanager
async def line(browser: Browser, folder: Path) -> AsyncIterator[tuple[Page, Proxy]]:
    async with shop_server(folder) as server:
        port = int(server.address.rsplit(":", 1)[1])
        async with Proxy(port) as proxy, visitor(browser, f"http://127.0.0.1:{proxy.port}/") as page:
            await connected(page)
            yield page, proxy


async def begun(page: Page, proxy: Proxy) -> None:
    """A result that is on its way, and slowly."""
    await ask(page, SLOW)
    await expect(page.locator(".count")).to_contain_text("行…")


async def all_rows(page: Page) -> None:
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed", timeout=30_000)
    await page.click("[data-tab=table]")
    await expect(page.locator(".count")).to_have_text(f"{ROWS:,} 行")
    scroll = page.locator(".table-view .table-scroll")
    await scroll.evaluate("(node) => { node.scrollTop = node.scrollHeight; }")
    await expect(page.locator(f"tr[aria-rowindex='{ROWS + 1}']")).to_be_visible()


@pytest.mark.parametrize("how", ["reset", "cut"])
async def test_a_line_that_breaks_in_mid_stream_loses_no_row(
    browser: Browser, folder: Path, how: str
) -> None:
    async with line(browser, folder) as (page, proxy):
        proxy.slow(1_000_000)
        await begun(page, proxy)
        getattr(proxy, how)()
        proxy.go_on()
        await all_rows(page)
        await connected(page)


async def test_a_server_out_of_reach_is_told_and_found_again(browser: Browser, folder: Path) -> None:
    async with line(browser, folder) as (page, proxy):
        proxy.slow(1_000_000)
        await begun(page, proxy)
        proxy.refuse()
        proxy.reset()
        await expect(page.locator(".connection")).to_contain_text("重新连接中")
        await proxy.welcome()
        proxy.go_on()
        await all_rows(page)


async def test_a_reload_in_mid_stream_goes_on_where_it_was(browser: Browser, folder: Path) -> None:
    async with line(browser, folder) as (page, proxy):
        proxy.slow(300_000)
        await begun(page, proxy)
        proxy.go_on()
        await page.reload()
        await connected(page)
        await expect(page.locator(".question-sql")).to_have_text(SLOW)
        await all_rows(page)
