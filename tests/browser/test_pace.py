"""2,000 tokens a second, 100,000 rows: no frozen page, bounded memory; and a small first load."""

import gzip
import statistics
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page, expect

from tests.browser.scripted import ROOT, Column, ScriptedServer
from tests.browser.test_asking import ask

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FIRST_LOAD_BYTES = 300_000
LONG_MS = 100

HEAP_BYTES = 120 << 20
ROWS = 100_000

WATCH = """() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" });
}"""

HICCUPS = """async () => {
    // How much longer than at its best the machine takes over the same little piece of work, at its worst.
    const spin = () => {
        const started = performance.now();
        let sum = 0;
        for (let n = 0; n < 2_000_000; n += 1) sum += n % 7;
        return performance.now() - started + (sum < 0);
    };
    const took = [];
    for (let turn = 0; turn < 80; turn += 1) {
        took.push(spin());
        await new Promise((resolve) => setTimeout(resolve));
    }
    return Math.max(...took) / Math.min(...took);
}"""

HOOK = """
    // The page's socket, so that frames can be put where the network would put them: the test's own relay of
    // frames is no match for the pace.
    const Native = window.WebSocket;
    window.WebSocket = class extends Native {
        constructor(...given) {
            super(...given);
            let sequence = 1000;
            const common = { session_id: "session-1", message_id: "m", user_id: 1 };
            window.deliver = (type, data) => {
                const timestamp = new Date().toISOString();
                const envelope = { ...common, type, timestamp, sequence: ++sequence };
                Object.assign(envelope, { data: { query_id: "q1", ...data } });
                this.onmessage({ data: JSON.stringify(envelope) });
            };
        }
    };
"""

STREAM = """async ([kind, words, count, perSecond]) => {
    const started = performance.now();
    for (let index = 0; index < count; ) {
        const due = Math.min(count, Math.ceil((performance.now() - started) / 1000 * perSecond));
        for (; index < due; index += 1) {
            window.deliver("query_token", { kind, delta: words[index % words.length], index, attempt: 1 });
        }
        await new Promise((resolve) => setTimeout(resolve, 4));
    }
    return performance.now() - started;
}"""

DELIVER_ROWS = """async ([columns, count]) => {
    const amount = (n) => (((n * 31) % 9973) / 100).toFixed(2);
    const row = (n) => [n, `客户${(n * 7919) % count}`, amount(n), "2025-03-01T08:30:00"];
    for (let at = 0; at < count; at += 500) {
        const rows = Array.from({ length: 500 }, (_, offset) => row(at + offset + 1));
        const place = { chunk_index: at / 500, row_offset: at, is_last: at + 500 === count };
        window.deliver("query_result", { ...place, columns, rows });
        await new Promise((resolve) => setTimeout(resolve));
    }
}"""

FRAMES = """async ([kind, delta, frames]) => {
    for (let frame = 0; frame < frames; frame += 1) {
        window.deliver("query_token", { kind, delta, index: 0, attempt: 1 });
        await new Promise(requestAnimationFrame);
    }
    await new Promise(requestAnimationFrame);
}"""

LINE = "SELECT a.name, SUM(x.amount) AS s,\n  COUNT(*) FROM t WHERE k = 'abc' AND n > 42\n"
FRAME_COUNT = 15
LITTLE_MS = 1

WORDS = ["词语", "和", "数字 42", "，", "。\n\n"]
SQL = ["SELECT ", "a_name, ", "SUM(x) ", "FROM t ", "\n"]


async def heap(devtools: CDPSession) -> int:
    await devtools.send("HeapProfiler.collectGarbage")
    return int((await devtools.send("Runtime.getHeapUsage"))["usedSize"])


async def freezes(page: Page) -> bool:
    """Whether a task took too long, by the measure of a machine that others use too."""
    longest = float(await page.evaluate("Math.max(0, ...window.long)"))
    return longest > LONG_MS and longest > LONG_MS * 2 * float(await page.evaluate(HICCUPS))


async def running(page: Page, scripted: ScriptedServer) -> None:
    """A query q1 runs, and `window.deliver` gives the page its messages."""
    await page.add_init_script(HOOK)
    await page.reload()
    await expect(page.locator(".connection")).to_have_attribute("data-state", "connected")
    await ask(page)
    await scripted.started("q1")
    await expect(page.locator(".turn")).to_have_attribute("data-status", "running")


async def test_the_first_load_is_small_and_brings_no_charts(page: Page, scripted: ScriptedServer) -> None:
    await page.reload(wait_until="networkidle")
    names = "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"
    loaded = {name for name in await page.evaluate(names) if name.startswith("/static/")}
    files = [ROOT / name.removeprefix("/static/") for name in loaded] + [ROOT / "index.html"]
    assert ROOT / "js" / "main.js" in files
    assert "/static/vega.js" not in loaded
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < FIRST_LOAD_BYTES


