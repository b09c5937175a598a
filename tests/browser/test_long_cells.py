"""A cell longer than its column is read whole: by mouse and by keyboard, indented where it is JSON."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import Column, ScriptedServer
from tests.browser.test_accessible import axe, checked, each_variant
from tests.browser.test_modules import evaluate
from tests.browser.test_pace import WATCH, freezes
from tests.browser.test_using import HOSTILE, answered

__all__ = ["axe"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STORY = "从前有座山，山里有座庙。\n庙里有个老和尚。" * 20
DOCUMENT = (
    '{"id":90071992547409931,"tags":["a","<b>"],"empty":{},"none":[],'
    '"note":"x, {y}: \\"z\\"","deep":{"n":1.50}}'
)
PRETTY = """{
  "id": 90071992547409931,
  "tags": [
    "a",
    "<b>"
  ],
  "empty": {},
  "none": [],
  "note": "x, {y}: \\"z\\"",
  "deep": {
    "n": 1.50
  }
}"""
COLUMNS: list[Column] = [("n", "integer"), ("story", "string"), ("document", "json")]
ROWS: list[list[Any]] = [
    [1, STORY, DOCUMENT],
    [2, "kurz", None],
    [3, HOSTILE * 3, '{"a":1}'],
    [4, "短", DOCUMENT],
]


def cell(page: Page, row: int, column: int) -> Any:
    return page.locator(f".table-view tr[aria-rowindex='{row + 1}'] td:nth-child({column})")


async def with_table(page: Page, scripted: ScriptedServer, rows: list[list[Any]] = ROWS) -> None:
    await answered(page, scripted, COLUMNS, rows)
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view button.whole").first).to_be_visible()


@each_variant
async def test_a_click_on_a_long_cell_shows_all_of_it(
    page: Page, scripted: ScriptedServer, axe: str, look: Look
) -> None:
    await with_table(page, scripted)
    dialog = page.locator("dialog.whole-dialog")
    for column, words in ((2, STORY), (3, PRETTY)):
        await cell(page, 1, column).locator("button").click()
        assert await dialog.locator("pre").evaluate("(box) => box.textContent") == words
        await expect(dialog.locator("h2")).to_have_text(COLUMNS[column - 1][0])
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        wide = min(52 * 16, (page.viewport_size or {"width": 0})["width"] - 32)
        assert await dialog.evaluate("(node) => node.offsetWidth") > 0.9 * wide
        await checked(page, axe)
        await look(COLUMNS[column - 1][0])
        await dialog.locator(".actions button").last.click()
        await expect(dialog).to_have_count(0)
        await expect(cell(page, 1, column).locator("button")).to_be_focused()


async def test_short_cells_are_no_buttons_and_markup_stays_text(page: Page, scripted: ScriptedServer) -> None:
    await with_table(page, scripted)
    await expect(page.locator(".table-view button.whole")).to_have_count(4)
    await cell(page, 3, 2).locator("button").click()
    assert await page.locator("dialog pre").evaluate("(box) => box.textContent") == HOSTILE * 3
    assert await page.evaluate("window.hacked") is None


async def test_the_preview_of_an_answer_opens_its_long_cells_too(
    page: Page, scripted: ScriptedServer
) -> None:
    await answered(page, scripted, COLUMNS, ROWS)
    await page.locator(".answer button.whole").first.click()
    await expect(page.locator("dialog.whole-dialog pre")).to_contain_text("老和尚")


async def test_what_is_copied_is_what_the_database_gave(page: Page, scripted: ScriptedServer) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await with_table(page, scripted)
    await cell(page, 1, 3).locator("button").click()
    await page.click("[data-action='copy.cell']")
    await expect(page.locator("[data-action='copy.cell']")).to_have_text("已复制")
    assert await page.evaluate("navigator.clipboard.readText()") == DOCUMENT


async def test_long_cells_are_one_stop_for_tab_and_the_arrows_walk_them(
    page: Page, scripted: ScriptedServer
) -> None:
    await with_table(page, scripted)
    await expect(page.locator(".table-view button.whole[tabindex='0']")).to_have_count(1)
    await page.locator(".table-view th button").last.focus()
    await page.keyboard.press("Tab")
    await expect(cell(page, 1, 2).locator("button")).to_be_focused()
    for key, row, column in (
        ("ArrowRight", 1, 3),
        ("ArrowDown", 4, 3),
        ("ArrowUp", 1, 3),
        ("ArrowLeft", 1, 2),
    ):
        await page.keyboard.press(key)
        await expect(cell(page, row, column).locator("button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog.whole-dialog pre")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(1)  # the sign-in's, which is closed
    await expect(cell(page, 1, 2).locator("button")).to_be_focused()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('.table-view')") is None


async def test_the_focus_stays_on_a_long_cell_while_rows_are_drawn_again(
    page: Page, scripted: ScriptedServer
) -> None:
    await with_table(page, scripted, [[n, f"{n} {STORY}", None] for n in range(500)])
    await cell(page, 1, 2).locator("button").focus()
    for _ in range(40):
        await page.keyboard.press("ArrowDown")
    await expect(cell(page, 41, 2).locator("button")).to_be_focused()
    await page.locator(".table-view .table-scroll").evaluate("(box) => { box.scrollTop = 9000; }")
    await expect(page.locator(".table-view .table-scroll")).to_be_focused()


async def test_a_book_in_a_cell_freezes_nothing(page: Page, scripted: ScriptedServer) -> None:
    book = "一个长句子，没有换行。" * 40_000
    await with_table(
        page, scripted, [[1, book, json.dumps({"lines": [book[:50]] * 5000}, ensure_ascii=False)]]
    )
    await page.evaluate(WATCH)
    for column in (2, 3):
        await cell(page, 1, column).locator("button").click()
        await expect(page.locator("dialog.whole-dialog .lines").first).to_be_visible()
        await page.keyboard.press("Escape")
    assert not await freezes(page)


@pytest.mark.parametrize(
    ("words", "pretty"),
    [
        (DOCUMENT, PRETTY),
        ("[]", "[]"),
        (' [ 1 ,"a" ] ', '[\n  1,\n  "a"\n]'),
        ('{"a":[{"b":null}]}', '{\n  "a": [\n    {\n      "b": null\n    }\n  ]\n}'),
        ("42", None),
        ('"text"', None),
        ("{not json}", None),
        ("[" * 100 + "]" * 100, None),
        ("[" * 200_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_json_is_indented_to_the_last_digit(module: Page, words: str, pretty: str | None) -> None:
    assert await evaluate(module, "indented.js", "return m.indented(x)", words) == pretty
