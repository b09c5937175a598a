"""The chat view on the real server: two people in one session, a line that is cut, words that mean harm."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser import vendor
from tests.browser.conftest import SCREENSHOTS, USUAL
from tests.browser.lab import ENDLESS, shop_server
from tests.support.proxy import Proxy
from tests.support.serving import Served
from tests.support.tokens import SECRET, token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JWT = {"mode": "jwt", "secret": SECRET}
HOSTILE = "<img src=x onerror=\"window.hacked = 'yes'\"> **<script>window.hacked = 1</script>**"
AT = "2025-01-01T00:00:00Z"
WIDE = "document.documentElement.scrollWidth > innerWidth"

Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A server that asks for tokens, so that there are several people."""
    async with shop_server(tmp_path_factory.mktemp("chat"), auth=JWT) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visit(browser: Browser, guarded: Served) -> AsyncIterator[Visit]:
    """`await visit("bob")`: a browser of one's own at the chat view, signed in and connected."""
    async with AsyncExitStack() as contexts:

        async def come(user: str, origin: str = guarded.address) -> Page:
            context = await browser.new_context(**USUAL)
            contexts.push_async_callback(context.close)
            context.set_default_timeout(20_000)
            page = await context.new_page()
            await page.goto(f"{origin}/static/img/logo.svg")
            await page.evaluate("x => sessionStorage.setItem('text2sql.token', x)", token(user, seconds=3000))
            await page.goto(f"{origin}/chat")
            await connected(page)
            return page

        yield come


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def alice(visit: Visit) -> Page:
    """Open for all tests: each has a session of its own."""
    return await visit("alice")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bob(visit: Visit) -> Page:
    return await visit("bob")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxy(guarded: Served) -> AsyncIterator[Proxy]:
    port = urlsplit(guarded.address).port
    assert port is not None
    async with Proxy(port) as between:
        yield between


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def frank(visit: Visit, proxy: Proxy) -> AsyncIterator[Page]:
    """Whose line can be cut."""
    page = await visit("frank", f"http://127.0.0.1:{proxy.port}")
    yield page
    await page.context.close()


async def connected(page: Page) -> None:
    await expect(page.locator(".state")).to_have_attribute("data-state", "connected")


async def sign_in(page: Page, shown: str) -> None:
    await page.fill("#token", shown)
    await page.press("#token", "Enter")


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


async def enter(page: Page, session: str) -> None:
    await page.fill("#join-id", session)
    await page.press("#join-id", "Enter")
    await expect(page.locator(".room-name h2")).to_have_text(session)


async def together(alice: Page, bob: Page, session: str) -> None:
    """Both in a session that is Alice's."""
    await enter(alice, session)
    await entered(alice, 1)
    await share(alice, "bob")
    await bob.click(f".session[data-id={session}]")
    await entered(bob, 2)
    await entered(alice, 2)


def as_admin() -> dict[str, str]:
    return {"Authorization": f"Bearer {token('root', role='admin')}"}


# --- two people ---------------------------------------------------------------------------------------


async def test_who_is_shared_a_session_finds_it_in_the_list(alice: Page, bob: Page) -> None:
    await expect(bob.locator(".welcome")).to_be_visible()
    await look(bob, "welcome")
    await alice.click("#new")
    await entered(alice, 1)
    await share(alice, "bob")
    name = await alice.locator(".room-name h2").text_content()
    await expect(bob.locator(".notice")).to_contain_text(str(name))
    await bob.click(f".session[data-id='{name}']")
    await entered(bob, 2)
    await expect(bob.locator("#share")).to_be_hidden()
    await expect(alice.locator(".event").last).to_have_text("bob 加入了")


