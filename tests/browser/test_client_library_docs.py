"""Every piece of code in docs/client.md runs as it stands, and every example page does what it says."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Route, expect

from tests.browser import vendor
from tests.browser.lab import lab_page, visit
from tests.support.npm import NODE, node_modules
from tests.support.paths import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CLIENT = (ROOT / "docs" / "client.md").read_text("utf-8")
SHOWN = re.findall(r"^```(js|jsx|vue)\n(.*?)^```", CLIENT, re.MULTILINE | re.DOTALL)
SCRIPTS = [code for kind, code in SHOWN if kind == "js"]


@pytest_asyncio.fixture(loop_scope="session")
async def bundled(browser: Browser, server: str) -> AsyncIterator[Page]:
    """A page with an import map for React and Vue. (An inline script: its policy is its own.)"""
    context = await browser.new_context(bypass_csp=True)
    page = await context.new_page()
    await visit(page, server)
    await vendor.offer(page)
    await page.evaluate(
        """() => {
            const map = document.createElement("script");
            map.type = "importmap";
            const react = "/vendor/react.js";
            const imports = { react, "react-dom/client": react, vue: "/vendor/vue.js" };
            map.textContent = JSON.stringify({ imports });
            document.head.append(map);
            document.body.append(Object.assign(document.createElement("div"), { id: "app" }));
        }"""
    )
    yield page
    await context.close()


async def load(page: Page, module: str, name: str = "component") -> str:
    """Let the page have this module under an address of its own, and import it."""

    async def respond(route: Route) -> None:
        await route.fulfill(body=module, content_type="text/javascript")

    await page.route(f"**/shown/{name}.js", respond)
    return f"import('/shown/{name}.js').then((made) => made.default)"


async def compiled(kind: str) -> str:
    source = next(code for found, code in SHOWN if found == kind)
    compiler = await asyncio.create_subprocess_exec(
        NODE,
        ROOT / "tests" / "browser" / "compile.mjs",
        node_modules(),
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await compiler.communicate(source.encode())
    assert compiler.returncode == 0
    return out.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab(browser: Browser, server: str) -> AsyncIterator[Page]:
    async with lab_page(browser, server) as page:
        yield page


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
async def test_what_the_documentation_shows_runs(lab: Page, number: int) -> None:
    """To its end, without an error, and not in silence."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    lab.on("console", hear)
    await lab.evaluate(f"{await load(lab, SCRIPTS[number], str(number))}.then(() => 0)")
    lab.remove_listener("console", hear)
    assert said


async def test_the_component_for_react_works_as_it_is_shown(bundled: Page) -> None:
    await bundled.evaluate(f"{await load(bundled, await compiled('jsx'))}.then(() => 0)")
    await bundled.get_by_role("button", name="Ask").click()
    await expect(bundled.locator("#words")).not_to_be_empty(timeout=20_000)
    await expect(bundled.locator("pre")).to_contain_text("SELECT")


async def test_the_component_for_vue_works_as_it_is_shown(bundled: Page) -> None:
    made = await load(bundled, await compiled("vue"))
    await bundled.evaluate(
        f"async () => (await import('/vendor/vue.js')).createApp(await {made}).mount('#app') && 0"
    )
    await bundled.get_by_role("button", name="Ask").click()
    await expect(bundled.locator("#words")).not_to_be_empty(timeout=20_000)
    await expect(bundled.locator("pre")).to_contain_text("SELECT")


# --- the example pages --------------------------------------------------------------------------------

ENDLESS = "SELECT COUNT(*) AS n FROM order_items a, order_items b, order_items c"
EXAMPLES = ["ask", "callbacks", "steps", "reload"]


async def ask(page: Page, question: str | None = None) -> None:
    if question is not None:
        await page.get_by_label("Your question").fill(question)
    await page.get_by_role("button", name="Ask").click()


async def test_every_example_is_listed_and_nothing_else(page: Page, server: str) -> None:
    await page.goto(f"{server}/static/examples/index.html")
    listed = await page.locator("li a:first-child").evaluate_all(
        "(links) => links.map((link) => link.pathname)"
    )
    assert sorted(listed) == sorted(f"/static/examples/{name}.html" for name in EXAMPLES)
    there = {path.stem for path in (ROOT / "static" / "examples").glob("*.html")}
    assert there == {*EXAMPLES, "index"}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_answers_its_own_question_and_stops(page: Page, server: str, name: str) -> None:
    has_element = name in ("steps", "reload")
    await page.goto(f"{server}/static/examples/{name}.html")
    await ask(page, None if name != "reload" else "Which product sold best?")
    shown = page.locator("text2sql-steps .words:visible" if has_element else "#out").last
    await expect(shown).to_contain_text(re.compile(r"\w{3}"), timeout=20_000)
    await expect(page.locator("body")).to_contain_text("SELECT")
    await expect(page.locator("#cancel")).to_be_disabled()
    assert await vendor.complaints(page) == []
    await ask(page, ENDLESS)
    await page.locator("#cancel").click()
    await expect(page.locator("text2sql-steps" if has_element else "#out")).to_contain_text("Cancelled")


async def test_a_query_lives_through_a_reload_with_all_that_came_before_it(page: Page, server: str) -> None:
    await page.goto(f"{server}/static/examples/reload.html")
    await ask(page, ENDLESS)
    running = page.locator("[data-stage=executing_sql]")
    await expect(running).to_have_attribute("data-status", "running")
    await page.reload()
    await expect(running).to_have_attribute("data-status", "running")
    await expect(page.locator("[data-stage=analyzing]")).to_have_attribute("data-status", "done")
    await expect(page.locator("code")).to_have_text(ENDLESS)
    await page.locator("#cancel").click()
    await expect(page.locator("text2sql-steps")).to_contain_text("Cancelled")
