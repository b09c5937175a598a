"""The chat view on the real server: two people in one session, a line that is cut, words that mean harm."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import vendor
from tests.browser.conftest import SCREENSHOTS, USUAL
from tests.browser.lab import ENDLESS, shop_server
from tests.support.proxy import Proxy
from tests.support.serving import Served
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JWT = {"mode": "jwt", "secret": SECRET}
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\"> **<script>window.hacked = 1</script>**"
WIDE = "document.documentElement.scrollWidth > innerWidth"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A server that asks for tokens, so that there are several people."""
    async with shop_server(tmp_path_factory.mktemp("chat"), auth=JWT) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, guarded: Served) -> AsyncIterator[Visit]:
    """`await visit("bob", "#session")`: a browser of one's own, at the chat view, signed in and connected."""
    async with AsyncExitStack() as contexts:

        async def come(
            user: str, session: str = "", origin: str = guarded.address, seconds: float = 300, **more: Any
        ) -> Page:
            context: BrowserContext = await browser.new_context(**(USUAL | more))
            contexts.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            page = await context.new_page()
            await page.goto(f"{origin}/static/examples/index.html")
            await page.evaluate(
                "x => sessionStorage.setItem('text2sql.token', x)", token(user, seconds=seconds)
            )
            await page.goto(f"{origin}/chat{session and '#' + session}")
            await connected(page)
            return page

        yield come


async def connected(page: Page) -> None:
    await expect(page.locator(".state")).to_have_attribute("data-state", "connected")


async def entered(page: Page, online: int) -> None:
    await expect(page.locator(".member[data-online=true]")).to_have_count(online)


async def say(page: Page, words: str) -> None:
    await page.fill("#message", words)
    await page.press("#message", "Enter")


def mine(page: Page) -> Locator:
    return page.locator(".message[data-role=mine]")


def answers(page: Page) -> Locator:
    return page.locator(".message[data-role=assistant]")


async def share(page: Page, user: str) -> None:
    await page.click("#share")
    await page.fill("#share-user", user)
    await page.press("#share-user", "Enter")


