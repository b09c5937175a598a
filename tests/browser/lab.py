"""An empty page of our server, on which the client library is tried: real modules, real sockets, real CSP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.support.serving import Served, make_shop, served

expect.set_options(timeout=15_000)
"""Playwright's own 5 s are short on a machine that is slow and shared; nobody waits for what is there."""

LIBRARY = "/static/client/text2sql-client.js"

ENDLESS = "SELECT COUNT(*) AS n FROM orders a, orders b, orders c, orders d"
MANY = "SELECT a.id * 1000 + b.id AS n FROM orders a, orders b ORDER BY 1 LIMIT 20000"


@asynccontextmanager
async def shop_server(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    """The real server in this process, over a little shop."""
    shop = folder / "shop.db"
    source = {"type": "sqlite", "path": str(shop if shop.exists() else make_shop(shop))}
    async with served(folder, {"datasources": {"shop": source}, **settings}) as running:
        yield running


@asynccontextmanager
async def lab_page(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """An empty page, for as many tests as leave nothing behind on it."""
    page = await browser.new_page(locale="zh-CN")
    page.set_default_timeout(20_000)
    await visit(page, origin)
    yield page
    await page.close()


async def visit(page: Page, origin: str) -> None:
    """Open a page of the server, and empty it. (A page from elsewhere could not connect to loopback.)"""
    await page.goto(f"{origin}/static/examples/index.html")
    await page.evaluate("document.body.replaceChildren()")


async def run(page: Page, body: str, argument: Any = None, module: str = LIBRARY) -> Any:
    """What `body` returns, with the module as `m` and `argument` as `x`."""
    return await page.evaluate(f"async (x) => {{ const m = await import('{module}'); {body} }}", argument)


def part(name: str) -> str:
    return f"/static/client/lib/{name}.js"
