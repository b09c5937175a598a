"""Ask and watch: the question box, the steps, the SQL as it is written, stopping, and what goes wrong."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import ScriptedServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SQL = "SELECT name, SUM(amount) FROM orders GROUP BY name"


async def ask(page: Page, question: str = "每个产品的销售额") -> None:
    await page.fill("#question", question)
    await page.press("#question", "Enter")


async def test_an_example_asks_itself(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await expect(page.locator(".example")).to_have_count(2)
    await look("welcome")
    await page.click(".example >> text=Which product sold best?")
    asked = await scripted.received("query_request")
    assert asked["query"] == "Which product sold best?"
    assert asked["database_config"] == {"datasource": "sales"}
    assert asked["options"]["locale"] == "zh"
    await expect(page.locator(".question")).to_have_text("Which product sold best?")
    await expect(page.locator(".welcome")).to_be_hidden()


async def test_enter_asks_and_shift_enter_breaks_the_line(page: Page, scripted: ScriptedServer) -> None:
    await page.type("#question", "first")
    await page.press("#question", "Shift+Enter")
    await page.type("#question", "second")
    assert not scripted.has_received("query_request")
    await page.press("#question", "Enter")
    assert (await scripted.received("query_request"))["query"] == "first\nsecond"
    await expect(page.locator("#question")).to_have_value("")


async def test_enter_that_ends_a_composed_word_asks_nothing(page: Page, scripted: ScriptedServer) -> None:
    """Whoever writes Chinese presses Enter to take a word from the input method."""
    await page.type("#question", "xiaoshou")
    composing = "document.querySelector('#question').dispatchEvent(new KeyboardEvent('keydown', %s))"
    await page.evaluate(composing % "{ key: 'Enter', isComposing: true, bubbles: true }")
    await page.press("#question", "Enter")
    await scripted.received("query_request")
    assert not scripted.has_received("query_request")


async def test_an_empty_question_is_not_sent(page: Page, scripted: ScriptedServer) -> None:
    await ask(page, "   \n ")
    await ask(page, "then one")
    assert (await scripted.received("query_request"))["query"] == "then one"


async def test_steps_tick_one_after_the_other(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await ask(page)
    query = await scripted.started()
    for stage in ("analyzing", "selecting_datasource", "connecting_database", "retrieving_schema"):
        scripted.stage(query, stage, remaining=4)
    scripted.stage(query, "generating_sql", remaining=3, message="正在询问模型")
    step = page.locator(".step")
    await expect(step.nth(4)).to_have_attribute("data-status", "running")
    await expect(step.nth(4)).to_contain_text("正在询问模型")
    await expect(step.nth(3)).to_have_attribute("data-status", "done")
    await expect(step.nth(3)).to_contain_text("0.1 秒")
    await expect(step.nth(5)).to_have_attribute("data-status", "waiting")
    await expect(page.locator("progress")).to_have_attribute("value", "45")
    await expect(page.locator(".remaining")).to_have_text("约剩 3 秒")
    await look("steps")


async def test_a_stage_that_was_passed_over_is_skipped(page: Page, scripted: ScriptedServer) -> None:
    """A question that is SQL already is never sent to the model."""
    await ask(page, "SELECT 1")
    query = await scripted.started()
    scripted.stage(query, "retrieving_schema")
    scripted.stage(query, "validating_sql")
    await expect(page.locator("[data-stage=generating_sql]")).to_have_attribute("data-status", "skipped")
    await expect(page.locator("[data-stage=retrieving_schema]")).to_have_attribute("data-status", "done")


async def test_sql_is_highlighted_as_it_is_written(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "generating_sql")
    scripted.tokens(query, "sql", ["```sq", "l\nSELECT na", "me, SU"])
    code = page.locator(".attempt code")
    await expect(code).to_have_text("SELECT name, SU")
    await expect(page.locator(".sql-keyword")).to_have_text(["SELECT"])
    await expect(page.locator("[data-tab=sql]")).to_have_attribute("aria-selected", "true")
    await look("half")
    scripted.tokens(query, "sql", ["M(amount) FROM orders\n``", "`"])
    await expect(code).to_have_text("SELECT name, SUM(amount) FROM orders")
    await expect(page.locator(".sql-function")).to_have_text(["SUM"])
    scripted.tell("query_sql", query, sql=SQL, attempt=1)
    await expect(code).to_have_text(SQL)


async def test_thinking_is_folded_apart(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "generating_sql")
    scripted.tokens(query, "reasoning", ["先看", "订单表"])
    await expect(page.locator(".thinking summary")).to_have_text("正在思考…")
    await expect(page.locator(".thinking-words")).to_be_hidden()
    await page.click(".thinking summary")
    await expect(page.locator(".thinking-words")).to_have_text("先看订单表")
    await look("open")


async def test_a_repair_is_shown_as_the_second_attempt(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.tell("query_sql", query, sql="SELECT nme FROM orders", attempt=1)
    scripted.stage(query, "executing_sql")
    refused = {
        "sql": "SELECT nme FROM orders",
        "error": "no such column: nme",
        "code": "SQL_EXECUTION_FAILED",
    }
    scripted.stage(query, "executing_sql", details=refused | {"attempt": 1})
    scripted.tokens(query, "sql", ["SELECT name ", "FROM orders"], attempt=2)
    attempts = page.locator(".attempt")
    await expect(attempts).to_have_count(2)
    await expect(attempts.nth(0)).to_contain_text("no such column: nme")
    await expect(attempts.nth(1).locator(".sql-title")).to_have_text("第 2 次尝试")
    await expect(attempts.nth(1).locator("code")).to_have_text("SELECT name FROM orders")
    await look("attempts")


@pytest.mark.parametrize("how", ["button", "escape", "composer"])
async def test_a_cancel_says_what_was_stopped(
    page: Page, scripted: ScriptedServer, look: Look, how: str
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "executing_sql")
    await expect(page.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    if how == "button":
        await page.click("[data-action='query.cancel']")
    elif how == "escape":
        await page.keyboard.press("Escape")
    else:
        await page.click(".send")
    assert await scripted.received("query_cancel") == {"query_id": "q1"}
    await expect(page.locator("[data-action='query.cancel']")).to_be_disabled()
    scripted.tell("query_cancel", query, cancelled_at="2025-01-01T00:00:00Z")
    await expect(page.locator(".summary-text")).to_have_text("已取消，停在“执行查询”")
    await look("cancelled")
    await page.click("[data-action='query.again']")
    assert (await scripted.received("query_request"))["query"] == "每个产品的销售额"
    await expect(page.locator(".turn")).to_have_attribute("data-status", "waiting")


async def test_a_cancel_before_the_start_is_sent_with_the_start(page: Page, scripted: ScriptedServer) -> None:
    """The page doesn't know the query's id before the server says it."""
    await ask(page)
    await page.keyboard.press("Escape")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "cancelling")
    assert not scripted.has_received("query_cancel")
    await scripted.started("late")
    assert await scripted.received("query_cancel") == {"query_id": "late"}


async def test_an_error_says_what_to_do_and_retries_where_it_failed(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "generating_sql")
    scripted.tell("query_sql", query, sql="SELECT price FROM orders", attempt=1)
    scripted.stage(query, "executing_sql")
    scripted.fail(query)
    fault = page.locator(".fault")
    await expect(fault).to_contain_text("SQL执行失败")
    await expect(fault).to_contain_text("请修改问题后重试")
    await expect(page.locator(".database-error")).to_have_text("(1054, \"Unknown column 'price'\")")
    await expect(page.locator(".summary-text")).to_have_text("在“执行查询”时失败")
    await look("failed")
    await page.click("[data-action='query.retry']")
    assert await scripted.received("query_retry") == {"query_id": "q1"}
    scripted.tell("query_start", "q2", query="每个产品的销售额", start_time="", retry_of="q1")
    scripted.stage("q2", "executing_sql")
    await expect(fault).to_have_count(0)
    await expect(page.locator("[data-stage=generating_sql]")).to_have_attribute("data-status", "done")
    scripted.complete("q2", explanation="好了")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")
    await expect(page.locator(".turn")).to_have_count(1)


async def test_what_cannot_succeed_offers_no_retry(page: Page, scripted: ScriptedServer) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.fail(query, code="SQL_NOT_READ_ONLY", can_retry=False)
    await expect(page.locator("[data-action='query.again']")).to_be_visible()
    await expect(page.locator("[data-action='query.retry']")).to_have_count(0)


async def test_a_question_that_is_refused_says_why(page: Page, scripted: ScriptedServer, look: Look) -> None:
    """A refusal names no query: it belongs to the question that waits."""
    await ask(page)
    await scripted.received("query_request")
    refusal = {"error": "本会话已有 3 个查询在运行", "code": "RESOURCE_LIMIT_EXCEEDED", "title": "资源超限"}
    scripted.notify("query_error", **refusal, suggestion="请等待", can_retry=True, stage=None)
    await expect(page.locator(".fault")).to_contain_text("本会话已有 3 个查询在运行")
    await expect(page.locator(".summary-text")).to_have_text("没有被接受")
    await look("refused")


async def test_questions_stand_one_below_the_other_and_keep_their_answers_apart(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page, "first")
    await scripted.started("a")
    await ask(page, "second")
    await scripted.started("b")
    scripted.tokens("b", "explanation", ["answer of b"])
    scripted.tokens("a", "explanation", ["answer of a"])
    scripted.complete("b", explanation="answer of b")
    turns = page.locator(".turn")
    await expect(turns.nth(0).locator(".prose")).to_have_text("answer of a")
    await expect(turns.nth(1).locator(".prose")).to_have_text("answer of b")
    await expect(turns.nth(1)).to_have_attribute("data-status", "completed")
    await expect(turns.nth(0)).to_have_attribute("data-status", "running")
    await look("two")


async def test_the_view_follows_until_the_reader_scrolls_away(page: Page, scripted: ScriptedServer) -> None:
    for name in ("a", "b", "c"):
        await ask(page, name)
        await scripted.started(name)
        scripted.complete(name, explanation="\n\n".join(["paragraph"] * 12))
        await expect(page.locator(".turn").last).to_have_attribute("data-status", "completed")
    await expect(page.locator(".turn").last.locator(".question")).to_be_in_viewport()
    await page.mouse.wheel(0, -5000)
    await expect(page.locator(".latest")).to_be_visible()
    await page.wait_for_function("scrollY === 0")
    scripted.notify("system_status", message="still here", type="info")
    await expect(page.locator(".notice")).to_be_visible()
    assert await page.evaluate("scrollY") == 0
    await page.click(".latest")
    await expect(page.locator(".turn").last.locator(".question")).to_be_in_viewport()
    await expect(page.locator(".latest")).to_be_hidden()


async def test_a_new_conversation_forgets_the_old(page: Page, scripted: ScriptedServer) -> None:
    await ask(page, "old")
    first = await scripted.received("query_request")
    scripted.tell("query_start", "q1", query="old", start_time="")
    await page.click("#new")
    assert await scripted.received("query_cancel") == {"query_id": "q1"}
    await expect(page.locator(".turn")).to_have_count(0)
    await expect(page.locator(".welcome")).to_be_visible()
    await ask(page, "new")
    second = await scripted.received("query_request")
    assert first["options"]["conversation_id"] != second["options"]["conversation_id"]
