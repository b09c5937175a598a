"""Every view of the page under axe-core, light and dark, large and small; keyboard, announcements, motion."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import ScriptedServer
from tests.browser.test_asking import ask
from tests.browser.test_using import BARS, MONTHS, SALES
from tests.support.npm import node_modules

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RUN = """async () => {
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    const told = ({ html, failureSummary }) => html + failureSummary;
    return violations.map(({ id, nodes }) => [id, ...nodes.map(told)]);
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    return (node_modules() / "axe-core" / "axe.min.js").read_text("utf-8")


async def checked(page: Page, axe: str) -> None:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe)
    assert await page.evaluate(RUN) == []


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
VARIANTS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE | {"locale": "en"},
}
each_variant = pytest.mark.parametrize("context_options", VARIANTS.values(), ids=VARIANTS.keys())

TABLES = [
    {
        "name": "orders",
        "comment": "订单",
        "columns": [
            {"name": "id", "type": "INTEGER", "comment": "编号"},
            {"name": "amount", "type": "DECIMAL(12,2)", "comment": "金额（元）"},
        ],
    }
]


@each_variant
async def test_the_empty_page_its_panels_and_its_dialog(
    page: Page, scripted: ScriptedServer, axe: str, look: Look
) -> None:
    scripted.listing["datasources"][0]["tables"] = TABLES
    scripted.answers["/text2sql/datasources/sales/tables/orders/sample"] = {
        "columns": ["id", "amount"],
        "rows": [[1, "2.50"], [2, None]],
        "withheld": [],
    }
    await page.reload()
    await expect(page.locator(".example").first).to_be_visible()
    await checked(page, axe)
    if await page.locator("#past").is_hidden():
        await page.click("#past-toggle")
        await checked(page, axe)
        await look("past")
        await page.keyboard.press("Escape")
    await page.click("#schema-toggle")
    await page.click("[data-table=orders] summary")
    await page.click(".sample-button")
    await expect(page.locator(".sample td")).to_have_count(4)
    await checked(page, axe)
    await look("schema")
    await scripted.drop(4401)
    await expect(page.locator("#signin")).to_be_visible()
    await checked(page, axe)


@each_variant
async def test_a_question_on_its_way(page: Page, scripted: ScriptedServer, axe: str, look: Look) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "generating_sql", remaining=4, message="正在询问模型")
    scripted.tokens(query, "reasoning", ["先看订单表"])
    scripted.tokens(query, "sql", ["SELECT nme, 'x', 1 FROM orders -- all"])
    await page.click(".thinking summary")
    await expect(page.locator(".attempt code")).to_contain_text("SELECT")
    await checked(page, axe)
    refused = {"sql": "SELECT nme FROM orders", "error": "no such column: nme", "attempt": 1}
    scripted.stage(query, "executing_sql", details=refused)
    scripted.tokens(query, "sql", ["SELECT name"], attempt=2)
    await expect(page.locator(".attempt")).to_have_count(2)
    await checked(page, axe)
    await look("attempts")


@each_variant
async def test_an_answer_and_all_its_tabs(page: Page, scripted: ScriptedServer, axe: str, look: Look) -> None:
    await ask(page)
    query = await scripted.started()
    replaced = {"replaced": [{"from": "研发", "to": "研究开发部"}]}
    scripted.stage(query, "validating_sql", details=replaced)
    scripted.tell("query_sql", query, sql="SELECT name, 1.5, 'x' FROM t /* c */", attempt=1)
    scripted.rows(query, SALES, [*MONTHS, ["", None, None]])
    usage: dict[str, Any] = {"prompt_tokens": 1200, "completion_tokens": 34, "total_tokens": 1234}
    caution = {"code": "NO_DATA_RETURNED", "message": "请留意"}
    more = {"chart": BARS, "usage": usage, "warnings": [caution], "truncated": True}
    scripted.complete(query, SALES, MONTHS, explanation="十二月`最高`。", **more)
    await expect(page.locator(".answer .chart-canvas svg")).to_be_visible()
    await checked(page, axe)
    await look("answer")
    await page.click("[data-tab=table]")
    await page.locator(".table-view th button").first.click()
    await expect(page.locator(".table-view th").first).to_have_attribute("aria-sort", "ascending")
    await checked(page, axe)
    await look("table")
    await page.click("[data-tab=chart]")
    await page.click("[data-type=line]")
    await expect(page.locator(".chart-panel .mark-line path").first).to_be_visible()
    await checked(page, axe)
    await look("chart")
    await page.click("[data-tab=sql]")
    await page.click("[data-action='sql.edit']")
    await checked(page, axe)
    await page.keyboard.press("Escape")
    await page.click("[data-rating='-1']")
    await page.click(".summary")
    await checked(page, axe)
    await look("feedback")


