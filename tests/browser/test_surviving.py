"""Survive and suit: the connection lost and found, a reload, both languages, both themes, small screens."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import ScriptedServer
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_lost_connection_comes_back_with_what_it_knows(page: Page, scripted: ScriptedServer) -> None:
    """Session, last sequence and epoch travel with it; the query goes on as if nothing had happened."""
    await ask(page)
    query = await scripted.started()
    scripted.tokens(query, "sql", ["SELECT "])
    await expect(page.locator(".attempt code")).to_have_text("SELECT")
    scripted.acknowledgement = {"resumed": True, "replayed": 1, "last_sequence": 2}
    await scripted.drop()
    await scripted.connected()
    assert scripted.connections[0] == {"locale": "zh"}
    back = {"session_id": "session-1", "last_sequence": "2", "epoch": "epoch-1", "locale": "zh"}
    assert scripted.connections[1] == back
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    token = {"kind": "sql", "delta": "SELECT ", "index": 0, "attempt": 1}
    scripted.repeat("query_token", query, 2, **token)
    scripted.tokens(query, "sql", ["1"])
    await expect(page.locator(".attempt code")).to_have_text("SELECT 1")


async def test_what_cannot_be_resumed_is_lost_and_can_be_run_again(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "executing_sql")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    running = {"query_id": query, "query": "每个产品的销售额", "status": "running", "stage": "executing_sql"}
    scripted.acknowledgement = {"resumed": False, "reason": "gap", "queries": [running]}
    await scripted.drop()
    await expect(page.locator(".turn")).to_have_attribute("data-status", "lost")
    assert await scripted.received("query_cancel") == {"query_id": query}
    await expect(page.locator(".lost")).to_contain_text("超出了服务器保留的量")
    await look("lost")
    await page.click("[data-action='query.again']")
    await scripted.started("again")
    scripted.complete("again", explanation="这次好了")
    await expect(page.locator(".prose")).to_have_text("这次好了")


async def test_reconnecting_is_in_sight_and_a_question_waits_for_it(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    scripted.is_away = True
    await scripted.drop()
    await expect(page.locator(".connection")).to_have_text(re.compile(r"重新连接中 \d+/10"))
    await ask(page, "asked meanwhile")
    await expect(page.locator(".summary-text")).to_have_text("连接恢复后发送")
    await look("reconnecting")
    scripted.is_away = False
    await page.evaluate("() => { dispatchEvent(new Event('online')); }")
    assert (await scripted.received("query_request"))["query"] == "asked meanwhile"


@pytest.mark.parametrize(("code", "state"), [(4509, "elsewhere"), (4503, "refused"), (4510, "refused")])
async def test_the_page_stays_away_when_told_to(
    page: Page, scripted: ScriptedServer, look: Look, code: int, state: str
) -> None:
    await scripted.drop(code)
    await expect(page.locator(".connection")).to_have_attribute("data-state", state)
    await look(state)
    assert len(scripted.connections) == 1
    await page.click(".banner button:has-text('重新连接')")
    await scripted.connected()
    assert len(scripted.connections) == 2


async def test_the_servers_heartbeat_is_answered(scripted: ScriptedServer) -> None:
    scripted.notify("heartbeat", server_time="2025-01-01T00:00:00Z")
    assert await scripted.received("heartbeat") == {}
    scripted.notify("heartbeat", status="alive", server_time="2025-01-01T00:00:00Z")
    scripted.notify("heartbeat", server_time="2025-01-01T00:00:30Z")
    assert await scripted.received("heartbeat") == {}
    assert not scripted.has_received("heartbeat")


async def test_a_reload_keeps_the_conversation(page: Page, scripted: ScriptedServer, look: Look) -> None:
    """What was over is as it was; the rest is asked for, and what is forgotten can be run again."""
    columns, rows = [("name", "string"), ("n", "integer")], [["甲", 1], ["乙", 2]]
    for name in ("a", "b", "c", "d"):
        await ask(page, name)
        await scripted.started(name)
    scripted.complete("a", columns, rows, explanation="甲与乙")
    scripted.fail("b")
    await expect(page.locator(".turn").nth(1)).to_have_attribute("data-status", "failed")
    error = {"code": "SQL_EXECUTION_FAILED", "title": "SQL执行失败", "message": "no such column: x"}
    failed = {"query_id": "c", "query": "c", "status": "failed", "stage": "executing_sql", "error": error}
    scripted.known_queries = {"c": failed | {"sql": "SELECT x"}}
    await page.reload()
    turns = page.locator(".turn")
    await expect(turns.locator(".question")).to_have_text(["a", "b", "c", "d"])
    await expect(turns.nth(0).locator(".prose")).to_have_text("甲与乙")
    await expect(turns.nth(1).locator(".fault")).to_contain_text("Unknown column 'price'")
    await expect(turns.nth(2).locator(".fault")).to_contain_text("no such column: x")
    await expect(turns.nth(3)).to_have_attribute("data-status", "lost")
    await expect(turns.nth(3).locator(".lost")).to_contain_text("服务器已经不再保留这个问题")
    await turns.nth(0).locator("[data-tab=table]").click()
    await expect(turns.nth(0).locator(".table-view tbody tr:not(.spacer)")).to_have_count(2)
    assert scripted.connections[-1]["session_id"] == "session-1"
    assert scripted.connections[-1]["last_sequence"] == "2", "just before c, the first that hadn't ended"
    await look("reloaded")


async def reloaded(page: Page, scripted: ScriptedServer, **acknowledgement: Any) -> None:
    """Reload while q1 runs; `acknowledgement` is what the server says to the page that comes back."""
    running = {"query_id": "q1", "query": "long", "status": "running", "stage": "executing_sql"}
    scripted.known_queries = {"q1": running}
    scripted.acknowledgement = {"queries": [running], **acknowledgement}
    await page.reload()
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")


async def test_a_reload_in_mid_query_is_told_its_story_again_and_goes_on(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    """The page comes back with the sequence before the query's start: nothing of it is missing."""
    scripted.notify("heartbeat", server_time="2025-01-01T00:00:00Z")
    await ask(page, "long")
    await scripted.started("q1")
    scripted.stage("q1", "generating_sql")
    scripted.tokens("q1", "sql", ["SELECT "])
    await expect(page.locator(".attempt code")).to_have_text("SELECT")
    await reloaded(page, scripted, resumed=True, replayed=3, last_sequence=3)
    assert scripted.connections[-1]["last_sequence"] == "0"
    assert scripted.connections[-1]["epoch"] == "epoch-1"
    scripted.repeat("query_start", "q1", 1, query="long", start_time="2025-01-01T00:00:00Z")
    progress = {"stage": "generating_sql", "progress": 45, "message": "", "details": None}
    scripted.repeat("query_progress", "q1", 2, progress=progress | {"estimated_time_remaining": None})
    scripted.repeat("query_token", "q1", 3, kind="sql", delta="SELECT ", index=0, attempt=1)
    scripted.tokens("q1", "sql", ["1"])
    await expect(page.locator(".attempt code")).to_have_text("SELECT 1")
    await expect(page.locator("[data-stage=generating_sql]")).to_have_attribute("data-status", "running")
    await look("goes on")
    columns, rows = [("n", "integer")], [[n] for n in range(10)]
    scripted.rows("q1", columns, rows)
    scripted.complete("q1", columns, rows, explanation="十行")
    await expect(page.locator(".prose")).to_have_text("十行")
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view tbody tr:not(.spacer)")).to_have_count(10)