async def test_two_thousand_tokens_a_second_freeze_nothing(page: Page, scripted: ScriptedServer) -> None:
    await running(page, scripted)
    await page.evaluate(WATCH)
    for kind, words, count in (("reasoning", WORDS, 4000), ("sql", SQL, 2000), ("explanation", WORDS, 4000)):
        took = await page.evaluate(STREAM, [kind, words, count, 2000])
        assert took < 10_000, "the page can't keep up"
    await expect(page.locator(".prose p").last).to_contain_text("数字 42")
    assert await page.locator(".attempt code").evaluate("(code) => code.textContent.length") > 5_000
    assert not await freezes(page)


async def layout_ms(page: Page, devtools: CDPSession, kind: str, delta: str) -> float:
    """What the browser lays out in a frame in which a little more arrives, in the median of some."""
    spent: list[float] = []
    for _ in range(FRAME_COUNT):
        await page.evaluate(FRAMES, [kind, delta, 1])
        metrics = {
            one["name"]: one["value"] for one in (await devtools.send("Performance.getMetrics"))["metrics"]
        }
        spent.append(metrics["LayoutDuration"] * 1000)
    return statistics.median(after - before for before, after in pairwise(spent))


@pytest.mark.parametrize(
    ("kind", "delta"),
    [("sql", LINE), ("sql", LINE.replace("\n", " ")), ("reasoning", "先看订单表，再看客户表。")],
    ids=["sql", "sql-in-one-line", "reasoning"],
)
async def test_a_frame_costs_no_more_the_more_is_there(
    page: Page, scripted: ScriptedServer, kind: str, delta: str
) -> None:
    """72 kB of SQL took 80 ms and more to be laid out, for each token that came."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    await running(page, scripted)
    await page.evaluate(FRAMES, [kind, delta, 2])
    if kind == "reasoning":
        await page.click(".thinking summary")
    await page.evaluate(FRAMES, [kind, delta * (4000 // len(delta)), 1])
    little = await layout_ms(page, devtools, kind, delta)
    await page.evaluate(FRAMES, [kind, delta * (68_000 // len(delta)), 1])
    await page.evaluate(WATCH)
    much = await layout_ms(page, devtools, kind, delta)
    assert much < (little + LITTLE_MS) * 3
    assert not await freezes(page)


async def test_a_hundred_thousand_rows_freeze_nothing_and_are_let_go(
    page: Page, scripted: ScriptedServer
) -> None:
    """They arrive, scroll, sort and are copied; and with the conversation their memory goes."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    devtools = await page.context.new_cdp_session(page)
    columns: list[Column] = [("id", "integer"), ("name", "string"), ("amount", "decimal"), ("at", "datetime")]
    await running(page, scripted)
    before = await heap(devtools)
    await page.evaluate(WATCH)
    named = [{"name": name, "type": kind} for name, kind in columns]
    await page.evaluate(DELIVER_ROWS, [named, ROWS])
    data: list[dict[str, Any]] = []
    results = {"columns": named, "row_count": ROWS, "truncated": True, "chunks": 200, "data": data}
    await page.evaluate(
        "(answer) => window.deliver('query_complete', answer)",
        {
            "sql": "SELECT 1",
            "results": results,
            "explanation": {"explanation": "好", "complexity": "simple"},
            "visualization": {"chart_type": "table", "config": {}},
            "execution_time": 1,
            "attempts": 1,
            "warnings": [],
        },
    )
    await expect(page.locator(".turn")).to_have_attribute("data-status", "completed")
    await page.click("[data-tab=table]")
    await expect(page.locator(".count")).to_have_text("只取了前 100,000 行，后面还有更多")
    scroll = page.locator(".table-view .table-scroll")
    for part in (0.3, 0.7, 1, 0):
        await scroll.evaluate("(node, part) => { node.scrollTop = part * node.scrollHeight; }", part)
    name = page.locator(".table-view th").nth(1)
    await name.locator("button").click()
    await expect(name).to_have_attribute("aria-sort", "ascending", timeout=30_000)
    await expect(page.locator(".table-view tbody tr:not(.spacer) td:nth-child(2)").first).to_have_text(
        "客户0"
    )
    await page.click("[data-action='copy.table']")
    await expect(page.locator("[data-action='copy.table']")).to_have_text("已复制", timeout=30_000)
    assert not await freezes(page)
    assert await heap(devtools) - before < HEAP_BYTES
    await page.click("#new")
    await page.evaluate("navigator.clipboard.writeText('')")
    await expect(page.locator(".turn")).to_have_count(0)
    assert await heap(devtools) - before < HEAP_BYTES / 4
