"""Signing in to a server that wants tokens: first, again, in time; and what one tab too many is told."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import USUAL, Look
from tests.browser.lab import shop_server
from tests.browser.scripted import ScriptedServer
from tests.browser.test_asking import ask
from tests.support.serving import Served
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JWT = {"mode": "jwt", "secret": SECRET}
ENDLESS = "SELECT COUNT(*) AS n FROM orders a, orders b, orders c, orders d"


@pytest.fixture
def folder(tmp_path: Path, vega_folder: Path) -> Path:
    """For a server's files; the charts' bundle is there already."""
    shutil.copytree(vega_folder, tmp_path / "var")
    return tmp_path


@asynccontextmanager
async def visitor(browser: Browser, address: str, **more: Any) -> AsyncIterator[Page]:
    context: BrowserContext = await browser.new_context(**(USUAL | more))
    context.set_default_timeout(15_000)
    try:
        page = await context.new_page()
        await page.goto(address)
        yield page
    finally:
        await context.close()


async def sign_in(page: Page, shown: str) -> None:
    await page.fill("#token", shown)
    await page.press("#token", "Enter")


async def connected(page: Page) -> None:
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected", timeout=15_000)


async def completed(page: Page) -> None:
    await expect(page.locator(".turn").last).to_have_attribute("data-status", "completed", timeout=15_000)


async def test_a_token_is_asked_for_once_and_travels_with_everything(browser: Browser, folder: Path) -> None:
    async with shop_server(folder, auth=JWT) as server, visitor(browser, server.address) as page:
        dialog = page.locator("#signin")
        await expect(dialog).to_contain_text("这台服务器需要知道你是谁。")
        await expect(page.locator("#token")).to_be_focused()
        await sign_in(page, "not a token")
        await expect(page.locator("#token-fault")).to_be_visible()
        await sign_in(page, token(key="some other secret of thirty-two bytes or more"))
        await expect(dialog).to_contain_text("服务器没有接受这个令牌")
        await sign_in(page, f"Bearer {token()}")
        await connected(page)
        await ask(page, "SELECT * FROM cities")
        await completed(page)
        await page.click("[data-tab=table]")
        async with page.expect_download() as saving:
            await page.click("[data-action='export.csv']")
        await saving.value
        await page.reload()
        await connected(page)
        await expect(dialog).to_be_hidden()
        assert "ey" not in page.url
        await page.click("#leave")
        await expect(dialog).to_be_visible()
        await expect(page.locator(".turn")).to_have_count(0)


async def test_an_expired_token_loses_nothing(browser: Browser, folder: Path) -> None:
    """The query runs on while the reader signs in again, and ends on the page."""
    async with shop_server(folder, auth=JWT) as server, visitor(browser, server.address) as page:
        await sign_in(page, token(seconds=6))
        await connected(page)
        await ask(page, "SELECT * FROM cities")
        await completed(page)
        await ask(page, ENDLESS)
        await expect(page.locator("[data-stage=executing_sql]").last).to_have_attribute(
            "data-status", "running"
        )
        await expect(page.locator("#signin")).to_contain_text("即将过期")
        await page.get_by_role("button", name="稍后").click()
        await expect(page.locator("#signin")).to_contain_text("登录已过期", timeout=15_000)
        await expect(page.locator(".connection")).to_have_text("需要登录")
        await expect(page.locator(".turn").last).to_have_attribute("data-status", "running")
        await page.keyboard.press("Escape")
        await expect(page.locator(".banner")).to_contain_text("登录已失效")
        await page.get_by_role("button", name="登录", exact=True).click()
        await sign_in(page, token())
        await connected(page)
        await expect(page.locator(".banner")).to_be_hidden()
        await expect(page.locator(".turn").last).to_have_attribute("data-status", "running")
        await page.click("[data-action='query.cancel']")
        await expect(page.locator(".turn").last).to_have_attribute("data-status", "cancelled")
        await expect(page.locator(".turn").first).to_have_attribute("data-status", "completed")


async def test_a_token_is_renewed_while_connected(browser: Browser, folder: Path) -> None:
    """A while before it expires; the page's clock is put forward, the server's isn't."""
    async with shop_server(folder, auth=JWT) as server, visitor(browser, server.address) as page:
        frames: list[str] = []
        page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame)))
        )
        await page.clock.install()
        await page.reload()
        await sign_in(page, token(seconds=130))
        await connected(page)
        await page.clock.fast_forward(66_000)
        await expect(page.locator("#signin")).to_contain_text("即将过期")
        await sign_in(page, token("somebody else"))
        await expect(page.locator("#signin")).to_contain_text("没有接受")
        await sign_in(page, token(seconds=600))
        await expect(page.locator("#signin")).to_be_hidden()
        await ask(page, "SELECT 1 AS one")
        await completed(page)
        assert sum('"token_refreshed"' in frame for frame in frames) == 1
        assert sum('"connection_ack"' in frame for frame in frames) == 1


async def one_too_many(browser: Browser, server: Served) -> None:
    async with (
        visitor(browser, server.address) as first,
        visitor(browser, server.address, locale="en") as second,
    ):
        await connected(first)
        await expect(second.locator(".banner")).to_contain_text("Too many pages are open at once.")
        await expect(second.locator(".banner")).to_contain_text("Close a few tabs")
        await first.close()
        await second.get_by_role("button", name="Connect again").click()
        await connected(second)


async def test_one_tab_too_many_is_told_what_to_do(browser: Browser, folder: Path) -> None:
    async with shop_server(folder, limits={"connections_per_user": 1}) as server:
        await one_too_many(browser, server)


@pytest.mark.parametrize(
    "context_options", [{}, {"color_scheme": "dark", "locale": "en"}], ids=["light", "dark"]
)
async def test_the_dialog_is_looked_at(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await scripted.drop(4401)
    await expect(page.locator("#signin")).to_be_visible()
    await look("dialog")
    await page.fill("#token", "nonsense")
    await page.press("#token", "Enter")
    await expect(page.locator("#token-fault")).to_be_visible()
    await look("refused")
    await page.keyboard.press("Escape")
    await expect(page.locator(".banner")).to_be_visible()
    await look("put off")
