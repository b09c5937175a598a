"""A conversation: context for follow-ups, earlier ones, recalled questions, pickers, suggestions, thumbs."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.scripted import Column, ScriptedServer
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REGIONS: list[Column] = [("大区", "string"), ("销售额", "decimal")]
SALES: list[list[Any]] = [["华东", "30.5"], ["华北", "20.5"]]


async def answered(page: Page, scripted: ScriptedServer, question: str, name: str, **more: Any) -> Any:
    await ask(page, question)
    asked = await scripted.received("query_request")
    scripted.tell("query_start", name, query=question, start_time="2025-01-01T00:00:00Z")
    scripted.tell("query_sql", name, sql="SELECT 1", attempt=1)
    scripted.rows(name, REGIONS, SALES)
    scripted.complete(name, REGIONS, SALES, **({"explanation": f"{question}：答"} | more))
    await expect(page.locator(".turn").last).to_have_attribute("data-status", "completed")
    return asked


async def test_a_follow_up_belongs_to_the_conversation_it_was_asked_in(
    page: Page, scripted: ScriptedServer
) -> None:
    first = await answered(page, scripted, "今年的销售额", "a")
    second = await answered(page, scripted, "去年呢？", "b")
    assert first["options"]["conversation_id"] == second["options"]["conversation_id"]


async def test_an_earlier_conversation_is_opened_again_with_its_answers(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    first = await answered(page, scripted, "今年的销售额", "a")
    await page.click("#new")
    await answered(page, scripted, "另一个话题", "b")
    past = page.locator(".past-open")
    await expect(past.locator(".past-title")).to_have_text(["另一个话题", "今年的销售额"])
    await expect(past.nth(0)).to_have_attribute("aria-current", "true")
    await past.nth(1).click()
    await expect(page.locator(".question")).to_have_text(["今年的销售额"])
    await expect(page.locator(".prose")).to_have_text("今年的销售额：答")
    await expect(past.nth(1)).to_have_attribute("aria-current", "true")
    await page.click("[data-tab=table]")
    await expect(page.locator(".table-view tbody tr:not(.spacer)")).to_have_count(2)
    await look("opened")
    again = await answered(page, scripted, "接着问", "c")
    assert again["options"]["conversation_id"] == first["options"]["conversation_id"]
    await expect(page.locator(".turn")).to_have_count(2)


async def test_conversations_outlive_the_tab(page: Page, scripted: ScriptedServer) -> None:
    await answered(page, scripted, "今年的销售额", "a")
    await expect(page.locator(".past-title")).to_have_text(["今年的销售额"])
    await page.evaluate("sessionStorage.clear()")
    await page.reload()
    await expect(page.locator(".welcome")).to_be_visible()
    await page.click(".past-open")
    await expect(page.locator(".prose")).to_have_text("今年的销售额：答")


async def test_a_conversation_is_forgotten_after_a_second_click(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, "今年的销售额", "a")
    item = page.locator("[data-conversation]")
    await item.hover()
    await item.get_by_label("删除“今年的销售额”").click()
    await expect(page.get_by_role("button", name="保留")).to_be_visible()
    await look("sure")
    await page.get_by_role("button", name="保留").click()
    await expect(page.locator(".past-title")).to_have_text("今年的销售额")
    await item.hover()
    await item.get_by_label("删除“今年的销售额”").click()
    await page.get_by_role("button", name="删除", exact=True).click()
    await expect(page.locator(".past li")).to_have_count(0)
    await expect(page.locator(".welcome")).to_be_visible()


async def test_the_server_lists_searches_and_opens_conversations(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    """Those of another machine too: their answers come from the server."""
    listed = {
        "id": "server-1",
        "space": "ask",
        "conversation_id": "from elsewhere",
        "title": "别处问的",
        "updated_at": "2025-01-02T03:04:05Z",
    }
    results = {
        "columns": [{"name": "大区", "type": "string"}],
        "row_count": 1,
        "truncated": False,
        "data": [{"大区": "<b>华东</b>"}],
    }
    said = {"role": "assistant", "content": "华东最高", "sql": "SELECT 1", "results": results}
    messages = [
        {
            "role": "user",
            "content": "哪个大区最高？",
            "created_at": "2025-01-02T03:04:05Z",
            "sql": "SELECT 1",
        },
        said | {"visualization": None, "status": "complete", "created_at": "2025-01-02T03:04:06Z"},
    ]
    scripted.answers["/api/conversations"] = {"conversations": [listed]}
    scripted.answers["/api/conversations/server-1"] = listed | {"messages": messages}
    await page.reload()
    await expect(page.locator(".past-title")).to_have_text("别处问的")
    listed["matches"] = [{"snippet": "…<i>最高</i>…"}]
    await page.fill("#past-search", "最高")
    await expect(page.locator(".past-day")).to_have_text("…<i>最高</i>…")
    assert scripted.asked[-1].endswith("q=%E6%9C%80%E9%AB%98")
    await page.click(".past-open")
    await expect(page.locator(".question")).to_have_text("哪个大区最高？")
    await expect(page.locator(".prose")).to_have_text("华东最高")
    await expect(page.locator(".answer td")).to_have_text("<b>华东</b>")
    await look("opened")
    await ask(page, "去年呢？")
    asked = await scripted.received("query_request")
    assert asked["options"]["conversation_id"] == "from elsewhere"


async def test_a_conversation_gets_another_name(page: Page, scripted: ScriptedServer) -> None:
    listed = {
        "id": "7",
        "space": "ask",
        "conversation_id": "c",
        "title": "旧名",
        "updated_at": "2025-01-02T03:04:05Z",
    }
    scripted.answers["/api/conversations"] = {"conversations": [listed]}
    scripted.answers["/api/conversations/7"] = listed
    await page.reload()
    await page.locator(".past li").hover()
    await page.get_by_label("重命名“旧名”").click()
    await page.fill(".past-name", "新名")
    listed["title"] = "新名"
    async with page.expect_request(lambda request: request.method == "PATCH") as renamed:
        await page.press(".past-name", "Enter")
    assert (await renamed.value).post_data_json == {"title": "新名"}
    await expect(page.locator(".past-title")).to_have_text("新名")


async def test_arrows_bring_earlier_questions_back_and_the_draft(
    page: Page, scripted: ScriptedServer
) -> None:
    box = page.locator("#question")
    for question in ("first", "second", "first"):
        await ask(page, question)
    await page.type("#question", "a draft")
    for expected in ("first", "second", "second"):
        await page.press("#question", "ArrowUp")
        await expect(box).to_have_value(expected)
    for expected in ("first", "a draft"):
        await page.press("#question", "ArrowDown")
        await expect(box).to_have_value(expected)
    await page.reload()
    await page.press("#question", "ArrowUp")
    await expect(box).to_have_value("first")


async def test_arrows_move_the_cursor_within_several_lines(page: Page, scripted: ScriptedServer) -> None:
    await ask(page, "earlier")
    await page.type("#question", "one")
    await page.press("#question", "Shift+Enter")
    await page.type("#question", "two")
    await page.press("#question", "ArrowUp")
    await expect(page.locator("#question")).to_have_value("one\ntwo")
    await page.press("#question", "ArrowUp")
    await expect(page.locator("#question")).to_have_value("earlier")


async def test_ctrl_k_leads_to_the_question_from_anywhere(page: Page, scripted: ScriptedServer) -> None:
    await page.focus("#theme")
    await page.keyboard.press("Control+k")
    await expect(page.locator("#question")).to_be_focused()


async def test_a_model_is_picked_and_named(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await expect(page.locator("#model")).to_be_hidden()
    scripted.listing["providers"] = [
        {"name": "main", "model": "large", "models": ["large", "small"], "offline": False},
        {"name": "local", "model": "own", "models": ["own"], "offline": False},
    ]
    await page.reload()
    await expect(page.locator("#model option")).to_have_text(["large", "small", "own"])
    await page.select_option("#model", label="own")
    asked = await answered(page, scripted, "问", "a", usage={"total_tokens": 12})
    assert asked["options"]["provider"] == "local"
    assert asked["options"]["model"] == "own"
    await expect(page.locator(".model")).to_have_text("own")
    await look("picked")
    await page.reload()
    await expect(page.locator("#model")).to_have_value(
        json.dumps({"provider": "local", "model": "own"}, separators=(",", ":"))
    )


async def test_a_data_source_is_picked(page: Page, scripted: ScriptedServer) -> None:
    scripted.listing["datasources"] = [
        {"name": name, "type": "sqlite", "description": "", "status": "up", "tables": [], "examples": []}
        for name in ("sales", "staff")
    ]
    await page.reload()
    await expect(page.locator("#datasource option")).to_have_text(["自动选择数据源", "sales", "staff"])
    await page.select_option("#datasource", "staff")
    await ask(page, "多少人")
    assert (await scripted.received("query_request"))["database_config"] == {"datasource": "staff"}
    await page.select_option("#datasource", "")
    await ask(page, "多少钱")
    assert "database_config" not in await scripted.received("query_request")


async def test_follow_ups_are_suggested_and_ask_themselves(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, "今年各大区的销售额", "a")
    suggested = page.locator(".follow-up")
    await expect(suggested).to_have_text(["去年呢？", "只看华东", "去年每个月的销售额"])
    await look("suggested")
    await suggested.nth(1).click()
    assert (await scripted.received("query_request"))["query"] == "只看华东"


async def test_thumbs_are_sent_at_once_and_reasons_after(
    page: Page, scripted: ScriptedServer, look: Look
) -> None:
    await answered(page, scripted, "今年的销售额", "a")
    await page.click("[data-rating='1']")
    said = await scripted.received("user_feedback")
    assert said == {"query_id": "a", "feedback": {"rating": 1, "sql": "SELECT 1"}}
    await expect(page.locator("[data-rating='1']")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".feedback .note")).to_have_text("感谢反馈，已记录。")
    await page.click("[data-rating='-1']")
    assert (await scripted.received("user_feedback"))["feedback"]["rating"] == -1
    await page.get_by_label("数字不对").check()
    await page.get_by_placeholder("说说期望的结果").fill("应含退货")
    await look("reasons")
    await page.get_by_role("button", name="发送").click()
    said = await scripted.received("user_feedback")
    reasons = {"rating": -1, "reasons": ["numbers"], "comment": "应含退货", "sql": "SELECT 1"}
    assert said["feedback"] == reasons
    await expect(page.locator(".feedback-form")).to_be_hidden()
    await page.click("[data-rating='-1']")
    assert (await scripted.received("user_feedback"))["feedback"]["rating"] == 0


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("context_options", [PHONE])
async def test_on_a_phone_panels_lie_over_the_page(page: Page, scripted: ScriptedServer, look: Look) -> None:
    await answered(page, scripted, "今年的销售额", "a")
    await page.tap("#new")
    await expect(page.locator("#past")).to_be_hidden()
    await page.tap("#past-toggle")
    await expect(page.locator("#past")).to_be_visible()
    await page.tap("#past .panel-close")
    await expect(page.locator("#past")).to_be_hidden()
    await page.tap("#past-toggle")
    await look("past")
    await page.tap(".past-open")
    await expect(page.locator("#past")).to_be_hidden()
    await expect(page.locator(".prose")).to_be_visible()
    await page.tap("#schema-toggle")
    await look("schema")
    await page.locator("#backdrop").tap(position={"x": 5, "y": 300})
    await expect(page.locator("#schema")).to_be_hidden()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await look("answer")
