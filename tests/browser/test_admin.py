"""The administrators' page: live figures, a query stopped, a connection closed, everybody told something."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser import vendor
from tests.browser.conftest import Look, running_server
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS = 20_000
ENDLESS = "SELECT MAX(a.order_id + b.order_id + c.order_id) AS most FROM orders a, orders b, orders c"
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\">"


@asynccontextmanager
async def client(
    server: str, path: str = "/text2sql/websocket"
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession() as http, http.ws_connect(server + path) as ws:
        beating = asyncio.create_task(_beat(ws))
        try:
            yield ws
        finally:
            beating.cancel()
            await asyncio.wait({beating})


async def _beat(ws: aiohttp.ClientWebSocketResponse) -> None:
    """A sign of life now and then, in either dialect: a loaded machine may take its time over a test."""
    while not ws.closed:
        await asyncio.sleep(10)
        await ws.send_json({"type": "heartbeat", "data": {}})


async def until(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while (message := json.loads(await ws.receive_str()))["type"] != kind:
        pass
    found: dict[str, Any] = message
    return found


def rows(page: Page, name: str) -> Locator:
    return page.locator(f"#{name} tbody tr")


async def test_figures_live_and_a_query_is_stopped(page: Page, server: str, look: Look) -> None:
    await page.goto(f"{server}/admin")
    async with client(server) as ws:
        await ws.send_json({"type": "query_request", "data": {"query": ENDLESS}})
        row = rows(page, "queries").filter(has_text="SELECT MAX")
        await expect(row).to_have_count(1, timeout=SECONDS)
        await expect(page.locator("#tile-queries dd")).to_have_text("1")
        await expect(page.locator(".graph svg").first).to_have_attribute(
            "aria-label", re.compile(r"\d"), timeout=SECONDS
        )
        await look("running")
        stop = row.get_by_role("button")
        await stop.click()
        await stop.click()
        await until(ws, "query_cancel")
        await expect(row).to_have_count(0, timeout=SECONDS)


async def test_a_connection_is_closed_and_a_user_pinged(page: Page, server: str) -> None:
    async with client(server, "/scm/websocket/ai/chat?userId=bella") as ws:
        await page.goto(f"{server}/admin")
        await ws.receive_str()
        row = rows(page, "connections").filter(has_text="bella")
        await expect(row).to_have_count(1, timeout=SECONDS)
        await expect(row).to_contain_text("scm")
        close = row.get_by_role("button")
        await close.click()
        await close.click()
        while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == 4510
        await expect(row).to_have_count(0, timeout=SECONDS)


async def test_everybody_is_told_and_a_user_is_notified(page: Page, server: str, look: Look) -> None:
    await page.goto(f"{server}/admin")
    async with client(server) as ws:
        await page.locator("#broadcast-message").fill(HOSTILE)
        await page.locator("#broadcast button[type=submit]").click()
        assert (await until(ws, "system_status"))["data"]["message"] == HOSTILE
    await expect(page.locator("#broadcast .told")).to_have_text(re.compile(r"\d"))
    await page.locator("#notify-users").fill("carol")
    await page.locator("#notify-heading").fill("维护")
    await page.locator("#notify-message").fill(HOSTILE)
    await page.locator("#notify-type").select_option("warning")
    await page.locator("#notify button[type=submit]").click()
    told = rows(page, "notifications").filter(has_text="carol").first
    await expect(told).to_contain_text("onerror", timeout=SECONDS)
    await look("notified")
    assert await page.evaluate("window.hacked") is None


async def test_a_bad_target_is_refused_in_words(page: Page, server: str) -> None:
    await page.goto(f"{server}/admin")
    await page.locator("#broadcast-target").select_option("user")
    await page.locator("#broadcast-id").fill("nobody-at-all")
    await page.locator("#broadcast-message").fill("hello")
    await page.locator("#broadcast button[type=submit]").click()
    await expect(page.locator("#broadcast .told")).not_to_be_empty()


async def test_both_languages_and_the_dark(page: Page, server: str, look: Look) -> None:
    await page.goto(f"{server}/admin")
    await expect(page.locator("h1")).to_have_text("监控")
    await page.locator("#language").click()
    await expect(page.locator("#queries h2")).to_have_text("Running queries")
    await page.locator("#theme").click()
    await page.locator("#theme").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await look("dark")


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 390, "height": 844}}], ids=["phone"])
async def test_it_fits_a_phone(page: Page, server: str, look: Look) -> None:
    await page.goto(f"{server}/admin")
    await expect(page.locator("#tile-uptime dd")).to_have_text(re.compile(r"\d"), timeout=SECONDS)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await look("phone")


async def test_axe_finds_nothing(page: Page, server: str) -> None:
    async with client(server):
        await page.goto(f"{server}/admin")
        await expect(rows(page, "connections").first).to_be_visible(timeout=SECONDS)
        await page.evaluate(vendor.axe().read_text("utf-8"))
        found = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert [one["id"] for one in found["violations"]] == []


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(server_folder: Path, tmp_path: Path) -> AsyncIterator[str]:
    """A server that asks for tokens."""
    config = tmp_path / "guarded.toml"
    config.write_text(
        f'[auth]\nmode = "jwt"\nsecret = "{SECRET}"\n[storage]\nurl = "sqlite:///{tmp_path}/own.db"\n'
    )
    async with running_server(server_folder, "--config", str(config)) as address:
        yield address


async def test_it_asks_for_a_token_and_says_who_may(context: BrowserContext, guarded: str) -> None:
    page = await context.new_page()  # its console says 401 and 403, which is what this is about
    await page.goto(f"{guarded}/admin")
    box = page.locator("#signin input")
    await box.fill(token(role="admin"))
    await box.press("Enter")
    await expect(page.locator(".state")).to_have_attribute("data-state", "live", timeout=SECONDS)
    await expect(page.locator("#tile-connections dd")).to_have_text(re.compile(r"\d"))
    await page.evaluate("sessionStorage.clear()")
    await page.reload()
    await box.fill(token())
    await box.press("Enter")
    await expect(page.locator(".state")).to_have_attribute("data-state", "forbidden", timeout=SECONDS)
