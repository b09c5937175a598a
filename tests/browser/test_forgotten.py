"""Whoever comes back to what the server keeps no more is told so in plain words, and can ask again."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.lab import ENDLESS, shop_server
from tests.browser.scripted import ScriptedServer, completed
from tests.browser.test_accessible import axe, checked, each_variant
from tests.browser.test_asking import ask
from tests.support.serving import Served

__all__ = ["axe"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def asked_endlessly(page: Page, server: Served) -> None:
    await page.goto(f"{server.address}/")
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    await ask(page, ENDLESS)
    await expect(page.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")


async def asked_again(page: Page) -> None:
    """What was asked runs once more, in its place."""
    await page.click(".lost [data-action='query.again']")
    await expect(page.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    await page.click("[data-action='query.cancel']")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "cancelled")
    await page.goto("about:blank")  # a page that looks for a server that is gone complains of it


@pytest.mark.parametrize("is_reloaded", [True, False])
async def test_what_ended_while_nobody_could_be_told_is_fetched(
    page: Page, scripted: ScriptedServer, is_reloaded: bool
) -> None:
    """The server lists it, as ended, and tells no more of it: the page must not wait."""
    await ask(page, "long")
    await scripted.started("q1")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    answer = completed([("n", "integer")], [[42]], sql="SELECT 42", explanation="四十二")
    known = {"query_id": "q1", "query": "long", "status": "completed", "stage": "completed"}
    scripted.known_queries = {"q1": known | answer}
    scripted.acknowledgement = {"resumed": False, "reason": "gap", "last_sequence": 9, "queries": [known]}
    await (page.reload() if is_reloaded else scripted.drop())
    await expect(page.locator(".prose")).to_have_text("四十二")


async def test_who_comes_back_too_late_is_told_so_and_asks_again(
    page: Page, tmp_path: Path, look: Look
) -> None:
    async with shop_server(tmp_path, limits={"resume_seconds": 0.2}) as server:
        await asked_endlessly(page, server)
        await page.goto(f"{server.address}/docs")
        while await server.get("/text2sql/queries"):
            pass
        await page.goto(f"{server.address}/")
        await expect(page.locator(".turn")).to_have_attribute("data-status", "lost")
        await expect(page.locator(".lost")).to_contain_text("离开得太久，服务器已经停止了这个问题")
        await look("expired")
        await page.reload()
        await expect(page.locator(".lost")).to_contain_text("离开得太久")
        await asked_again(page)


async def test_a_server_that_was_restarted_meanwhile_is_told_of_and_asked_again(
    page: Page, tmp_path: Path, look: Look
) -> None:
    async with shop_server(tmp_path) as server:
        await asked_endlessly(page, server)
        await page.goto(f"{server.address}/docs")
    port = int(server.address.rpartition(":")[2])
    async with shop_server(tmp_path, server={"port": port}) as server:
        await page.goto(f"{server.address}/")
        await expect(page.locator(".turn")).to_have_attribute("data-status", "lost")
        await expect(page.locator(".lost")).to_contain_text("服务器已经不再保留这个问题")
        await look("restarted")
        await asked_again(page)


async def test_a_question_that_had_not_begun_when_the_page_was_reloaded_is_told_of(
    page: Page, scripted: ScriptedServer
) -> None:
    scripted.is_away = True
    await scripted.drop()
    await ask(page, "谁来回答？")
    await expect(page.locator(".summary-text")).to_have_text("连接恢复后发送")
    scripted.is_away = False
    await page.reload()
    await expect(page.locator(".lost")).to_contain_text("这个问题还没有开始")
    await page.click(".lost [data-action='query.again']")
    assert (await scripted.received("query_request"))["query"] == "谁来回答？"


async def test_a_query_that_runs_where_nobody_is_told_of_it_is_asked_for_until_it_ends(
    page: Page, scripted: ScriptedServer
) -> None:
    """Such as one of another session: it must not seem to run for ever."""
    await ask(page, "long")
    await scripted.started("q1")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    known: dict[str, Any] = {"query_id": "q1", "query": "long", "status": "running", "stage": "executing_sql"}
    scripted.known_queries = {"q1": known}
    scripted.acknowledgement = {"resumed": False, "reason": "unknown"}
    await page.reload()
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    asked = len(scripted.asked)
    scripted.known_queries = {
        "q1": known | {"status": "failed", "error": {"code": "X", "title": "不行", "message": "坏了"}}
    }
    await expect(page.locator(".fault")).to_contain_text("坏了")
    assert len(scripted.asked) > asked


@each_variant
async def test_it_can_be_read_by_everyone(page: Page, scripted: ScriptedServer, axe: str, look: Look) -> None:
    await ask(page)
    await scripted.started("q1")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    scripted.acknowledgement = {"resumed": False, "reason": "expired"}
    await scripted.drop()
    await expect(page.locator(".lost")).to_be_visible()
    await checked(page, axe)
    await look("lost")
