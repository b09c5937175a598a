"""The last document's stream reader, against `steps`."""

import asyncio

import pytest
from playwright.async_api import Page

from tests.browser.lab import ENDLESS, run
from tests.support.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

READER = "/ported/enhanced_streaming.js"
MAKE = "const reader = m.makeReader(await import('/vendor/vue.js'), { event_format: 'progress' });"


async def test_the_reader_fills_its_six_steps(page: Page, shop: Served) -> None:
    body = f"""
        {MAKE}
        await reader.start("How many orders are there?", 7);
        const {{ steps, progress, title, isCompleted, unread }} = reader.state;
        const sql = steps[3].output.join("");
        return [steps.map(({{ status }}) => status), progress, title, isCompleted, unread, sql];
    """
    statuses, progress, title, is_completed, unread, sql = await run(page, body, None, READER)
    assert statuses == ["completed"] * 6
    assert (progress, title, is_completed, unread) == (100, "处理完成", True, 0)
    assert "SELECT" in sql


async def test_the_reader_shows_which_step_failed_and_why(page: Page, shop: Served) -> None:
    body = f"""
        {MAKE}
        await reader.start(x);
        const {{ steps, title, isCompleted }} = reader.state;
        return [steps.map(({{ status }}) => status), steps[4].error, title, isCompleted];
    """
    outcome = await run(page, body, "SELECT no_such_column FROM orders", READER)
    statuses, error, title, is_completed = outcome
    assert statuses == ["completed"] * 4 + ["error", "pending"]
    assert "no_such_column" in error
    assert (title, is_completed) == ("处理失败", True)


async def test_the_reader_stops_by_hanging_up(page: Page, shop: Served) -> None:
    body = f"""
        {MAKE}
        const reading = reader.start(x);
        while (reader.state.steps[4]?.status !== "running")
            await new Promise((resolve) => setTimeout(resolve, 20));
        reader.cancel();
        await reading;
        return [reader.state.isCompleted, reader.state.title];
    """
    assert await run(page, body, ENDLESS, READER) == [True, "处理失败"]
    async with asyncio.timeout(15):
        while await shop.get("/text2sql/queries"):
            await asyncio.sleep(0.05)


async def test_the_reader_says_so_where_the_server_refuses(page: Page, shop: Served) -> None:
    body = f"{MAKE} await reader.start(''); return [reader.state.title, reader.state.error]"
    assert await run(page, body, None, READER) == ["处理失败", "HTTP error! status: 422"]


async def test_without_a_format_the_stream_is_the_other_vocabulary_of_the_document(
    page: Page, shop: Served
) -> None:
    """The document has two; what it asks for without saying which is `steps` (wire contract, 6)."""
    body = """
        const reader = m.makeReader(await import('/vendor/vue.js'));
        await reader.start("How many orders are there?");
        const { steps, unread } = reader.state;
        return [steps.map(({ status }) => status), unread > 10];
    """
    assert await run(page, body, None, READER) == [["pending"] * 6, True]
