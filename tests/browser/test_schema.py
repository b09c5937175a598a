"""The schema browser on the real server: tables, columns, comments, sample rows, search, names clicked."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.test_real_server import visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_tables_columns_and_samples_are_browsed(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await page.click("#schema-toggle")
    customers = page.locator("[data-table=customers]")
    await expect(page.locator(".schema-table")).to_have_count(14)
    await expect(customers.locator("summary")).to_contain_text("客户")
    await customers.locator("summary").click()
    industry = customers.locator("[data-column=industry]")
    await expect(industry).to_contain_text("varchar(20)")
    await expect(industry).to_contain_text("所属行业")
    await customers.locator(".sample-button").click()
    await expect(customers.locator(".sample tbody tr")).to_have_count(5)
    await look("browsed")
    await customers.locator(".sample-button").click()
    await expect(customers.locator(".sample")).to_be_hidden()


async def test_a_search_looks_through_names_and_comments(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await page.click("#schema-toggle")
    await page.fill("#schema-search", "所属行业")
    await expect(page.locator(".schema-table:visible")).to_have_count(1)
    await expect(page.locator("[data-column=industry]")).to_be_visible()
    await expect(page.locator("[data-column]:visible")).to_have_count(1)
    await expect(page.locator(".schema-found")).to_have_text("找到 1 张表")
    await look("found")
    await page.fill("#schema-search", "no such thing")
    await expect(page.locator(".schema-found")).to_have_text("找到 0 张表")
    await page.fill("#schema-search", "")
    await expect(page.locator(".schema-table:visible")).to_have_count(14)
    await expect(page.locator("[data-column=industry]")).to_be_hidden()


async def test_a_click_puts_a_name_where_the_cursor_stands(page: Page, server: str) -> None:
    await visit(page, server)
    await page.fill("#question", "按分组的客户数")
    await page.locator("#question").evaluate("(box) => box.setSelectionRange(1, 1)")
    await page.click("#schema-toggle")
    await page.locator("[data-table=customers] summary").click()
    await page.locator("[data-column=industry] .schema-insert").click()
    await expect(page.locator("#question")).to_have_value("按 industry 分组的客户数")
    await expect(page.locator("#question")).to_be_focused()


async def test_panels_stay_as_they_were_left(page: Page, server: str) -> None:
    await visit(page, server)
    await page.click("#schema-toggle")
    await page.click("#past-toggle")
    await page.reload()
    await expect(page.locator("#schema")).to_be_visible()
    await expect(page.locator("#past")).to_be_hidden()