async def test_both_see_what_is_said_who_types_and_the_answer(alice: Page, bob: Page) -> None:
    await together(alice, bob, "pair")
    await bob.locator("#message").press_sequentially("去年")
    await expect(alice.locator(".typing")).to_have_text("bob 正在输入…")
    await look(alice, "typing")
    await say(bob, "SELECT * FROM cities")
    await expect(alice.locator(".typing")).to_be_empty()
    for page in (alice, bob):
        await expect(answers(page)).to_have_attribute("data-status", "completed")
        await expect(answers(page).locator(".sql-keyword").first).to_have_text("SELECT")
        await expect(answers(page).locator("table.rows th").first).to_be_visible()
        await expect(page.locator("#notes > [aria-live]")).to_have_text("助手已回答")
    await expect(alice.locator(".message[data-role=other] .bubble")).to_have_text("SELECT * FROM cities")
    await expect(mine(bob).locator(".status")).to_have_text("alice 已读")
    await look(alice, "pair-alice")
    await look(bob, "pair-bob")


async def test_what_is_not_looked_at_is_unread_until_it_is(alice: Page, bob: Page) -> None:
    await together(alice, bob, "unread")
    await enter(bob, "elsewhere")
    await entered(bob, 1)
    await say(alice, "SELECT 1 AS one")
    await expect(bob.locator(".session[data-id=unread] .badge")).to_contain_text("2")
    await expect(mine(alice).locator(".status")).to_have_text("已送达")
    await look(bob, "unread")
    await bob.click(".session[data-id=unread]")
    await expect(bob.locator(".badge")).to_have_count(0)
    await expect(mine(alice).locator(".status")).to_have_text("bob 已读")


async def test_whoever_leaves_is_away_and_nobody_enters_uninvited(
    alice: Page, bob: Page, frank: Page
) -> None:
    await together(alice, bob, "leaving")
    await bob.click("#leave")
    await bob.click("#leave")
    await expect(bob.locator(".session[data-id=leaving]")).to_have_count(0)
    await expect(alice.locator(".member[data-online=false]")).to_contain_text("bob")
    await frank.fill("#join-id", "not an id!")
    await frank.press("#join-id", "Enter")
    await expect(frank.locator("#join-fault")).to_be_visible()
    await enter(frank, "leaving")
    await expect(frank.locator(".room-title .note")).to_contain_text("无法进入")
    await frank.click("#leave")
    await frank.click("#leave")


async def test_without_tokens_everyone_is_the_same_and_nothing_complains(page: Page, server: str) -> None:
    await page.goto(f"{server}/chat", timeout=60_000)
    await connected(page)
    await page.click("#new")
    await say(page, "去年每个月的销售额是多少？")
    await expect(answers(page)).to_have_attribute("data-status", "completed", timeout=30_000)
    await expect(answers(page).locator("table.rows tbody tr").first).to_be_visible()
    await expect(mine(page).locator(".status")).to_have_text("已发送")
    await look(page, "alone")


# --- an answer ------------------------------------------------------------------------------------------


async def test_an_answer_shows_how_far_it_is_and_is_stopped(alice: Page) -> None:
    await enter(alice, "stopping")
    await say(alice, ENDLESS)
    answer = answers(alice)
    await expect(answer.locator("progress")).to_have_js_property("value", 70)
    await expect(answer.locator(".stage")).not_to_be_empty()
    await look(alice, "running")
    await answer.locator(".stop").click()
    await expect(answer).to_have_attribute("data-status", "cancelled")
    await expect(answer.locator(".outcome")).to_have_text("已停止")


async def test_an_answer_that_fails_says_why(alice: Page) -> None:
    await enter(alice, "failing")
    await say(alice, "DROP TABLE cities")
    await expect(answers(alice)).to_have_attribute("data-status", "failed")
    await expect(answers(alice).locator(".outcome")).not_to_be_empty()
    await look(alice, "failed")