@each_variant
async def test_what_went_wrong(page: Page, scripted: ScriptedServer, axe: str, look: Look) -> None:
    for name in ("a", "b"):
        await ask(page, name)
        await scripted.started(name)
        scripted.tell("query_sql", name, sql="SELECT price FROM orders", attempt=1)
        scripted.stage(name, "executing_sql")
    scripted.fail("a")
    scripted.tell("query_cancel", "b", cancelled_at="2025-01-01T00:00:00Z")
    await expect(page.locator(".fault")).to_be_visible()
    await expect(page.locator(".stopped")).to_be_visible()
    scripted.notify("system_status", message="今晚维护", type="warning")
    await expect(page.locator(".notice")).to_be_visible()
    await scripted.drop(4504)
    await expect(page.locator(".banner")).to_be_visible()
    await checked(page, axe)
    await look("failed")


async def test_everything_is_reached_and_seen_with_the_keyboard(page: Page, scripted: ScriptedServer) -> None:
    """Tab walks through the page and marks where it stands; the first stop is a link to the question."""
    await ask(page)
    query = await scripted.started()
    scripted.tell("query_sql", query, sql="SELECT 1", attempt=1)
    scripted.complete(query, SALES, MONTHS, explanation="好")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")
    await page.focus("#skip")
    await expect(page.locator("#skip")).to_be_in_viewport()
    await page.keyboard.press("Tab")
    walked = set()
    for _ in range(60):
        marked = await page.evaluate("""() => {
            const at = document.activeElement;
            if (at === document.body) return null;
            const framed = at.closest(".composer, .picker") !== null;
            const isSeen = framed || getComputedStyle(at).outlineStyle !== "none";
            return [at.dataset.action || at.dataset.tab || at.id || at.className, isSeen];
        }""")
        if marked is None:
            break
        assert marked[1], f"{marked[0]} has the focus and doesn't show it"
        walked.add(marked[0])
        await page.keyboard.press("Tab")
    assert {
        "past-toggle",
        "theme",
        "schema-toggle",
        "answer",
        "copy.answer",
        "query.again",
        "question",
    } <= walked


async def test_a_screen_reader_hears_how_it_goes(page: Page, scripted: ScriptedServer) -> None:
    announced = page.locator("#announced")
    await expect(announced).to_have_attribute("aria-live", "polite")
    await ask(page)
    await expect(announced).to_have_text("问题已发送")
    await scripted.started("a")
    scripted.complete("a", SALES, MONTHS)
    await expect(announced).to_have_text("已完成，共 12 行")
    await ask(page)
    await scripted.started("b")
    scripted.fail("b")
    await expect(announced).to_have_text("失败：SQL执行失败")


@pytest.mark.parametrize("context_options", [{"reduced_motion": "no-preference"}])
async def test_whoever_wants_no_motion_gets_none(page: Page, scripted: ScriptedServer) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.stage(query, "executing_sql")
    spinner = page.locator("[data-stage=executing_sql] .mark")
    await expect(spinner).to_have_css("animation-name", "turn")
    await page.emulate_media(reduced_motion="reduce")
    await expect(spinner).to_have_css("animation-name", "none")
