"""The playground: each dialect's frames as they travel beside what they amount to, on the real server."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser import vendor
from tests.browser.conftest import Look
from tests.browser.lab import shop_server
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DIALECTS = ["text2sql", "plain", "chat", "scm", "steps"]
SECONDS = 20_000
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\">"
WIDE = "document.documentElement.scrollWidth > innerWidth"


async def visit(page: Page, server: str, dialect: str = "text2sql") -> Locator:
    """The bench of a dialect, connected where there is something to connect."""
    await page.goto(f"{server}/playground#{dialect}", timeout=2 * SECONDS)
    bench = page.locator(f"#bench-{dialect}")
    if dialect != "steps":
        await bench.locator("[data-act=connect]").click()
        await expect(bench.locator(".send")).to_have_attribute("data-state", "open")
    return bench


async def sample(bench: Locator, name: str) -> None:
    await bench.locator(f"[data-sample={name}]").click()


async def send(bench: Locator, message: object = None) -> None:
    if message is not None:
        words = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        await bench.locator(".message").fill(words)
    await bench.locator(".send-line .primary").click()


def frame(bench: Locator, kind: str) -> Locator:
    return bench.locator(f".frame[data-type='{kind}']:visible")


# --- each dialect -------------------------------------------------------------------------------------


async def test_text2sql_shows_frames_and_the_answer(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server)
    await sample(bench, "ask")
    await send(bench)
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    await expect(bench.locator("text2sql-steps li[data-status=done]")).to_have_count(10)
    await expect(frame(bench, "query_request")).to_have_attribute("data-way", "out")
    await look("answered")
    await frame(bench, "query_sql").locator("summary").click()
    await expect(frame(bench, "query_sql").locator(".json-name").first).to_have_text('"type"')
    await expect(frame(bench, "query_sql").locator(".sequence")).to_have_text(re.compile(r"#\d+"))
    await look("opened")


async def test_plain_shows_its_sentences_its_sql_and_its_result(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server, "plain")
    await sample(bench, "with_result")
    await send(bench)
    await expect(bench.locator(".shown table caption")).to_have_text(re.compile(r"\d+ 行"), timeout=SECONDS)
    await expect(bench.locator(".shown pre code")).to_contain_text("SELECT")
    await expect(frame(bench, "text").filter(has_text="DONE")).to_have_count(1)
    await look("answered")


async def test_plain_joins_both_forms_of_its_stream_to_the_same(page: Page, server: str) -> None:
    bench = await visit(page, server, "plain")
    await sample(bench, "ask")
    await send(bench)
    await expect(bench.locator(".shown .line").filter(has_text="SQL查询成功")).to_be_visible(timeout=SECONDS)
    written = await bench.locator(".shown pre code").text_content()
    await bench.locator("[data-act=cut]").click()
    await bench.locator(".fields summary").click()
    await bench.get_by_label("stream").select_option("cumulative")
    await bench.locator("[data-act=connect]").click()
    await sample(bench, "ask")
    await send(bench)
    await expect(bench.locator(".shown .line").filter(has_text="SQL查询成功")).to_have_count(
        2, timeout=SECONDS
    )
    assert await bench.locator(".shown pre code").last.text_content() == written


async def test_chat_shows_who_says_what(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server, "chat")
    await sample(bench, "ask")
    await send(bench)
    await expect(frame(bench, "new_message")).to_have_count(1, timeout=SECONDS)
    mine, answer = bench.locator(".bubble[data-role=you]"), bench.locator(".bubble[data-role=assistant]")
    await expect(mine.locator(".words")).to_have_text("去年每个月的销售额是多少？")
    await expect(mine.locator(".bubble-note")).to_have_text("sent")
    await expect(answer.locator(".words")).to_contain_text("SELECT")
    await expect(answer.locator("table")).to_be_visible()
    await expect(answer.locator(".bubble-note")).to_contain_text("completed")
    await look("answered")


async def test_scm_shows_a_stream_and_a_whole_answer(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server, "scm")
    await sample(bench, "ask")
    await send(bench)
    await expect(frame(bench, "CHAT_STREAM_END")).to_have_count(1, timeout=SECONDS)
    answer = bench.locator(".bubble[data-role=assistant]")
    await expect(answer.locator(".words")).not_to_be_empty()
    await expect(answer.locator(".bubble-note")).to_contain_text("completed")
    await sample(bench, "whole")
    await send(bench)
    await expect(frame(bench, "CHAT_RESPONSE")).to_have_count(1, timeout=SECONDS)
    await expect(answer).to_have_count(2)
    await sample(bench, "data")
    await send(bench)
    await expect(frame(bench, "CHAT_STREAM_END")).to_have_count(2, timeout=SECONDS)
    await expect(answer.last.locator(".words")).to_contain_text("SELECT")
    await look("answered")


async def test_steps_shows_each_of_its_vocabularies(page: Page, server: str, look: Look) -> None:
    """The second and third find the SQL in the cache: it is told, not written again."""
    bench = await visit(page, server, "steps")
    vocabularies = {"ask": ("final_complete", 6), "ask_progress": ("final", 6), "ask_simple": ("finish", 1)}
    for name, (last, steps) in vocabularies.items():
        await sample(bench, name)
        await send(bench)
        await expect(frame(bench, last)).to_have_count(1, timeout=SECONDS)
        await expect(bench.locator(".walk li[data-status=completed]")).to_have_count(steps)
        await expect(bench.locator(".walk pre:visible").first).to_contain_text("SELECT")
        await expect(bench.locator(".shown table")).to_be_visible()
        await look(name)


async def test_what_is_not_json_is_sent_as_it_stands_and_refused(
    context: BrowserContext, server: str
) -> None:
    """On a page whose console nobody minds: browsers complain of each HTTP error there."""
    page = await context.new_page()
    refusals = {"text2sql": "query_error", "plain": "text", "chat": "error", "scm": "ERROR", "steps": "error"}
    for dialect, refusal in refusals.items():
        bench = await visit(page, server, dialect)
        await sample(bench, "broken")
        await expect(bench.get_by_text("这不是 JSON，会原样发送。")).to_be_visible()
        await send(bench)
        await expect(bench.locator(".frame[data-way=out] .preview")).to_have_text("{not JSON")
        await expect(frame(bench, refusal).last).to_be_visible(timeout=SECONDS)


# --- coming back ----------------------------------------------------------------------------------------


async def test_a_line_that_was_cut_comes_back_where_it_stood(page: Page, server: str, look: Look) -> None:
    """`last_sequence` and `epoch` travel in the address; what was missed is replayed, nothing twice."""
    bench = await visit(page, server)
    await sample(bench, "ask_long")
    await send(bench)
    await expect(bench.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    await bench.locator("[data-act=cut]").click()
    await expect(bench.locator(".state")).to_contain_text("已断开（100")
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    await bench.locator("[data-act=resume]").click()
    await expect(bench.locator(".line").filter(has_text="resumed true")).to_be_visible()
    await look("resumed")
    assert re.search(r"session_id=[\w-]+&last_sequence=\d+&epoch=\w+", sockets[0])
    await sample(bench, "cancel")
    await send(bench)
    await expect(frame(bench, "query_cancel").last).to_be_visible()
    numbers = await bench.locator(".sequence").all_text_contents()
    sequences = [int(number[1:]) for number in numbers if number]
    assert sequences == list(range(1, len(sequences) + 1))


async def test_a_stream_that_was_hung_up_goes_on_after_its_last_event(page: Page, server: str) -> None:
    bench = await visit(page, server, "steps")
    await sample(bench, "ask_long")
    await send(bench)
    await expect(frame(bench, "step_start").filter(has_text="execute_query")).to_be_visible(timeout=SECONDS)
    await bench.locator("[data-act=cut]").click()
    await expect(bench.locator(".state")).to_contain_text("abort")
    await bench.locator("[data-act=resume]").click()
    await expect(bench.locator(".send")).to_have_attribute("data-state", "streaming")
    await bench.locator("[data-act=cancel]").click()
    await expect(frame(bench, "stream_error")).to_have_count(1, timeout=SECONDS)
    numbers = await bench.locator(".sequence").all_text_contents()
    sequences = [int(number[1:]) for number in numbers if number]
    assert sequences == list(range(1, len(sequences) + 1))


async def test_a_failed_step_is_run_again(page: Page, server: str) -> None:
    bench = await visit(page, server, "steps")
    await sample(bench, "ask_wrong")
    await send(bench)
    await expect(frame(bench, "step_error")).to_have_count(1, timeout=SECONDS)
    await sample(bench, "retry")
    await send(bench)
    await expect(frame(bench, "step_error")).to_have_count(2, timeout=SECONDS)
    await expect(bench.locator(".frame[data-way=out]").last).to_contain_text("/retry")


# --- the log --------------------------------------------------------------------------------------------


async def test_frames_are_filtered_copied_and_cleared(page: Page, server: str) -> None:
    bench = await visit(page, server)
    await sample(bench, "ask_sql")
    await send(bench)
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    await sample(bench, "heartbeat")
    await send(bench)
    await expect(bench.locator(".frame[data-type=heartbeat]")).to_have_count(2)
    await expect(frame(bench, "heartbeat")).to_have_count(0)
    await bench.get_by_label("显示心跳").check()
    await expect(frame(bench, "heartbeat")).to_have_count(2)
    await bench.get_by_label("筛选").fill("QUERY_sql")
    await expect(bench.locator(".frame:visible")).to_have_count(1)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await frame(bench, "query_sql").locator("summary").click()
    await bench.get_by_role("button", name="复制这一帧").click()
    copied = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert copied["type"] == "query_sql"
    await bench.get_by_role("button", name="清空").click()
    await expect(bench.locator(".frame")).to_have_count(0)


async def test_a_flood_of_frames_is_bounded_and_says_so(page: Page, server: str) -> None:
    bench = await visit(page, server)
    many = {
        "query": "SELECT a.order_id FROM orders a LIMIT 1500",
        "options": {"chunk_rows": 1, "explain": False},
    }
    await send(bench, {"type": "query_request", "data": many})
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    assert await bench.locator(".frame").count() == 1000
    await expect(bench.locator(".older")).to_have_text(re.compile(r"更早的 5\d\d 帧"))


async def test_hostile_words_stay_text_in_every_pane(page: Page, server: str) -> None:
    bench = await visit(page, server)
    sql = f"SELECT '{HOSTILE.replace(chr(39), chr(39) * 2)}' AS \"<b>name</b>\""
    await send(bench, {"type": "query_request", "data": {"query": sql}})
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    await frame(bench, "query_result").locator("summary").click()
    await expect(frame(bench, "query_result").locator("code")).to_contain_text("<img src=x onerror")
    await expect(bench.locator("text2sql-steps td")).to_have_text(HOSTILE)
    chat = await visit(page, server, "chat")
    await send(chat, {"type": "send_message", "content": HOSTILE})
    await expect(chat.locator(".bubble[data-role=you] .words")).to_have_text(HOSTILE)
    assert await page.evaluate("window.hacked") is None
    assert await page.locator(".bench img, .bench b").count() == 0


# --- for everyone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "scheme"),
    [*((dialect, "light") for dialect in DIALECTS), ("text2sql", "dark"), ("chat", "dark")],
)
async def test_it_is_accessible(page: Page, server: str, look: Look, dialect: str, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    bench = await visit(page, server, dialect)
    await sample(bench, "ask_wrong" if dialect in ("text2sql", "plain", "steps") else "ask")
    await send(bench)
    await expect(bench.locator(".frame").nth(3)).to_be_visible(timeout=SECONDS)
    await bench.locator(".frame summary").first.click()
    await look("frames")
    if dialect != "text2sql":  # a hundred frames more say nothing new, and take axe a long time
        await bench.get_by_role("button", name="清空").click()
    assert await vendor.complaints(page) == []


@pytest.mark.parametrize("context_options", [{"locale": "en-GB"}])
async def test_it_speaks_english_and_chinese(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server)
    await expect(page).to_have_title("Playground · text2sql")
    await expect(bench.locator("h2")).to_have_text(["Send", "Frames", "Rendered"])
    await sample(bench, "ask_wrong")
    await send(bench)
    await expect(bench.locator("text2sql-steps .summary")).to_contain_text("Failed at", timeout=SECONDS)
    await look("english")
    await page.click("#language")
    await expect(bench.locator("h2")).to_have_text(["发送", "原始帧", "渲染结果"])
    await expect(bench.locator("text2sql-steps .summary")).to_contain_text("失败")


async def test_tabs_are_walked_with_the_arrows_and_named_in_the_address(page: Page, server: str) -> None:
    await page.goto(f"{server}/playground#scm")
    await expect(page.locator("#tab-scm")).to_have_attribute("aria-selected", "true")
    await page.locator("#tab-scm").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-steps")).to_be_focused()
    await expect(page.locator("#bench-steps")).to_be_visible()
    await expect(page.locator("#bench-scm")).to_be_hidden()
    assert page.url.endswith("#steps")


@pytest.mark.parametrize(
    "context_options", [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}]
)
async def test_on_a_phone(page: Page, server: str, look: Look) -> None:
    bench = await visit(page, server)
    await look("send")
    await sample(bench, "ask")
    await send(bench)
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    assert not await page.evaluate(WIDE)
    await bench.locator(".log").scroll_into_view_if_needed()
    await look("frames")
    await bench.locator("text2sql-steps").scroll_into_view_if_needed()
    await look("shown")


async def test_on_a_tablet_and_on_a_wide_screen(page: Page, server: str, look: Look) -> None:
    await page.set_viewport_size({"width": 1024, "height": 768})
    bench = await visit(page, server)
    await sample(bench, "ask")
    await send(bench)
    await expect(frame(bench, "query_complete")).to_have_count(1, timeout=SECONDS)
    assert not await page.evaluate(WIDE)
    await look("tablet")
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await look("wide")


async def test_a_token_opens_what_wants_a_login(context: BrowserContext, tmp_path: Path) -> None:
    """Typed once, it serves every dialect of this tab, and travels among the subprotocols."""
    page = await context.new_page()
    async with shop_server(tmp_path, auth={"mode": "jwt", "secret": SECRET}) as guarded:
        await page.goto(f"{guarded.address}/playground#text2sql", timeout=2 * SECONDS)
        bench = page.locator("#bench-text2sql")
        await bench.locator("[data-act=connect]").click()
        await expect(bench.locator(".state")).to_contain_text("已断开（1006")
        await bench.locator(".fields summary").click()
        await bench.locator(".fields input[type=password]").fill(token("alice"))
        await bench.locator("[data-act=connect]").click()
        await expect(bench.locator(".send")).to_have_attribute("data-state", "open")
        await page.click("#tab-steps")
        steps = page.locator("#bench-steps")
        await send(steps, {"question": "SELECT 1 AS n", "enhanced_streaming": True})
        await expect(frame(steps, "final_complete")).to_have_count(1, timeout=SECONDS)