async def test_an_answer_that_streams_shows_thoughts_folded_attempts_and_markdown_as_words(
    browser: Browser, guarded: Served
) -> None:
    """Before a server that the test speaks for: models write what they like."""
    context = await browser.new_context(**USUAL)
    page = await context.new_page()
    sockets: list[WebSocketRoute] = []

    def hear(message: str | bytes) -> None:
        if json.loads(message)["type"] == "join_session":
            tell("session_joined", session_id="s", user_id="gina", members=["gina"])

    def tell(name: str, **body: object) -> None:
        sockets[-1].send(json.dumps({"type": name, "timestamp": AT, **body}))

    def accept(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.on_message(hear)
        tell("connection_established", connection_id="c", user_id="gina", heartbeat_interval=30)

    await page.route_web_socket(re.compile("/ws/chat"), accept)
    await page.goto(f"{guarded.address}/static/img/logo.svg")
    await page.evaluate("x => sessionStorage.setItem('text2sql.token', x)", token("gina"))
    await page.goto(f"{guarded.address}/chat#s")
    await entered(page, 1)
    answer = {"session_id": "s", "message_id": "a", "question_id": "q"}
    tell("ai_processing_status", **answer, status="processing", stage="generating_sql", progress=45)
    tell("message_delta", **answer, kind="reasoning", delta=HOSTILE, index=0, attempt=1)
    tell("message_delta", **answer, kind="sql", delta="```sql\nSELECT nme", index=0, attempt=1)
    tell("message_delta", **answer, kind="sql", delta="SELECT `name`\n-- all", index=0, attempt=2)
    shown = answers(page)
    await expect(shown.locator(".stage")).to_have_text("生成 SQL")
    await expect(shown.locator("pre.sql")).to_have_text(["SELECT nme", "SELECT `name`\n-- all"])
    await expect(shown.locator(".thinking p")).to_be_hidden()
    await shown.locator(".thinking summary").click()
    await expect(shown.locator(".thinking p")).to_have_text(HOSTILE)
    await look(page, "streaming")
    content = f"**十二月**最高\n\n- {HOSTILE}\n- [x](javascript:alert(1))\n\n```sql\nSELECT 1\n```"
    columns = [{"name": HOSTILE, "type": "string"}, {"name": "n", "type": "integer"}]
    data = [{HOSTILE: None, "n": 12345 + row} for row in range(20)]
    results = {"columns": columns, "row_count": 20, "truncated": False, "chunks": 1, "data": data}
    message = {"id": "a", "session_id": "s", "parent_id": "q", "role": "assistant", "user_id": None}
    told = {"content": content, "created_at": AT, "sql": "SELECT 1", "results": results, "visualization": {}}
    tell("new_message", message=message | told)
    tell("ai_processing_status", **answer, status="completed", stage="completed", progress=100)
    await expect(shown.locator("strong").first).to_have_text("十二月")
    await expect(shown.locator("li")).to_have_count(2)
    await expect(shown.locator("pre.sql")).to_have_text("SELECT 1")
    await expect(shown.locator("tbody tr")).to_have_count(10)
    await expect(shown.locator("td").nth(1)).to_have_text("12,345")
    await expect(shown.locator(".answer-rows .note")).to_have_text("前 10 行，共 20 行")
    await expect(shown.locator(".progress")).to_be_hidden()
    assert await shown.locator("img, script, a").count() == 0
    assert await page.evaluate("window.hacked") is None
    await look(page, "streamed")
    await context.close()


async def test_shift_enter_breaks_the_line_and_a_composition_sends_nothing(alice: Page) -> None:
    await enter(alice, "keys")
    box = alice.locator("#message")
    await box.press_sequentially("SELECT 1")
    await box.press("Shift+Enter")
    await box.press_sequentially("AS one")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(mine(alice)).to_have_count(0)
    await box.press("Enter")
    await expect(mine(alice).locator(".bubble")).to_have_text("SELECT 1\nAS one")
    await expect(box).to_have_value("")


async def test_hostile_words_stay_words(alice: Page, bob: Page) -> None:
    await together(alice, bob, "hostile")
    await say(alice, f"SELECT '{HOSTILE.replace(chr(39), chr(34))}' AS x")
    for page in (alice, bob):
        await expect(answers(page)).to_have_attribute("data-status", "completed")
        await expect(page.locator("table.rows td").first).to_contain_text("<img src=x")
        assert await page.locator(".message img, .message script, .sessions img").count() == 0
        assert await page.evaluate("window.hacked") is None


async def test_an_administrators_notification_is_seen(alice: Page, guarded: Served) -> None:
    body = {"user_id": "alice", "title": "维护", "message": HOSTILE, "type": "warning"}
    address = f"{guarded.address}/api/v1/websocket/notify"
    async with guarded.http.post(address, json=body, headers=as_admin()) as told:
        assert told.status == 200
    notice = alice.locator(".notice[data-kind=warning]")
    await expect(notice).to_contain_text("<img src=x")
    await look(alice, "notified")
    await notice.get_by_role("button").click()


# --- lines and tokens ----------------------------------------------------------------------------------


async def test_what_is_said_while_the_line_is_cut_is_sent_when_it_is_back(frank: Page, proxy: Proxy) -> None:
    await enter(frank, "cut")
    await entered(frank, 1)
    proxy.refuse()
    proxy.reset()
    await expect(frank.locator(".state")).not_to_have_attribute("data-state", "connected")
    await say(frank, "SELECT 1 AS one")
    await expect(mine(frank)).to_have_attribute("data-status", "waiting")
    await look(frank, "cut")
    await proxy.welcome()
    await connected(frank)
    await expect(mine(frank)).to_have_attribute("data-status", "sent")
    await expect(answers(frank)).to_have_attribute("data-status", "completed")
    await expect(mine(frank)).to_have_count(1)


async def test_what_may_have_arrived_is_sent_again_only_when_asked(frank: Page, proxy: Proxy) -> None:
    await enter(frank, "unsure")
    await entered(frank, 1)
    proxy.stall()
    await say(frank, "SELECT 2 AS two")
    await expect(mine(frank)).to_have_attribute("data-status", "sending")
    proxy.reset()
    proxy.go_on()
    await expect(mine(frank)).to_have_attribute("data-status", "unsure")
    await connected(frank)
    await entered(frank, 1)
    await look(frank, "unsure")
    await expect(mine(frank)).to_have_attribute("data-status", "unsure")
    await frank.click("[data-action=again]")
    await expect(mine(frank)).to_have_attribute("data-status", "sent")
    await expect(answers(frank)).to_have_attribute("data-status", "completed")


async def test_an_answer_that_ended_while_the_line_was_cut_is_asked_for(
    frank: Page, proxy: Proxy, guarded: Served
) -> None:
    await enter(frank, "missed")
    await say(frank, ENDLESS)
    await expect(answers(frank).locator("progress")).to_have_js_property("value", 70)
    query_id = await answers(frank).get_attribute("data-id")
    proxy.refuse()
    proxy.reset()
    await expect(frank.locator(".state")).not_to_have_attribute("data-state", "connected")
    headers = {"Authorization": f"Bearer {token('frank')}"}
    address = f"{guarded.address}/text2sql/queries/{query_id}/cancel"
    async with guarded.http.post(address, headers=headers) as stopped:
        assert stopped.status == 200
    await proxy.welcome()
    await connected(frank)
    await expect(answers(frank)).to_have_attribute("data-status", "cancelled")


async def test_a_reload_brings_back_what_was_said(frank: Page) -> None:
    await enter(frank, "reloaded")
    await say(frank, "SELECT * FROM cities")
    await expect(answers(frank)).to_have_attribute("data-status", "completed")
    await frank.reload()
    await connected(frank)
    await expect(mine(frank)).to_have_count(1)
    await expect(answers(frank).locator("table.rows th").first).to_be_visible()
    await expect(frank.locator(".session[aria-current]")).to_contain_text("reloaded")


async def test_who_is_disconnected_by_an_administrator_stays_away_until_they_want_back(
    frank: Page, guarded: Served
) -> None:
    await enter(frank, "dismissed")
    await entered(frank, 1)
    address = f"{guarded.address}/api/v1/websocket/users/disconnect"
    async with guarded.http.post(address, json={"user_id": "frank"}, headers=as_admin()) as told:
        assert told.status == 200
    await expect(frank.locator(".state")).to_have_attribute("data-state", "refused")
    await expect(frank.locator(".banner")).to_be_visible()
    await look(frank, "dismissed")
    await frank.locator(".banner button").click()
    await connected(frank)
    await entered(frank, 1)


async def test_it_asks_for_a_token_and_for_another_before_it_expires(
    browser: Browser, guarded: Served
) -> None:
    """The page's clock is put forward, the server's isn't."""
    context = await browser.new_context(**USUAL)
    context.set_default_timeout(20_000)
    page = await context.new_page()
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    await page.clock.install()
    await page.goto(f"{guarded.address}/chat#tokens")
    await sign_in(page, token("dora", seconds=130))
    await connected(page)
    await expect(page.locator(".me")).to_have_text("你是 dora")
    await page.clock.fast_forward(66_000)
    await expect(page.locator("#signin")).to_contain_text("即将过期")
    await sign_in(page, token("somebody else"))
    await expect(page.locator("#signin")).to_contain_text("没有接受")
    renewed = token("dora", seconds=3000)
    await sign_in(page, renewed)
    await page.wait_for_function("x => sessionStorage.getItem('text2sql.token') === x", arg=renewed)
    await expect(page.locator("#signin")).to_be_hidden()
    await say(page, "SELECT 1 AS one")
    await expect(answers(page)).to_have_attribute("data-status", "completed")
    assert len(opened) == 1
    assert "ey" not in opened[0]
    await context.close()


async def test_an_expired_token_loses_nothing(browser: Browser, guarded: Served) -> None:
    context = await browser.new_context(**USUAL)
    context.set_default_timeout(20_000)
    page = await context.new_page()
    await page.goto(f"{guarded.address}/chat#expired")
    await sign_in(page, token("erin", seconds=8))
    await connected(page)
    await page.fill("#message", "half a though")
    await expect(page.locator("#signin")).to_contain_text("登录已过期")
    await expect(page.locator(".state")).to_have_attribute("data-state", "expired")
    await look(page, "expired")
    await sign_in(page, token("erin"))
    await connected(page)
    await expect(page.locator("#message")).to_have_value("half a though")
    await entered(page, 1)
    await context.close()


# --- looks ------------------------------------------------------------------------------------------------


async def test_axe_finds_nothing_in_light_in_dark_and_on_a_phone(alice: Page, bob: Page) -> None:
    await together(alice, bob, "looks")
    await say(alice, "大家好，看看各城市的情况")
    await expect(answers(bob)).to_have_attribute("data-status", re.compile("completed|failed"))
    await say(bob, "SELECT * FROM cities")
    await expect(answers(bob).last).to_have_attribute("data-status", "completed")
    assert await vendor.complaints(bob) == []
    await look(bob, "light")
    await bob.click("#language")
    await expect(bob.locator("h1")).to_have_text("Chat")
    await expect(bob.locator("#leave")).to_have_text("Leave")
    await bob.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await vendor.complaints(bob) == []
    await look(bob, "dark-english")
    await bob.set_viewport_size({"width": 390, "height": 844})
    assert not await bob.evaluate(WIDE)
    assert await vendor.complaints(bob) == []
    await look(bob, "phone")
    await bob.click(".back")
    await expect(bob.locator(".session[data-id=looks]")).to_be_visible()
    await expect(bob.locator(".room")).to_be_hidden()
    assert not await bob.evaluate(WIDE)
    assert await vendor.complaints(bob) == []
    await look(bob, "phone-list")


async def test_every_label_has_both_languages_with_the_same_parameters(alice: Page) -> None:
    wrong = await alice.evaluate("""async () => {
        const words = await (await fetch("/static/chat/js/texts.js")).text();
        const pairs = [...words.matchAll(/"([\\w.]+)": \\[\\s*"(.*?)",\\s*"(.*?)",?\\s*\\]/g)];
        const named = (phrase) => [...phrase.matchAll(/\\{(\\w+)\\}/g)].map(([, name]) => name).sort().join();
        if (pairs.length < 60) return ["none read"];
        return pairs.filter(([, , zh, en]) => !zh || !en || named(zh) !== named(en)).map(([, key]) => key);
    }""")
    assert wrong == []


async def test_no_module_reads_words_as_markup() -> None:
    modules = list((Path(__file__).parents[2] / "static" / "chat").rglob("*.js"))
    assert len(modules) > 10
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    assert [module.name for module in modules if markup.search(module.read_text("utf-8"))] == []
