"""Visits to the real server: context, history, exports, feedback, charts, SQL of one's own, a reload."""

import asyncio
import csv
import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.test_asking import ask
from tests.browser.test_real_server import ENDLESS, ended, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_suggested_follow_up_is_understood_in_its_context(
    page: Page, server: str, look: Look
) -> None:
    await visit(page, server)
    await ask(page, "今年各大区的销售额")
    await ended(page, "completed")
    await page.locator(".follow-up", has_text="去年呢？").click()
    await expect(page.locator(".question")).to_have_count(2)
    await ended(page, "completed")
    last = page.locator(".turn").last
    await last.locator("[data-tab=sql]").click()
    await expect(last.locator(".attempt code")).to_contain_text("region")
    await look("followed")


async def test_the_server_keeps_the_conversation_and_finds_it(page: Page, server: str, look: Look) -> None:
    """Also for a browser that keeps nothing."""
    await visit(page, server)
    await ask(page, "各部门有多少名在职员工？")
    await ended(page, "completed")
    await page.evaluate("indexedDB.deleteDatabase('text2sql')")
    await page.click("#new")
    await page.fill("#past-search", "在职员工")
    found = page.locator(".past-open").first
    await expect(found).to_contain_text("在职员工")
    await found.click()
    await ended(page, "completed")
    await expect(page.locator(".question")).to_have_text("各部门有多少名在职员工？")
    await expect(page.locator(".answer .prose")).not_to_be_empty()
    await look("found")


async def test_another_browser_shows_of_a_kept_answer_what_is_known_of_it(page: Page, server: str) -> None:
    await visit(page, server)
    await ask(page, "去年各大区的销售额")
    await ended(page, "completed")
    await expect(page.locator("footer.small-print")).to_contain_text("复杂度")
    assert page.context.browser is not None
    async with await page.context.browser.new_context(locale="zh-CN") as elsewhere:
        other = await elsewhere.new_page()
        await visit(other, server)
        await other.locator(".past-open", has_text="去年各大区的销售额").click()
        await expect(other.locator("footer.small-print")).to_contain_text("行")
        # How complex the statement was is not kept.
        await expect(other.locator("footer.small-print")).not_to_contain_text("复杂")
        await expect(other.locator("footer.small-print")).not_to_contain_text("简单")


async def test_csv_and_excel_hold_every_row(page: Page, server: str, tmp_path: Path) -> None:
    await visit(page, server)
    await ask(page, "SELECT order_id, total_amount FROM orders")
    await ended(page, "completed")
    await page.click("[data-tab=table]")
    total = int((await page.locator("[data-tab=table] .badge").inner_text()).replace(",", ""))
    for kind in ("csv", "xlsx"):
        async with page.expect_download() as saving:
            await page.click(f"[data-action='export.{kind}']")
        await (await saving.value).save_as(tmp_path / kind)
    lines = list(csv.reader(io.StringIO((tmp_path / "csv").read_text("utf-8-sig"))))
    assert lines[0] == ["order_id", "total_amount"]
    assert len(lines) == total + 1
    with zipfile.ZipFile(tmp_path / "xlsx") as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == total + 1


async def test_a_thumb_and_its_reason_are_stored(page: Page, server: str, server_folder: Path) -> None:
    await visit(page, server)
    await ask(page, "SELECT 1 AS n")
    await ended(page, "completed")
    await page.click("[data-rating='-1']")
    await page.get_by_label("太慢").check()
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".feedback-form")).to_be_hidden()
    query = "SELECT feedback FROM feedback WHERE feedback LIKE '%slow%'"
    with closing(sqlite3.connect(server_folder / "var" / "text2sql.db")) as connection:
        async with asyncio.timeout(10):  # the form does not wait for the storage
            while not (stored := connection.execute(query).fetchall()):
                await asyncio.sleep(0.05)
    assert len(stored) == 1


async def test_edited_sql_runs_and_a_chart_is_drawn_of_it(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, "今年各大区的销售额")
    await ended(page, "completed")
    await page.click("[data-tab=sql]")
    await page.click("[data-action='sql.edit']")
    await page.fill(".sql-box", "SELECT city, COUNT(*) AS n FROM customers GROUP BY city LIMIT 6")
    await page.click("[data-action='sql.run']")
    await expect(page.locator(".question-sql")).to_contain_text("GROUP BY city")
    await ended(page, "completed")
    last = page.locator(".turn").last
    await last.locator("[data-tab=chart]").click()
    await last.locator("[data-type=arc]").click()
    await expect(last.locator(".chart-panel .mark-arc path")).to_have_count(6)
    await look("drawn")


async def test_sql_that_the_database_refused_is_mended(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await ask(page, "SELECT customer_nam FROM customers")
    await ended(page, "failed")
    await expect(page.locator(".database-error")).to_contain_text("customer_nam")
    await page.click("[data-action='query.mend']")
    await expect(page.locator(".question")).to_have_count(2)
    await ended(page, "completed")
    last = page.locator(".turn").last
    await last.locator("[data-tab=sql]").click()
    await expect(last.locator(".attempt code")).to_contain_text("customer_name")
    await look("mended")


async def test_short_forms_are_shown_as_they_are_replaced(page: Page, server: str) -> None:
    await visit(page, server)
    await ask(page, "SELECT COUNT(*) AS n FROM departments WHERE department_name = '研发'")
    await ended(page, "completed")
    await page.click("[data-tab=sql]")
    await expect(page.locator(".replacement")).to_have_text("研发 → 研究开发部")
    await expect(page.locator(".attempt code")).to_contain_text("'研究开发部'")


async def test_a_reload_in_mid_query_shows_what_was_there_and_stops_when_told(
    page: Page, server: str, look: Look
) -> None:
    await visit(page, server)
    await ask(page, ENDLESS)
    running = page.locator("[data-stage=executing_sql]")
    await expect(running).to_have_attribute("data-status", "running")
    await page.reload()
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")
    await expect(running).to_have_attribute("data-status", "running")
    await expect(page.locator("[data-stage=validating_sql]")).to_have_attribute("data-status", "done")
    await expect(page.locator(".attempt code")).to_contain_text("order_items")
    await look("goes on")
    await page.click("[data-action='query.cancel']")
    await ended(page, "cancelled")
    await expect(page.locator(".stopped")).to_contain_text("数据库里的语句已终止。")
    await look("stopped")


async def test_the_menu_leads_only_to_what_is_there(page: Page, server: str, look: Look) -> None:
    await visit(page, server)
    await page.click("#menu")
    links = page.locator(".menu-list a")
    await expect(links.first).to_be_visible()
    await look("menu")
    for address in await links.evaluate_all("(links) => links.map((link) => link.href)"):
        assert (await page.request.get(address)).status == 200
    await page.keyboard.press("Escape")
    await expect(links.first).to_be_hidden()
    await expect(page.locator("#menu")).to_be_focused()
