"""<text2sql-steps>: what it shows of every story, that foreign text stays text, languages, accessibility."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser import vendor
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import ENDLESS, lab_page, run, shop_server
from tests.support.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts" / "text2sql"
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\"><b>bold</b>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with shop_server(tmp_path_factory.mktemp("steps")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab_of_module(browser: Browser, server: Served) -> AsyncIterator[Page]:
    async with lab_page(browser, server.address) as page:
        await page.evaluate("import('/static/client/text2sql-steps.js').then(() => 0)")
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def lab(lab_of_module: Page) -> AsyncIterator[Page]:
    """One new element on the page, `steps`, in English unless a test says otherwise."""
    await lab_of_module.evaluate(
        """() => {
            document.body.replaceChildren();
            window.steps = document.createElement("text2sql-steps");
            steps.setAttribute("locale", "en");
            const main = document.createElement("main");
            main.append(Object.assign(document.createElement("h1"), { textContent: "Lab" }), steps);
            document.body.append(main);
        }"""
    )
    yield lab_of_module
    await lab_of_module.evaluate("window.client?.close()")


async def show(page: Page, story: str, frames: int | None = None) -> None:
    """The element as it is after so many messages of a story."""
    lines = (TRANSCRIPTS / f"{story}.txt").read_text("utf-8").splitlines()[:frames]
    await show_messages(page, [json.loads(line) for line in lines])


async def show_messages(page: Page, messages: list[dict[str, Any]]) -> None:
    body = """
        const progress = new m.Progress("?");
        for (const message of x) progress.take(message);
        steps.snapshot = progress.snapshot();
        await new Promise(requestAnimationFrame);
    """
    await run(page, body, messages, "/static/client/lib/progress.js")


async def look(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"client-steps--{name}.png")


async def test_before_a_question_it_says_so(lab: Page) -> None:
    await expect(lab.locator("text2sql-steps .summary")).to_have_text("Nothing asked yet")
    await expect(lab.locator("text2sql-steps ol")).to_be_hidden()


async def test_an_answer_shows_its_steps_its_sql_its_rows_and_its_words(lab: Page) -> None:
    await show(lab, "rewritten")
    await look(lab, "rewritten")
    await expect(lab.locator("li[data-status=done]")).to_have_count(10)
    await expect(lab.locator(".attempt")).to_have_count(2)
    await expect(lab.locator(".attempt .refusal").first).to_have_text("no such column: nope")
    await expect(lab.locator(".attempt code").last).to_have_text(
        "SELECT city, SUM(amount) AS total FROM orders GROUP BY city"
    )
    await expect(lab.locator("th")).to_have_text(["city", "total"])
    await expect(lab.locator("tbody tr").nth(2).locator("td").first).to_have_text("NULL")
    await expect(lab.locator("caption")).to_have_text("3 rows")
    await expect(lab.locator(".words").last).to_have_text("好")


async def test_sql_shows_while_it_is_written_without_its_fence(lab: Page) -> None:
    await show(lab, "rewritten", 12)
    await expect(lab.locator("code")).to_have_text("SELECT nope FR")
    await expect(lab.locator("li[aria-current=step]")).to_have_attribute("data-stage", "generating_sql")
    await look(lab, "writing")


async def test_a_failure_shows_what_to_do(lab: Page) -> None:
    await show(lab, "rewritten_in_vain")
    await expect(lab.locator(".summary")).to_contain_text("Failed at")
    await expect(lab.locator(".fault .heading")).not_to_be_empty()
    await look(lab, "failed")


@pytest.mark.parametrize("story", ["rewritten", "rewritten_in_vain", "in_words", "cancelled"])
async def test_a_story_is_accessible_at_its_end(lab: Page, story: str) -> None:
    await show(lab, story)
    assert await vendor.complaints(lab) == []


async def test_it_is_accessible_in_the_dark_and_while_it_runs(lab: Page) -> None:
    await show(lab, "rewritten", 18)
    await lab.emulate_media(color_scheme="dark")
    await look(lab, "dark")
    found = await vendor.complaints(lab)
    await lab.emulate_media(color_scheme="light")
    assert found == []


async def test_what_others_wrote_stays_text(lab: Page) -> None:
    lines = (TRANSCRIPTS / "rewritten.txt").read_text("utf-8").splitlines()
    messages = [json.loads(line) for line in lines]
    for message in messages:
        data = message["data"]
        for field in ("delta", "sql"):
            if field in data:
                data[field] = HOSTILE
        if "rows" in data:
            data["rows"] = [[HOSTILE, 1.0] for _ in data["rows"]]
            data["columns"][0]["name"] = HOSTILE
        if "progress" in data:
            data["progress"]["message"] = HOSTILE
        if "explanation" in data:
            data["explanation"]["explanation"] = HOSTILE
            data["results"]["columns"][0]["name"] = HOSTILE
    await show_messages(lab, messages)
    await expect(lab.locator("td").first).to_have_text(HOSTILE)
    await expect(lab.locator("th").first).to_have_text(HOSTILE)
    assert await lab.locator("text2sql-steps b, text2sql-steps img").count() == 0
    assert await lab.evaluate("window.hacked") is None


async def test_it_speaks_the_language_of_the_page_around_it(lab: Page) -> None:
    await show(lab, "answered")
    await lab.evaluate("steps.removeAttribute('locale')")
    await expect(lab.locator("[data-stage=analyzing] .title")).to_have_text("Analyse the question")
    await lab.evaluate("steps.parentElement.lang = 'zh-CN'; steps.setAttribute('rows', '1')")
    await expect(lab.locator("[data-stage=analyzing] .title")).to_have_text("分析问题意图")
    await lab.evaluate("steps.setAttribute('locale', 'en')")
    await expect(lab.locator("[data-stage=analyzing] .title")).to_have_text("Analyse the question")


async def test_it_follows_a_query_and_stops_it(lab: Page) -> None:
    """Given the query itself, its button is enough; a page may prevent that and do it itself."""
    body = """
        window.client = new m.Text2SQLClient("", { locale: "en" });
        window.asked = [];
        steps.addEventListener("text2sql-cancel", (event) => {
            asked.push(event.detail.query === steps.query);
            if (asked.length === 1) event.preventDefault();
        });
        steps.query = client.ask(x);
    """
    await run(lab, body, ENDLESS)
    await expect(lab.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    cancel = lab.get_by_role("button", name="Cancel")
    await cancel.click()
    await expect(lab.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    await cancel.click()
    await expect(lab.locator(".summary")).to_have_text("Cancelled")
    await expect(cancel).to_be_hidden()
    assert await lab.evaluate("asked") == [True, True]


async def test_a_failed_query_is_retried_with_its_button(lab: Page) -> None:
    body = """
        window.client = new m.Text2SQLClient("", { locale: "en" });
        steps.query = client.ask(x);
        window.first = steps.query;
    """
    await run(lab, body, "SELECT no_such_column FROM orders")
    retry = lab.get_by_role("button", name="Retry from there")
    await retry.click()
    await expect(retry).to_be_visible()
    assert await lab.evaluate("[steps.query.retryOf === first.id, steps.snapshot.status]") == [True, "failed"]


async def test_an_element_that_left_the_page_listens_no_more_and_comes_back_up_to_date(lab: Page) -> None:
    body = """
        const heard = [];
        const query = {
            now: { ...x, status: "waiting" },
            snapshot() { return this.now; },
            on(type, listener) { heard.push("on"); return () => heard.push("off"); },
        };
        steps.query = query;
        const { parentElement: place } = steps;
        steps.remove();
        query.now = { ...x, status: "lost" };
        place.append(steps);
        steps.query = null;
        return [heard, steps.shadowRoot.querySelector(".summary").textContent];
    """
    snapshot = await run(lab, "return new m.Progress('?').snapshot()", None, "/static/client/lib/progress.js")
    assert await run(lab, body, snapshot) == [["on", "off", "on", "off"], "Nothing asked yet"]


async def test_properties_set_before_the_class_is_known_are_taken_over(
    browser: Browser, server: Served
) -> None:
    async with lab_page(browser, server.address) as page:
        summary = await page.evaluate(
            """async () => {
                const early = document.createElement("text2sql-steps");
                early.lang = "en";
                const { Progress } = await import("/static/client/lib/progress.js");
                early.snapshot = new Progress("?").snapshot();
                document.body.append(early);
                await import("/static/client/text2sql-steps.js");
                await new Promise(requestAnimationFrame);
                return early.shadowRoot.querySelector(".summary").textContent;
            }"""
        )
    assert summary == "Waiting for the server…"


async def test_it_works_in_react_and_in_vue(lab: Page) -> None:
    """React 19 and Vue hand objects to a custom element as properties."""
    await vendor.offer(lab)
    body = """
        const { React, createRoot } = await import("/vendor/react.js");
        const { createApp, h } = await import("/vendor/vue.js");
        const { Progress } = await import("/static/client/lib/progress.js");
        const snapshot = new Progress("?").snapshot();
        const place = () => document.body.appendChild(document.createElement("div"));
        const given = (id) => ({ snapshot, id, locale: "en" });
        createRoot(place()).render(React.createElement("text2sql-steps", given("react")));
        createApp({ render: () => h("text2sql-steps", given("vue")) }).mount(place());
    """
    await run(lab, body)
    for name in ("react", "vue"):
        await expect(lab.locator(f"#{name} .summary")).to_have_text("Waiting for the server…")
