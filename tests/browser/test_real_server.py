"""The page and our own server, as a newcomer meets them: demo data, offline model, nothing configured."""

import json
import re

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.conftest import Look
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ENDLESS = "SELECT COUNT(*) AS n FROM order_items a, order_items b, order_items c"
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\">"


async def visit(page: Page, server: str) -> None:
    await page.goto(f"{server}/")
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    await expect(page.locator(".example").first).to_be_visible()


async def ended(page: Page, status: str) -> None:
    await expect(page.locator(".turn").last).to_have_attribute("data-status", status, timeout=30_000)


async def test_a_newcomer_clicks_an_example_and_sees_all_of_it(page: Page, server: str, look: Look) -> None:
    """Steps, SQL, rows, words and a chart; and nothing is asked of another host."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    await visit(page, server)
    await look("welcome")
    await page.click(".example >> nth=0")
    await ended(page, "completed")
    await expect(page.locator(".answer .prose")).not_to_be_empty()
    await expect(page.locator(".answer .chart-canvas svg")).to_be_visible(timeout=30_000)
    await look("answer")
    await page.click(".summary")
    done = page.locator(".step[data-status=done]")
    await expect(done).to_have_count(10)
    await look("steps")
    await page.click("[data-tab=sql]")
    await expect(page.locator(".attempt .sql-keyword").first).to_have_text(
        re.compile("select", re.IGNORECASE)
    )
    await look("sql")
    await page.click("[data-tab=table]")
    assert await page.locator(".table-view tbody tr:not(.spacer)").count() > 3
    await look("table")
    await page.click("[data-tab=chart]")
    await expect(page.locator(".tab-panel:visible .chart-canvas svg")).to_be_visible()
    await look("chart")
    assert {request.url for request in requests if not request.url.startswith(server)} == set()


async def test_sql_arrives_token_by_token(page: Page, server: str) -> None:
    """Many frames, each with a part of it; joined they hold what the page shows."""
    deltas: list[str] = []

    def hear(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "query_token" and message["data"]["kind"] == "sql":
            deltas.append(message["data"]["delta"])

    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: hear(frame)))
    await visit(page, server)
    await page.click(".example >> nth=0")
    await ended(page, "completed")
    assert len(deltas) > 5
    shown = await page.locator(".attempt code").text_content()
    assert "".join((shown or "?").split()) in "".join("".join(deltas).split())


async def test_the_offline_model_is_named_for_what_it_is(page: Page, server: str) -> None:
    await visit(page, server)
    await expect(page.locator(".offline")).to_contain_text("按规则")


async def test_a_running_statement_is_stopped(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, ENDLESS)
    await expect(page.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    await look("running")
    await page.click("[data-action='query.cancel']")
    await ended(page, "cancelled")
    await expect(page.locator(".summary-text")).to_have_text("已取消，停在“执行查询”")
    await look("cancelled")


async def test_writing_is_refused_with_a_reason(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, "DROP TABLE orders")
    await ended(page, "failed")
    await expect(page.locator(".fault h3")).to_have_text("只允许只读查询")
    await look("refused")


async def test_what_the_database_refuses_stands_beside_the_sql(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, "SELECT no_such_column FROM orders")
    await ended(page, "failed")
    await expect(page.locator(".attempt").first).to_contain_text("no_such_column")
    await expect(page.locator(".fault")).to_be_visible()
    await look("failed")


async def test_hostile_values_and_names_stay_text(page: Page, server: str) -> None:
    await visit(page, server)
    await ask(
        page, f"""SELECT '{HOSTILE.replace("'", "''")}' AS "<b>name</b>", 1 AS n UNION ALL SELECT '', 2"""
    )
    await ended(page, "completed")
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view th .column-name").first).to_have_text("<b>name</b>")
    await expect(page.locator(".table-view tbody tr:not(.spacer) td").first).to_have_text(HOSTILE)
    assert await page.evaluate("window.hacked") is None


async def test_many_rows_arrive_and_the_cut_is_told(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, "SELECT a.order_id, b.product_id, a.order_date FROM orders a, products b")
    await ended(page, "completed")
    await page.click("[data-tab=table]")
    await expect(page.locator(".count")).to_have_text("只取了前 100,000 行，后面还有更多")
    scroll = page.locator(".table-view .table-scroll")
    await scroll.evaluate("(node) => { node.scrollTop = node.scrollHeight; }")
    await expect(page.locator(".table-view tbody tr[aria-rowindex='100001']")).to_be_visible()
    await look("end")


async def test_a_reload_keeps_what_was_answered(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await page.click(".example >> nth=1")
    await ended(page, "completed")
    words = await page.locator(".answer .prose").inner_text()
    await page.reload()
    await ended(page, "completed")
    await expect(page.locator(".answer .prose")).to_have_text(words)
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    await look("reloaded")
    await ask(page, "SELECT 7 AS lucky")
    await ended(page, "completed")
    await expect(page.locator(".figures dd").last).to_have_text("7")


@pytest.mark.parametrize("context_options", [{"locale": "en-GB"}])
async def test_english_from_the_examples_to_the_errors(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await page.click(".example >> nth=0")
    await ended(page, "completed")
    await expect(page.locator(".summary-text")).to_have_text(re.compile(r"^Done in [\d.]+ s$"))
    assert not re.search(r"[\u4e00-\u9fff]", await page.locator(".question").inner_text())
    await look("answer")
    await ask(page, "DELETE FROM orders")
    await ended(page, "failed")
    await expect(page.locator(".fault h3")).to_have_text("Only read-only queries are allowed")
    await page.click("#language")
    await expect(page.locator(".turn").first.locator("[data-tab=answer]")).to_have_text("回答")


@pytest.mark.parametrize(
    "context_options", [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}]
)
async def test_on_a_phone(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await look("welcome")
    await page.tap(".example >> nth=1")
    await ended(page, "completed")
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await look("answer")
    await page.tap("[data-tab=table]")
    await look("table")
