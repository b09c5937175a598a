"""SQL in the reader's hands: edited and run, mended after a failure; and what a cancel has stopped."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import ScriptedServer
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_sql_is_edited_and_run_without_asking_again(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page, "多少订单")
    query = await scripted.started()
    scripted.stage(query, "selecting_datasource", details={"datasource": "sales"})
    scripted.tell("query_sql", query, sql="SELECT COUNT(*)\nFROM orders", attempt=1)
    scripted.complete(query, [("n", "integer")], [[3], [4]], sql="SELECT COUNT(*)\nFROM orders")
    await page.click("[data-tab=sql]")
    await page.click("[data-action='sql.edit']")
    box = page.locator(".sql-box")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("SELECT COUNT(*)\nFROM orders")
    await look("editing")
    await page.keyboard.press("Escape")
    await expect(box).to_have_count(0)
    await expect(page.locator("[data-action='sql.edit']")).to_be_focused()
    await page.click("[data-action='sql.edit']")
    await box.fill("SELECT COUNT(*) FROM orders WHERE paid")
    await page.keyboard.press("Control+Enter")
    asked = await scripted.received("query_request")
    assert asked["query"] == "SELECT COUNT(*) FROM orders WHERE paid"
    assert asked["database_config"] == {"datasource": "sales"}
    await expect(page.locator(".question-kind").last).to_have_text("运行 SQL")
    await expect(page.locator(".question-sql .sql-keyword").last).to_have_text("WHERE")
    await look("run")


async def test_what_the_database_refused_is_mended_with_a_click(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    """The model gets the question, the SQL and the database's words, in the form of its own rewrites."""
    await ask(page, "产品的价格")
    query = await scripted.started()
    scripted.tell("query_sql", query, sql="SELECT price FROM orders", attempt=1)
    scripted.stage(query, "executing_sql")
    scripted.fail(query, error="no such column: price")
    await expect(page.locator(".attempt .database-error")).to_have_text("no such column: price")
    await look("failed")
    await page.click("[data-action='query.mend']")
    asked = (await scripted.received("query_request"))["query"]
    assert "<failed_sql>\nSELECT price FROM orders\n</failed_sql>" in asked
    assert "<error>no such column: price</error>" in asked
    assert "产品的价格" in asked
    await expect(page.locator(".question-kind")).to_have_text("修正 SQL")
    await expect(page.locator(".question-sql")).to_have_text("SELECT price FROM orders")
    await look("mending")


async def test_what_no_rewrite_can_mend_offers_none(page: Page, scripted: ScriptedServer) -> None:
    await ask(page, "删掉订单")
    query = await scripted.started()
    scripted.tokens(query, "sql", ["DROP TABLE orders"])
    scripted.fail(query, code="SQL_NOT_READ_ONLY", error="只允许查询")
    await expect(page.locator(".fault")).to_be_visible()
    await expect(page.locator("[data-action='query.mend']")).to_have_count(0)


async def test_short_forms_that_were_replaced_are_shown(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await ask(page, "研发有多少人")
    query = await scripted.started()
    replaced = [{"from": "研发", "to": "研究开发部"}]
    scripted.stage(
        query, "validating_sql", message="已展开简称：研发 → 研究开发部", details={"replaced": replaced}
    )
    scripted.tell("query_sql", query, sql="SELECT 1", attempt=1)
    await expect(page.locator(".replacement")).to_have_text("研发 → 研究开发部")
    await expect(page.locator("[data-stage=validating_sql]")).to_contain_text("研究开发部")
    await look("replaced")


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("retrieving_schema", "已停止，数据库还没有被查询。"),
        ("generating_sql", "模型的输出已中断，到模型的连接已关闭。"),
        ("executing_sql", "数据库里的语句已终止。"),
        ("generating_explanation", "解释没有写完；数据已经齐全。"),
    ],
)
async def test_a_cancel_says_what_it_stopped_and_what_is_left(
    page: Page, scripted: ScriptedServer, look: Look, stage: str, words: str
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, stage)
    has_rows = stage in ("executing_sql", "generating_explanation")
    if has_rows:
        scripted.rows(query, [("n", "integer")], [[1], [2]])
    await expect(page.locator(f"[data-stage={stage}]")).to_have_attribute("data-status", "running")
    await page.keyboard.press("Escape")
    scripted.tell("query_cancel", query, cancelled_at="2025-01-01T00:00:00Z")
    await expect(page.locator(".stopped")).to_contain_text(words)
    if has_rows:
        await expect(page.locator(".stopped")).to_contain_text("已收到的 2 行")
        await page.click("[data-tab=table]")
        await expect(page.locator(".count")).to_have_text("已收到的 2 行")
    await look(stage)


async def test_questions_answers_and_errors_are_copied_with_a_click(
    page: Page, scripted: ScriptedServer
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ask(page, "问")
    query = await scripted.started()
    scripted.complete(query, [("n", "integer")], [[1], [2]], explanation="**答**")
    await page.locator(".turn").hover()
    for action, copied in (("copy.question", "问"), ("copy.answer", "**答**")):
        await page.click(f"[data-action='{action}']")
        await expect(page.locator(f"[data-action='{action}']")).to_have_text("已复制")
        assert await page.evaluate("navigator.clipboard.readText()") == copied
    await ask(page, "错")
    await scripted.started("q2")
    scripted.fail("q2", error="no such table")
    await page.click("[data-action='copy.error']")
    await expect(page.locator("[data-action='copy.error']")).to_have_text("已复制")
    assert "no such table" in await page.evaluate("navigator.clipboard.readText()")