async def look(page: Page, name: str) -> None:
    """Written for a person to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"chat-view--{name}.png")


async def together(visit: Visit, session: str, **more: Any) -> tuple[Page, Page]:
    """Alice and Bob in a session that is hers."""
    alice = await visit("alice", session)
    await entered(alice, 1)
    await share(alice, "bob")
    await expect(alice.locator(".event")).to_contain_text("bob")
    bob = await visit("bob", session, **more)
    await entered(bob, 2)
    await entered(alice, 2)
    return alice, bob


# --- two people ---------------------------------------------------------------------------------------


async def test_who_is_shared_a_session_finds_it_in_the_list(visit: Visit) -> None:
    bob = await visit("bob")
    await expect(bob.locator(".welcome")).to_be_visible()
    alice = await visit("alice")
    await alice.click("#new")
    await entered(alice, 1)
    await share(alice, "bob")
    name = await alice.locator(".room-name h2").text_content()
    await expect(bob.locator(".notice")).to_contain_text(str(name))
    await bob.click(".session")
    await entered(bob, 2)
    await expect(bob.locator("#share")).to_be_hidden()
    await expect(alice.locator(".event").last).to_contain_text("bob 加入了")


async def test_both_see_what_is_said_who_types_and_the_answer(visit: Visit) -> None:
    alice, bob = await together(visit, "pair")
    await bob.locator("#message").press_sequentially("去年")
    await expect(alice.locator(".typing")).to_have_text("bob 正在输入…")
    await look(alice, "typing")
    await say(bob, "SELECT * FROM cities")
    await expect(alice.locator(".typing")).to_be_empty()
    for page in (alice, bob):
        await expect(answers(page)).to_have_attribute("data-status", "completed")
        await expect(answers(page).locator(".sql-keyword").first).to_have_text("SELECT")
        await expect(answers(page).locator("table.rows th").first).to_be_visible()
    await expect(alice.locator(".message[data-role=other] .bubble")).to_have_text("SELECT * FROM cities")
    await expect(mine(bob).locator(".status")).to_have_text("alice 已读")
    await look(alice, "pair-alice")
    await look(bob, "pair-bob")


async def test_what_is_not_looked_at_is_unread_until_it_is(visit: Visit) -> None:
    alice, bob = await together(visit, "unread")
    await bob.click("#new")
    await entered(bob, 1)
    await say(alice, "SELECT 1 AS one")
    await expect(bob.locator(".session[data-id=unread] .badge")).to_contain_text("2")
    await expect(mine(alice).locator(".status")).to_have_text("已送达")
    await look(bob, "unread")
    await bob.click(".session[data-id=unread]")
    await expect(bob.locator(".badge")).to_have_count(0)
    await expect(mine(alice).locator(".status")).to_have_text("bob 已读")


async def test_whoever_leaves_is_away_and_one_session_is_another_ones_no_more(visit: Visit) -> None:
    alice, bob = await together(visit, "leaving")
    await bob.click("#leave")
    await bob.click("#leave")
    await expect(bob.locator(".session")).to_have_count(0)
    await expect(alice.locator(".member[data-online=false]")).to_contain_text("bob")
    await bob.fill("#join-id", "not mine!")
    await bob.press("#join-id", "Enter")
    await expect(bob.locator("#join-fault")).to_be_visible()
    carol = await visit("carol", "#leaving")
    await expect(carol.locator(".room-title .note")).to_contain_text("无法进入")


# --- an answer ------------------------------------------------------------------------------------------


async def test_an_answer_shows_how_far_it_is_and_is_stopped(visit: Visit) -> None:
    alice = await visit("alice", "#stopping")
    await say(alice, ENDLESS)
    answer = answers(alice)
    await expect(answer.locator(".stage")).not_to_be_empty()
    await expect(answer.locator("progress")).to_have_js_property("value", 70)
    await look(alice, "running")
    await answer.locator(".stop").click()
    await expect(answer).to_have_attribute("data-status", "cancelled")
    await expect(answer.locator(".outcome")).to_have_text("已停止")


async def test_an_answer_that_fails_says_why(visit: Visit) -> None:
    alice = await visit("alice", "#failing")
    await say(alice, "DROP TABLE cities")
    await expect(answers(alice)).to_have_attribute("data-status", "failed")
    await expect(answers(alice).locator(".outcome")).not_to_be_empty()


async def test_shift_enter_breaks_the_line_and_a_composition_sends_nothing(visit: Visit) -> None:
    alice = await visit("alice", "#keys")
    await entered(alice, 1)
    box = alice.locator("#message")
    await box.press_sequentially("SELECT 1")
    await box.press("Shift+Enter")
    await box.press_sequentially("AS one")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(mine(alice)).to_have_count(0)
    await box.press("Enter")
    await expect(mine(alice).locator(".bubble")).to_have_text("SELECT 1\nAS one")
    await expect(box).to_have_value("")


async def test_hostile_words_stay_words(visit: Visit) -> None:
    alice, bob = await together(visit, "hostile")
    await say(alice, f"SELECT '{HOSTILE.replace(chr(39), chr(34))}' AS x")
    for page in (alice, bob):
        await expect(answers(page)).to_have_attribute("data-status", "completed")
        await expect(page.locator("table.rows td").first).to_contain_text("<img src=x")
        assert await page.locator(".message img, .message script, .sessions img").count() == 0
        assert await page.evaluate("window.hacked") is None


# --- lines and tokens ----------------------------------------------------------------------------------


async def test_what_is_said_while_the_line_is_cut_is_sent_when_it_is_back(
    visit: Visit, guarded: Served
) -> None:
    port = urlsplit(guarded.address).port
    assert port is not None
    async with Proxy(port) as proxy:
        alice = await visit("alice", "#cut", origin=f"http://127.0.0.1:{proxy.port}")
        await entered(alice, 1)
        proxy.refuse()
        proxy.reset()
        await expect(alice.locator(".state")).to_have_attribute("data-state", "waiting")
        await say(alice, "SELECT 1 AS one")
        await expect(mine(alice)).to_have_attribute("data-status", "waiting")
        await look(alice, "cut")
        await proxy.welcome()
        await connected(alice)
        await expect(mine(alice)).to_have_attribute("data-status", "sent")
        await expect(answers(alice)).to_have_attribute("data-status", "completed")
        await expect(mine(alice)).to_have_count(1)


async def test_what_may_have_arrived_is_sent_again_only_when_asked(visit: Visit, guarded: Served) -> None:
    port = urlsplit(guarded.address).port
    assert port is not None
    async with Proxy(port) as proxy:
        alice = await visit("alice", "#unsure", origin=f"http://127.0.0.1:{proxy.port}")
        await entered(alice, 1)
        proxy.stall()
        await say(alice, "SELECT 2 AS two")
        await expect(mine(alice)).to_have_attribute("data-status", "sending")
        proxy.reset()
        proxy.go_on()
        await expect(mine(alice)).to_have_attribute("data-status", "unsure")
        await connected(alice)
        await entered(alice, 1)
        await look(alice, "unsure")
        await expect(answers(alice)).to_have_count(0)
        await alice.click("[data-action=again]")
        await expect(mine(alice)).to_have_attribute("data-status", "sent")
        await expect(answers(alice)).to_have_attribute("data-status", "completed")


async def test_an_answer_that_ended_while_the_line_was_cut_is_asked_for(
    visit: Visit, guarded: Served
) -> None:
    port = urlsplit(guarded.address).port
    assert port is not None
    async with Proxy(port) as proxy:
        alice = await visit("alice", "#missed", origin=f"http://127.0.0.1:{proxy.port}")
        await say(alice, ENDLESS)
        await expect(answers(alice).locator("progress")).to_have_js_property("value", 70)
        query_id = await answers(alice).get_attribute("data-id")
        proxy.refuse()
        proxy.reset()
        await expect(alice.locator(".state")).to_have_attribute("data-state", "waiting")
        headers = {"Authorization": f"Bearer {token('alice')}"}
        async with guarded.http.post(
            f"{guarded.address}/text2sql/queries/{query_id}/cancel", headers=headers
        ) as stopped:
            assert stopped.status == 200
        await proxy.welcome()
        await connected(alice)
        await expect(answers(alice)).to_have_attribute("data-status", "cancelled")


async def test_a_reload_brings_back_what_was_said(visit: Visit) -> None:
    alice = await visit("alice", "#reloaded")
    await say(alice, "SELECT * FROM cities")
    await expect(answers(alice)).to_have_attribute("data-status", "completed")
    await alice.reload()
    await connected(alice)
    await expect(mine(alice)).to_have_count(1)
    await expect(answers(alice).locator("table.rows th").first).to_be_visible()
    await expect(alice.locator(".session[aria-current]")).to_contain_text("reloaded")


async def test_it_asks_for_a_token_and_for_another_before_it_expires(
    browser: Browser, guarded: Served
) -> None:
    context = await browser.new_context(**USUAL)
    context.set_default_timeout(15_000)
    page = await context.new_page()
    await page.goto(f"{guarded.address}/chat#tokens")
    await page.fill("#token", token("dora", seconds=8))
    await page.press("#token", "Enter")
    await connected(page)
    await expect(page.locator(".me")).to_have_text("你是 dora")
    await expect(page.locator("#signin")).to_contain_text("即将过期")
    await page.fill("#token", token("dora"))
    await page.press("#token", "Enter")
    await expect(page.locator("#signin")).to_be_hidden()
    await connected(page)
    kept = await page.evaluate("JSON.parse(atob(sessionStorage.getItem('text2sql.token').split('.')[1])).exp")
    assert kept > asyncio.get_running_loop().time()
    await say(page, "SELECT 1 AS one")
    await expect(answers(page)).to_have_attribute("data-status", "completed")
    await context.close()


async def test_an_administrators_notification_is_seen(visit: Visit, guarded: Served) -> None:
    alice = await visit("alice", "#notified")
    headers = {"Authorization": f"Bearer {token('root', role='admin')}"}
    body = {"user_id": "alice", "title": "维护", "message": HOSTILE, "type": "warning"}
    address = f"{guarded.address}/api/v1/websocket/notify"
    async with guarded.http.post(address, json=body, headers=headers) as told:
        assert told.status == 200
    await expect(alice.locator(".notice[data-kind=warning]")).to_contain_text("<img src=x")
    await look(alice, "notified")


async def test_who_is_disconnected_by_an_administrator_stays_away_until_they_want_back(
    visit: Visit, guarded: Served
) -> None:
    erin = await visit("erin", "#dismissed")
    await entered(erin, 1)
    headers = {"Authorization": f"Bearer {token('root', role='admin')}"}
    address = f"{guarded.address}/api/v1/websocket/users/disconnect"
    async with guarded.http.post(address, json={"user_id": "erin"}, headers=headers) as told:
        assert told.status == 200
    await expect(erin.locator(".state")).to_have_attribute("data-state", "refused")
    await expect(erin.locator(".banner")).to_be_visible()
    await look(erin, "dismissed")
    await erin.locator(".banner button").click()
    await connected(erin)
    await entered(erin, 1)


# --- looks ------------------------------------------------------------------------------------------------


async def talked(visit: Visit, session: str, **more: Any) -> Page:
    alice, bob = await together(visit, session, **more)
    await say(alice, "大家好，看看各城市的情况")
    await expect(answers(bob)).to_have_attribute("data-status", re.compile("completed|failed"))
    await say(bob, "SELECT * FROM cities")
    await expect(answers(bob).last).to_have_attribute("data-status", "completed")
    return bob


async def test_light_is_clean_in_both_languages(visit: Visit) -> None:
    bob = await talked(visit, "light")
    assert await vendor.complaints(bob) == []
    await look(bob, "light")
    await bob.click("#language")
    await expect(bob.locator("h1")).to_have_text("Chat")
    await expect(bob.locator("#leave")).to_have_text("Leave")
    await look(bob, "english")


async def test_dark_is_clean(visit: Visit) -> None:
    bob = await talked(visit, "dark", color_scheme="dark")
    assert await vendor.complaints(bob) == []
    await look(bob, "dark")


async def test_a_phone_shows_the_list_or_a_session_and_is_clean(visit: Visit) -> None:
    bob = await talked(visit, "phone", **PHONE)
    assert not await bob.evaluate(WIDE)
    assert await vendor.complaints(bob) == []
    await look(bob, "phone")
    await bob.click(".back")
    await expect(bob.locator(".session")).to_be_visible()
    await expect(bob.locator(".room")).to_be_hidden()
    assert not await bob.evaluate(WIDE)
    assert await vendor.complaints(bob) == []
    await look(bob, "phone-list")


async def test_a_screen_reader_hears_messages_and_answers(visit: Visit) -> None:
    alice, bob = await together(visit, "heard")
    announced = bob.locator("#notes > [aria-live]")
    await say(alice, "SELECT 1 AS one")
    await expect(announced).to_have_text("助手已回答")


async def test_every_label_has_both_languages_with_the_same_parameters(visit: Visit) -> None:
    alice = await visit("alice")
    wrong = await alice.evaluate("""async () => {
        const words = await (await fetch("/static/chat/js/texts.js")).text();
        const pairs = [...words.matchAll(/"([\\w.]+)": \\[\\s*"(.*?)",\\s*"(.*?)",?\\s*\\]/g)];
        const named = (phrase) => [...phrase.matchAll(/\\{(\\w+)\\}/g)].map(([, name]) => name).sort().join();
        if (pairs.length < 60) return ["none read"];
        return pairs.filter(([, , zh, en]) => !zh || !en || named(zh) !== named(en)).map(([, key]) => key);
    }""")
    assert wrong == []


def test_no_module_reads_words_as_markup() -> None:
    folder = Path(__file__).parents[2] / "static" / "chat"
    modules = list(folder.rglob("*.js"))
    assert len(modules) > 10
    for module in modules:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", module.read_text("utf-8")
        )
