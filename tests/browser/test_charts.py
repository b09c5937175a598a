"""Charts of the reader's own choice, saved as pictures; and the specifications that they are drawn from."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import Column, ScriptedServer
from tests.browser.test_modules import evaluate
from tests.browser.test_using import BARS, HOSTILE, MONTHS, SALES, answered

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PANEL = ".chart-panel .chart-canvas"


async def test_type_and_axes_are_switched_with_a_click(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, SALES, MONTHS, chart=BARS)
    await page.click("[data-tab=chart]")
    await expect(page.locator(f"{PANEL} .mark-rect path")).to_have_count(12)
    await expect(page.locator("[data-type=recommended]")).to_have_attribute("aria-pressed", "true")
    for kind, mark in (
        ("line", ".mark-line path"),
        ("area", ".mark-area path"),
        ("arc", ".mark-arc path"),
        ("point", ".mark-symbol path"),
        ("bar", ".mark-rect path"),
    ):
        await page.click(f"[data-type={kind}]")
        await expect(page.locator(f"{PANEL} {mark}").first).to_be_visible()
        await expect(page.locator(f"[data-type={kind}]")).to_have_attribute("aria-pressed", "true")
        await look(kind)
    await expect(page.locator(f"{PANEL} .role-axis-title").last).to_contain_text("订单数")
    await page.select_option("[data-axis=y]", "销售额")
    await expect(page.locator(f"{PANEL} .role-axis-title").last).to_contain_text("销售额")
    await page.select_option("[data-axis=series]", "月份")
    await expect(page.locator(f"{PANEL} .role-legend")).to_be_visible()
    await look("coloured")


async def test_a_table_without_a_recommended_chart_can_still_be_drawn(
    page: Page, scripted: ScriptedServer
) -> None:
    await answered(page, scripted, SALES, MONTHS)
    await page.click("[data-tab=chart]")
    await expect(page.locator(f"{PANEL} .mark-rect path")).to_have_count(12)
    await expect(page.locator("[data-type=recommended]")).to_have_count(0)


async def test_words_and_single_rows_are_not_drawn(page: Page, scripted: ScriptedServer) -> None:
    await answered(page, scripted, [("名称", "string"), ("别名", "string")], [["甲", "a"], ["乙", "b"]])
    await expect(page.locator("[data-tab=chart]")).to_be_disabled()


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG\r\n"), ("svg", b"<svg ")])
async def test_a_chart_is_saved_as_a_picture(
    page: Page, scripted: ScriptedServer, tmp_path: Path, kind: str, begins: bytes
) -> None:
    rows = [[HOSTILE, "2.5", 3], *MONTHS]
    await answered(page, scripted, SALES, rows, chart=BARS)
    await page.click("[data-tab=chart]")
    await expect(page.locator(f"{PANEL} svg")).to_be_visible()
    async with page.expect_download() as saving:
        await page.click(f"[data-action='chart.{kind}']")
    saved = await saving.value
    assert saved.suggested_filename == f"每个产品的销售额.{kind}"
    await saved.save_as(tmp_path / "picture")
    content = (tmp_path / "picture").read_bytes()
    assert content.startswith(begins)
    assert len(content) > 3000
    assert b"<img" not in content


async def test_hostile_names_are_drawn_as_text(page: Page, scripted: ScriptedServer) -> None:
    columns: list[Column] = [(HOSTILE, "string"), ("a.b['c']", "integer")]
    await answered(page, scripted, columns, [[HOSTILE, 1], ["x", 2]])
    await page.click("[data-tab=chart]")
    await expect(page.locator(f"{PANEL} .mark-rect path")).to_have_count(2)
    for kind in ("line", "arc"):
        await page.click(f"[data-type={kind}]")
        await expect(page.locator(f"{PANEL} svg")).to_contain_text("<img")
    assert await page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    ("columns", "rows", "choice"),
    [
        (
            [("day", "date"), ("n", "integer")],
            [["2025-01-01", 1], ["2025-01-02", 2]],
            {"type": "line", "x": "day", "y": "n", "series": ""},
        ),
        (
            [("region", "string"), ("kind", "string"), ("n", "decimal")],
            [["a", "p", "1"], ["a", "q", "2"], ["b", "p", "3"]],
            {"type": "bar", "x": "region", "y": "n", "series": "kind"},
        ),
        (
            [("year", "integer"), ("n", "integer")],
            [[2024, 1], [2025, 2]],
            {"type": "bar", "x": "year", "y": "n", "series": ""},
        ),
    ],
)
async def test_the_first_choice_is_what_names_the_rows_and_what_measures_them(
    module: Page, columns: list[Column], rows: Any, choice: dict[str, str]
) -> None:
    named = [{"name": name, "type": kind} for name, kind in columns]
    assert (
        await evaluate(module, "chart_choice.js", "return m.firstChoice(x[0], x[1])", [named, rows]) == choice
    )


async def test_rows_that_share_a_place_are_added_up_and_the_axis_says_so(module: Page) -> None:
    columns = [{"name": "r", "type": "string"}, {"name": "n", "type": "decimal"}]
    choice = {"type": "bar", "x": "r", "y": "n", "series": ""}
    body = "return m.specification(x[0], x[1], x[2], (name) => `${name} sum`).encoding.y"
    single = await evaluate(module, "chart_choice.js", body, [choice, columns, [["a", "1"], ["b", "2"]]])
    double = await evaluate(module, "chart_choice.js", body, [choice, columns, [["a", "1"], ["a", "2"]]])
    assert single == {"field": "y", "type": "quantitative", "title": "n"}
    assert double == {"field": "y", "type": "quantitative", "title": "n sum", "aggregate": "sum"}
