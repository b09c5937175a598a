"""`useText2SQL` in real React (18 and 19) and real Vue, against the real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.browser import vendor
from tests.browser.lab import ENDLESS, lab_page, shop_server, visit
from tests.support.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "SELECT name FROM cities WHERE id < 3 ORDER BY id"

REACT = """
    async () => {
        const { React, createRoot } = await import("/vendor/react.js");
        const { createUseText2SQL } = await import("/static/client/react-hook.js");
        const useText2SQL = createUseText2SQL(React);
        const h = React.createElement;
        window.renders = 0;
        function Asking({ question }) {
            const options = { locale: "en", getToken: () => null };
            const { state, query, ask, cancel, retry } = useText2SQL("", options);
            renders += 1;
            return h("main", {},
                h("p", { id: "state" }, state),
                h("button", { id: "ask", onClick: () => ask(question) }, "Ask"),
                h("button", { id: "cancel", onClick: cancel }, "Cancel"),
                h("button", { id: "retry", onClick: () => retry() }, "Retry"),
                h("p", { id: "status" }, query?.status ?? "none"),
                h("p", { id: "error" }, query?.error?.code ?? ""),
                h("ol", { id: "rows" },
                    ...(query?.rows ?? []).map(([name], key) => h("li", { key }, name))));
        }
        const root = createRoot(document.body.appendChild(document.createElement("div")));
        window.show = (question) => root.render(
            h(React.StrictMode, {}, question && h(Asking, { question })));
    }
"""

VUE = """
    async () => {
        const { createApp, h, ref } = await import("/vendor/vue.js");
        const { createUseText2SQL } = await import("/static/client/vue-composable.js");
        const useText2SQL = createUseText2SQL(await import("/vendor/vue.js"));
        window.renders = 0;
        const question = ref("");
        const Asking = {
            setup() {
                const { state, query, ask, cancel, retry } = useText2SQL("", { locale: "en" });
                return () => (renders += 1, h("main", [
                    h("p", { id: "state" }, state.value),
                    h("button", { id: "ask", onClick: () => ask(question.value) }, "Ask"),
                    h("button", { id: "cancel", onClick: cancel }, "Cancel"),
                    h("button", { id: "retry", onClick: () => retry() }, "Retry"),
                    h("p", { id: "status" }, query.value?.status ?? "none"),
                    h("p", { id: "error" }, query.value?.error?.code ?? ""),
                    h("ol", { id: "rows" }, (query.value?.rows ?? []).map(([name]) => h("li", name))),
                ]));
            },
        };
        const place = document.body.appendChild(document.createElement("div"));
        createApp({ render: () => question.value && h(Asking) }).mount(place);
        window.show = (words) => (question.value = words);
    }
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with shop_server(tmp_path_factory.mktemp("frameworks")) as running:
        yield running


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=[("react", 18), ("react", 19), ("vue", 3)], ids=str
)
async def app(request: pytest.FixtureRequest, browser: Browser, server: Served) -> AsyncIterator[Page]:
    """A page with a little application on it; `show(question)` makes its component, `show("")` unmakes it."""
    name, version = request.param
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    async with lab_page(browser, server.address) as page:
        page.on("console", hear)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await vendor.offer(page, version if name == "react" else 19)
        await page.evaluate(REACT if name == "react" else VUE)
        yield page
        assert errors == []


async def show(page: Page, question: str) -> None:
    await page.evaluate("show", question)
    if question:
        await expect(page.locator("#state")).to_have_text("connected")


async def test_a_question_is_asked_and_its_rows_are_rendered(app: Page) -> None:
    await show(app, QUESTION)
    await app.click("#ask")
    await expect(app.locator("#status")).to_have_text("completed")
    await expect(app.locator("#rows li")).to_have_text(["上海", "北京"])
    await show(app, "")


async def test_a_fault_is_state_and_a_retry_is_a_click(app: Page) -> None:
    await show(app, "SELECT no_such_column FROM orders")
    await app.click("#ask")
    await expect(app.locator("#error")).to_have_text("SQL_EXECUTION_FAILED")
    await app.click("#retry")
    await expect(app.locator("#error")).to_have_text("SQL_EXECUTION_FAILED")
    await expect(app.locator("#status")).to_have_text("failed")
    await show(app, "")


async def test_a_running_query_is_cancelled(app: Page) -> None:
    await show(app, ENDLESS)
    await app.click("#ask")
    await expect(app.locator("#status")).to_have_text("running")
    await app.click("#cancel")
    await expect(app.locator("#status")).to_have_text("cancelled")
    await show(app, "")


async def test_a_new_question_stops_the_one_before(app: Page, server: Served) -> None:
    await show(app, ENDLESS)
    await app.click("#ask")
    await expect(app.locator("#status")).to_have_text("running")
    await app.click("#ask")
    async with asyncio.timeout(15):
        while len(await server.get("/text2sql/queries")) != 1:
            await asyncio.sleep(0.05)
    await show(app, "")


async def test_a_component_that_goes_leaves_no_connection_and_no_query(app: Page, server: Served) -> None:
    await show(app, ENDLESS)
    await app.click("#ask")
    await expect(app.locator("#status")).to_have_text("running")
    await show(app, "")
    async with asyncio.timeout(15):
        while (await server.get("/text2sql/connections"))["total_connections"]:
            await asyncio.sleep(0.05)
        while await server.get("/text2sql/queries"):
            await asyncio.sleep(0.05)


async def test_thousands_of_messages_render_a_few_times(app: Page) -> None:
    """At most once a frame, however many rows come."""
    await show(app, "SELECT a.id AS n FROM orders a, cities b LIMIT 3000")
    await app.evaluate("renders = 0")
    await app.click("#ask")
    await expect(app.locator("#status")).to_have_text("completed", timeout=20_000)
    assert await app.evaluate("renders") < 200
    await show(app, "")


async def test_with_an_import_map_the_framework_is_found_by_name(browser: Browser, server: Served) -> None:
    """Import maps are inline scripts: such a page has a policy of its own."""
    context = await browser.new_context(bypass_csp=True)
    page = await context.new_page()
    await visit(page, server.address)
    await vendor.offer(page)
    made = await page.evaluate(
        """async () => {
            const map = document.createElement("script");
            map.type = "importmap";
            const imports = { react: "/vendor/react.js", vue: "/vendor/vue.js" };
            map.textContent = JSON.stringify({ imports });
            document.head.append(map);
            const modules = [import("/static/client/react.js"), import("/static/client/vue.js")];
            return (await Promise.all(modules)).map(({ useText2SQL }) => typeof useText2SQL);
        }"""
    )
    await context.close()
    assert made == ["function", "function"]
