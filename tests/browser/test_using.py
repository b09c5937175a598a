"""Use: the answer, the table, the chart and the SQL of what was asked, however large or hostile they are."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import Column, ScriptedServer
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SALES: list[Column] = [("月份", "string"), ("销售额", "decimal"), ("订单数", "integer")]
MONTHS = [[f"2025-{month:02d}", f"{month * 123456.5:.2f}", month * 1100] for month in range(1, 13)]
BARS = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "width": "container",
    "transform": [{"calculate": "toNumber(datum['销售额'])", "as": "amount"}],
    "mark": {"type": "bar", "tooltip": True},
    "encoding": {
        "x": {"field": "月份", "type": "ordinal"},
        "y": {"field": "amount", "type": "quantitative", "title": "销售额"},
    },
}
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\"><script>window.hacked = 'yes'</script>"


async def answered(
    page: Page, scripted: ScriptedServer, columns: list[Column], rows: list[list[Any]], **more: Any
) -> None:
    await ask(page)
    query = await scripted.started()
    scripted.tell("query_sql", query, sql=more.get("sql", "SELECT 1"), attempt=1)
    scripted.rows(query, columns, rows)
    scripted.complete(query, columns, rows, **more)
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")


async def test_an_answer_has_words_a_chart_and_small_print(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    usage = {"prompt_tokens": 1200, "completion_tokens": 34, "total_tokens": 1234}
    words = "十二月**最高**。\n\n来自 `orders`。"
    await answered(page, scripted, SALES, MONTHS, explanation=words, chart=BARS, usage=usage, attempts=2)
    await expect(page.locator(".prose strong")).to_have_text("最高")
    await expect(page.locator(".answer .chart-canvas svg")).to_be_visible()
    await expect(page.locator(".answer .chart-canvas .mark-rect path")).to_have_count(12)
    await expect(page.locator(".small-print")).to_have_text("1.3 秒12 行1,234 个 tokenrules2 次尝试简单查询")
    await expect(page.locator(".steps")).to_be_hidden()
    await look("answer")
    await page.click("[data-tab=chart]")
    await expect(page.locator(".tab-panel:visible .chart-canvas svg")).to_be_visible()
    await look("chart")
    assert scripted.strangers == []


async def test_pointing_at_a_bar_shows_its_values_as_text(page: Page, scripted: ScriptedServer) -> None:
    rows = [[HOSTILE, "1234.50", 1], ["b", "2", 2], ["c", "3", 3]]
    await answered(page, scripted, SALES, rows, chart=BARS)
    await page.locator(".answer .mark-rect path").first.hover()
    await expect(page.locator(".chart-tip")).to_contain_text(HOSTILE)
    await expect(page.locator(".chart-tip")).to_contain_text("1,234.5")
    assert await page.evaluate("window.hacked") is None


async def test_a_chart_is_drawn_again_in_the_colours_of_the_other_theme(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, SALES, MONTHS, chart=BARS)
    bar = page.locator(".answer .mark-rect path").first
    await expect(bar).to_be_visible()
    light = await bar.get_attribute("fill")
    await page.click("#theme")
    await page.click("#theme")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(bar).not_to_have_attribute("fill", light or "")
    await look("dark")


async def test_a_charts_dates_speak_the_pages_language(page: Page, scripted: ScriptedServer) -> None:
    along = {"field": "month", "type": "temporal", "timeUnit": "utcyearmonth"}
    line = {"mark": "line", "encoding": {"x": along, "y": {"field": "n", "type": "quantitative"}}}
    rows: list[list[Any]] = [[f"2025-{month:02d}-01", month] for month in range(1, 13)]
    await answered(page, scripted, [("month", "date"), ("n", "integer")], rows, chart=line)
    labels = page.locator(".answer .role-axis-label").first
    await expect(labels).to_contain_text("1月")
    await page.click("#language")
    await expect(labels).to_contain_text("Jan")


async def test_a_chart_that_cannot_be_drawn_says_so(page: Page, scripted: ScriptedServer) -> None:
    await answered(page, scripted, SALES, MONTHS, chart={"mark": "no such mark"})
    await expect(page.locator(".answer .chart-canvas")).to_have_text("图表没能画出来，请查看表格。")


async def test_a_chart_loads_nothing_whatever_its_specification_says(
    page: Page, scripted: ScriptedServer
) -> None:
    image = {"mark": {"type": "image", "url": "https://elsewhere.test/x.png"}, "encoding": {}}
    await answered(page, scripted, SALES, MONTHS, chart=image | {"datasets": {}})
    await expect(page.locator(".answer .chart-canvas svg")).to_be_visible()
    assert scripted.strangers == []


async def test_a_single_number_is_a_figure(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await answered(page, scripted, [("总额", "decimal")], [["12345678901234567890.10"]])
    await expect(page.locator(".figures dd")).to_have_text("12,345,678,901,234,567,890.10")
    await look("figure")


async def test_an_answer_in_words_has_no_tabs(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await ask(page, "你好")
    query = await scripted.started()
    scripted.stage(query, "generating_sql")
    scripted.tokens(query, "sql", ["你好！我可以回答", "关于销售的问题。"])
    await expect(page.locator(".prose")).to_have_text("你好！我可以回答关于销售的问题。")
    scripted.complete(query, sql=None, explanation="你好！我可以回答关于销售的问题。")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")
    await expect(page.locator(".tab-list")).to_be_hidden()
    await expect(page.locator(".prose")).to_be_visible()
    await look("words")


async def test_cells_are_written_by_their_type(page: Page, scripted: ScriptedServer, look: Look) -> None:
    columns: list[Column] = [
        ("id", "integer"),
        ("amount", "decimal"),
        ("rate", "number"),
        ("name", "string"),
        ("at", "datetime"),
        ("paid", "boolean"),
        ("extra", "json"),
    ]
    rows: list[list[Any]] = [
        [10001, "1234567.50", 0.1 + 0.2, "甲", "2025-03-01T08:30:00", True, '{"a": 1}'],
        [10002, None, None, "", None, False, None],
        [10003, "-0.5", -12345.678, "NULL", "2025-03-02T00:00:00", None, "[]"],
    ]
    await answered(page, scripted, columns, rows)
    await page.click("[data-tab=table]")
    body = page.locator(".table-view tbody tr:not(.spacer)")
    first, second, third = (body.nth(at).locator("td:not(.filler)") for at in range(3))
    await expect(first).to_have_text(
        ["10001", "1,234,567.50", "0.3", "甲", "2025-03-01 08:30:00", "true", '{"a": 1}']
    )
    await expect(second.nth(1)).to_have_class("number null")
    await expect(second.nth(3)).to_have_class("blank")
    await expect(third.nth(3)).to_have_text("NULL")
    await expect(third.nth(3)).not_to_have_class("null")
    await expect(first.nth(1)).to_have_css("text-align", "end")
    await look("table")


async def test_a_hundred_thousand_rows_scroll_like_ten(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    columns: list[Column] = [("id", "integer"), ("name", "string"), ("amount", "decimal")]
    rows = [[n, f"客户{n % 977}", f"{n * 1.5:.2f}"] for n in range(1, 100_001)]
    await page.evaluate("""() => {
        window.longest = 0;
        new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
        }).observe({ type: "longtask" });
    }""")
    await answered(page, scripted, columns, rows, truncated=True)
    await page.click("[data-tab=table]")
    await expect(page.locator(".count")).to_have_text("只取了前 100,000 行，后面还有更多")
    scroll = page.locator(".table-view .table-scroll")
    for part in (0.25, 0.5, 0.75, 1):
        await scroll.evaluate("(node, part) => { node.scrollTop = part * node.scrollHeight; }", part)
        await expect(page.locator(".table-view tbody tr:not(.spacer)").first).to_be_attached()
    await expect(page.locator(".table-view tbody")).to_contain_text("150,000.00")
    assert await page.locator(".table-view tbody tr").count() < 80
    last = page.locator(".table-view tbody tr:not(.spacer)").last.locator("td").first
    assert await last.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth")
    await look("end")
    assert await page.evaluate("window.longest") < 1000, "the page froze"


async def test_hostile_names_values_and_words_stay_text(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    """Not one element comes of them, in any tab."""
    columns: list[Column] = [(HOSTILE, "string"), ("a.b[0]", "integer")]
    rows = [[HOSTILE, 1], ["javascript:alert(1)", 2], ["{{7*7}}", 3]]
    words = f"{HOSTILE} **{HOSTILE}** `{HOSTILE}` [x](javascript:alert(1))"
    await answered(page, scripted, columns, rows, explanation=words, sql=f"SELECT '{HOSTILE}'")
    await expect(page.locator(".prose strong")).to_have_text(HOSTILE)
    await look("answer")
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view th .column-name").first).to_have_text(HOSTILE)
    await expect(page.locator(".table-view tbody tr:not(.spacer) td").first).to_have_text(HOSTILE)
    await look("table")
    await page.click("[data-tab=sql]")
    await expect(page.locator(".attempt code")).to_have_text(f"SELECT '{HOSTILE}'")
    assert await page.locator("main img:not(.welcome-mark), main script, main a").count() == 0
    assert await page.evaluate("window.hacked") is None


async def test_no_rows_is_a_warning_and_not_an_error(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    caution = {"code": "NO_DATA_RETURNED", "message": "查询成功，但没有符合条件的数据"}
    await answered(page, scripted, SALES, [], explanation="没有。", warnings=[caution])
    await expect(page.locator(".caution")).to_have_text(caution["message"])
    await page.click("[data-tab=table]")
    await expect(page.locator(".count")).to_have_text("没有符合条件的数据")
    await look("empty")


async def test_sql_is_copied_with_a_click(page: Page, scripted: ScriptedServer) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await answered(page, scripted, SALES, MONTHS, sql="SELECT '月'\nFROM t")
    await page.click("[data-tab=sql]")
    await page.click("[data-action='copy.sql']")
    await expect(page.locator("[data-action='copy.sql']")).to_have_text("已复制")
    assert await page.evaluate("navigator.clipboard.readText()") == "SELECT '月'\nFROM t"


async def test_the_tab_in_front_follows_what_arrives_until_the_reader_chooses(
    page: Page, scripted: ScriptedServer
) -> None:
    selected = page.locator("[role=tab][aria-selected=true]")
    await ask(page)
    query = await scripted.started()
    scripted.tokens(query, "sql", ["SELECT 1"])
    await expect(selected).to_have_attribute("data-tab", "sql")
    scripted.rows(query, SALES, MONTHS)
    await expect(selected).to_have_attribute("data-tab", "table")
    await page.click("[data-tab=sql]")
    scripted.tokens(query, "explanation", ["十二月最高。"])
    scripted.complete(query, SALES, MONTHS, explanation="十二月最高。")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")
    await expect(selected).to_have_attribute("data-tab", "sql")


async def test_tabs_are_reached_with_the_arrow_keys(page: Page, scripted: ScriptedServer) -> None:
    await answered(page, scripted, SALES, MONTHS, explanation="十二月最高。")
    await page.focus("[data-tab=answer]")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-tab=table]")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-tab=sql]")).to_be_focused()
    await expect(page.locator(".sql-view")).to_be_visible()
