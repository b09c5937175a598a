"""The table: sorted by a click, copied for a spreadsheet, saved as a file; and its pure modules."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import Column, ScriptedServer
from tests.browser.test_modules import evaluate
from tests.browser.test_using import answered

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COLUMNS: list[Column] = [("名称", "string"), ("金额", "decimal"), ("日期", "date")]
ROWS: list[list[Any]] = [
    ["乙10", "9007199254740993.1", "2025-02-01"],
    ["乙9", None, "2025-01-01"],
    ["甲", "9007199254740993.2", None],
    ["", "-5", "2024-12-31"],
]


async def shown(page: Page, column: int = 0) -> list[str]:
    cells = page.locator(f".table-view tbody tr:not(.spacer) td:nth-child({column + 1})")
    return await cells.all_inner_texts()


async def test_a_column_sorts_up_then_down_then_not(page: Page, scripted: ScriptedServer, look: Look) -> None:
    """Numbers to their last digit, NULL last both ways."""
    await answered(page, scripted, COLUMNS, ROWS)
    await page.click("[data-tab=table]")
    amount = page.locator(".table-view th").nth(1)
    await expect(amount.locator(".column-type")).to_have_text("小数")
    for direction, order in (
        ("ascending", ["''", "乙10", "甲", "乙9"]),
        ("descending", ["甲", "乙10", "''", "乙9"]),
        (None, ["乙10", "乙9", "甲", "''"]),
    ):
        await amount.locator("button").click()
        if direction:
            await expect(amount).to_have_attribute("aria-sort", direction)
        await expect(page.locator(".table-view tbody tr:not(.spacer) td:first-child")).to_have_text(order)
        await look(direction or "as it came")
    await expect(amount.locator("button")).to_be_focused()


async def test_rows_that_still_arrive_cannot_be_sorted(page: Page, scripted: ScriptedServer) -> None:
    await page.fill("#question", "问")
    await page.press("#question", "Enter")
    query = await scripted.started()
    scripted.rows(query, COLUMNS, ROWS)
    await expect(page.locator(".table-view th .column-name").first).to_have_text("名称")
    await expect(page.locator(".table-view th button")).to_have_count(0)
    scripted.complete(query, COLUMNS, ROWS)
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view th button")).to_have_count(3)


async def test_a_table_is_copied_in_the_order_in_which_it_stands(
    page: Page, scripted: ScriptedServer
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await answered(page, scripted, COLUMNS, ROWS)
    await page.click("[data-tab=table]")
    await page.locator(".table-view th button").nth(1).click()
    await expect(page.locator(".table-view th").nth(1)).to_have_attribute("aria-sort", "ascending")
    await page.click("[data-action='copy.table']")
    await expect(page.locator("[data-action='copy.table']")).to_have_text("已复制")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n").splitlines() == [
        "名称\t金额\t日期",
        "\t-5\t2024-12-31",
        "乙10\t9007199254740993.1\t2025-02-01",
        "甲\t9007199254740993.2\t",
        "乙9\t\t2025-01-01",
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        ("-5.5", "-5.5"),
        ("a\tb", '"a\tb"'),
        ('say "x"\n', '"say ""x""\n"'),
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1+1", "'-1+1"),
        ({"a": 1}, '"{""a"":1}"'),
    ],
)
async def test_a_copied_cell_is_never_a_formula(module: Page, value: Any, written: str) -> None:
    assert await evaluate(module, "tsv.js", "return m.field(x)", value) == written


@pytest.mark.parametrize(
    ("kind", "values", "order"),
    [
        ("integer", ["9007199254740993", 5, "9007199254740992", None, -7], [4, 1, 2, 0, 3]),
        ("decimal", ["10.10", "10.1", "9.99", "-0.5"], [3, 2, 0, 1]),
        ("number", [0.5, None, -1e300, 2], [2, 0, 3, 1]),
        ("string", ["b10", "b9", "", None, "a"], [2, 4, 1, 0, 3]),
        ("time", ["100:00:00", "-00:00:01", "09:30:00"], [1, 2, 0]),
        ("boolean", [True, False, None], [1, 0, 2]),
    ],
)
async def test_values_are_ordered_by_their_type(
    module: Page, kind: str, values: list[Any], order: list[int]
) -> None:
    body = "return Array.from(await m.order(x[1].map((value) => [value]), 0, x[0], 1))"
    assert await evaluate(module, "sorting.js", body, [kind, values]) == order


async def test_a_file_is_saved_and_a_forgotten_result_says_so(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, COLUMNS, ROWS)
    await page.click("[data-tab=table]")
    await page.click("[data-action='export.csv']")
    await expect(page.locator(".export-fault")).to_have_text(
        "服务器已不再保留这次的结果。再次运行后即可导出。"
    )
    await look("forgotten")
    scripted.answers["/text2sql/queries/q1/export"] = {"a": 1}
    async with page.expect_download() as saving:
        await page.click("[data-action='export.csv']")
    assert (await saving.value).suggested_filename == "每个产品的销售额.csv"
    assert "format=csv&bom=1" in scripted.asked[-1]
    await expect(page.locator(".export-fault")).to_be_hidden()