async def test_a_reload_after_more_than_the_server_keeps_still_sees_the_end(
    page: Page, scripted: ScriptedServer
) -> None:
    await ask(page, "long")
    await scripted.started("q1")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    await reloaded(page, scripted, resumed=False, reason="gap", last_sequence=1)
    columns, rows = [("n", "integer")], [[n] for n in range(10)]
    named = [{"name": "n", "type": "integer"}]
    chunk = {"chunk_index": 1, "row_offset": 5, "is_last": True, "columns": named, "rows": rows[5:]}
    scripted.tell("query_result", "q1", **chunk)
    scripted.complete("q1", columns, rows, explanation="十行")
    await expect(page.locator(".prose")).to_have_text("十行")
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view tbody tr:not(.spacer)")).to_have_count(10)


@pytest.mark.parametrize("context_options", [{"locale": "en-US"}])
async def test_the_page_speaks_the_browsers_language_and_changes_it_at_once(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator(".welcome h1")).to_contain_text("What would you like to know?")
    await look("english")
    await ask(page, "sales?")
    query = await scripted.started()
    scripted.stage(query, "executing_sql")
    scripted.complete(query, [("n", "integer")], [[n] for n in range(3)])
    await expect(page.locator(".summary-text")).to_have_text("Done in 1.3 s")
    await page.click("#language")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.locator(".summary-text")).to_have_text("用时 1.3 秒完成")
    await expect(page.locator("[data-tab=answer]")).to_have_text("回答")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize("context_options", [{"color_scheme": "dark"}])
async def test_appearance_follows_the_system_until_chosen(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    dark = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    await look("dark")
    await page.click("#theme")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_the_offline_model_says_what_it_is(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await expect(page.locator(".offline")).to_contain_text("离线模型")
    await page.click(".offline summary")
    await expect(page.locator(".offline pre")).to_contain_text("[llm.providers.main]")
    await look("how")
    scripted.listing = {**scripted.listing, "providers": [{"name": "main", "model": "m", "offline": False}]}
    await page.reload()
    await expect(page.locator(".example")).to_have_count(2)
    await expect(page.locator(".offline")).to_have_count(0)


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("context_options", [PHONE])
async def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not await page.evaluate(wide)
    await look("welcome")
    await page.tap(".example")
    query = await scripted.started()
    scripted.stage(query, "generating_sql", remaining=2)
    scripted.tokens(
        query, "sql", ["SELECT a_rather_long_name, another_rather_long_name FROM a_table WHERE x = 1"]
    )
    await expect(page.locator(".attempt code")).to_contain_text("SELECT")
    assert not await page.evaluate(wide)
    await look("running")
    columns = [(f"column_{n}", "string") for n in range(12)]
    rows = [["a value of some length"] * 12 for _ in range(30)]
    scripted.rows(query, columns, rows)
    scripted.complete(query, columns, rows, explanation="很多列。" * 20)
    await page.tap("[data-tab=table]")
    assert not await page.evaluate(wide)
    await look("table")


async def test_news_for_everyone_is_shown_until_closed(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    scripted.notify("system_status", message="<b>今晚维护</b>", type="warning")
    await expect(page.locator(".notice")).to_have_text("<b>今晚维护</b>")
    await look("notice")
    await page.click(".notice button")
    await expect(page.locator(".notice")).to_have_count(0)


async def test_a_page_over_plain_http_from_another_machine_works(page: Page, vega_bundle: bytes) -> None:
    """There, browsers offer neither `crypto.randomUUID` nor the clipboard."""
    server = ScriptedServer(page, vega_bundle, origin="http://page.test")
    await server.open()
    await ask(page)
    query = await server.started()
    server.tell("query_sql", query, sql="SELECT 1", attempt=1)
    server.complete(query, explanation="好")
    await page.click("[data-tab=sql]")
    await page.click("[data-action='copy.sql']")
    await expect(page.locator("[data-action='copy.sql']")).to_have_text("已复制")
