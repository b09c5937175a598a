"""The fourth document's JavaScript client and Vue component, against `scm`."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.lab import lab_page, run, shop_server
from tests.clients.conftest import serve_ported
from tests.support.serving import Served
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = "/ported/scm_page.js"
UNTIL = """
    const until = async (happened) => {
        while (!happened()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const page = m.openScm(...x);
    await until(() => page.heard.length >= 3);
"""


def arguments(server: Served, shown: str) -> list[str]:
    address = server.address.replace("http", "ws") + "/scm/websocket/ai/chat"
    return [address, shown, "user001", "session001"]


async def test_an_answer_is_put_together_of_its_fragments(page: Page, shop: Served) -> None:
    """A model and a provider that aren't configured here are warned of, and answered all the same."""
    body = f"""
        {UNTIL}
        const wanted = {{ model: "gpt-4", provider: "openai", parentMessageId: null }};
        page.ask("你好", true, {{ ...wanted, conversationId: "conv001" }});
        await until(() => page.ended);
        page.socket.close();
        return page;
    """
    told = await run(page, body, arguments(shop, "any-token"), PAGE)
    assert set(told["heard"][:3]) == {"CONNECT", "SYSTEM_MESSAGE", "HEARTBEAT"}
    assert "WARNING" in told["heard"]
    assert told["content"]
    assert told["started"]["messageId"] == told["ended"]["messageId"]
    assert told["ended"]["finished"] is True
    assert told["ended"]["finishReason"] == "completed"
    assert told["ended"]["duration"] >= 0


async def test_an_answer_comes_whole_where_that_is_asked_for(page: Page, shop: Served) -> None:
    body = f"""
        {UNTIL}
        page.ask("你好", false, {{ model: "gpt-3.5-turbo", provider: "openai" }});
        await until(() => page.whole);
        page.socket.close();
        return [page.whole, page.heard.includes("CHAT_STREAM_START")];
    """
    whole, has_streamed = await run(page, body, arguments(shop, "any-token"), PAGE)
    assert whole["content"]
    assert has_streamed is False


async def test_the_token_among_the_subprotocols_is_who_asks(browser: Browser, tmp_path: Path) -> None:
    async with shop_server(tmp_path, auth={"mode": "jwt", "secret": SECRET}) as server:
        async with lab_page(browser, server.address) as page:
            await serve_ported(page)
            body = f"""
                {UNTIL}
                page.ask("你好", true, {{}});
                await until(() => page.ended);
                page.socket.close();
                return page.ended.finishReason;
            """
            assert await run(page, body, arguments(server, token("user001")), PAGE) == "completed"


APP = """
    async ([address, token]) => {
        const Vue = await import("/vendor/vue.js");
        const { makeScmComponent } = await import("/ported/scm_component.js");
        const place = document.body.appendChild(document.createElement("div"));
        const app = Vue.createApp(makeScmComponent(Vue, address, token));
        app.mount(place);
        window.leave = () => app.unmount();
    }
"""


async def test_the_component_shows_the_answer_as_it_comes(page: Page, shop: Served) -> None:
    await page.evaluate(APP, arguments(shop, "any-token")[:2])
    box, button = page.locator("textarea"), page.locator("button")
    for number, question in enumerate(["你好", "谢谢"]):
        await box.fill(question)
        await button.click()
        message = page.locator(".message").nth(number)
        await expect(message.locator(".user-message")).to_have_text(question)
        await expect(message.locator(".ai-message")).not_to_be_empty(timeout=20_000)
        await expect(button).to_have_text("发送")
        await expect(box).to_have_value("")
    await expect(page.locator("#complaint")).to_be_empty()
    await page.evaluate("leave()")
