"""What was said before in the chat view, on the real server: after a reload, in another browser, in pages."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser import vendor
from tests.browser.lab import run, shop_server
from tests.browser.test_chat_view import (
    JWT,
    WIDE,
    Visit,
    answers,
    connected,
    enter,
    entered,
    look,
    mine,
    proxy,
    say,
    together,
    visit,
)
from tests.support.chatting import chatting
from tests.support.model_server import Answer, ModelServer
from tests.support.proxy import Proxy
from tests.support.serving import Served
from tests.support.tokens import token

__all__ = ["proxy", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SLOWLY = "慢慢说"
FORGETTING = "addEventListener('pagehide', () => localStorage.clear())"
SAID = re.compile(r"/api/conversations/\w+\?")


class Slow:
    """A model that stops in the middle of what it is asked to say slowly, until it may go on."""

    def __init__(self) -> None:
        self.rest()

    def rest(self) -> None:
        self.may_go_on = asyncio.Event()
        self.began = False

    def answer(self, body: dict[str, Any]) -> Answer:
        if SLOWLY not in str(body["messages"]):
            return "```sql\nSELECT name FROM cities\n```"
        self.began, explains = True, self.began
        return "三个城市" if explains else ["```sql\nSELECT name, ", self.may_go_on, "id FROM cities\n```"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slow() -> Slow:
    return Slow()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory, slow: Slow) -> AsyncIterator[Served]:
    async with ModelServer(slow.answer) as model:
        provider = {"base_url": model.base_url, "model": "m", "max_retries": 0}
        folder = tmp_path_factory.mktemp("history")
        async with shop_server(folder, auth=JWT, llm={"providers": {"main": provider}}) as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def alice(visit: Visit) -> Page:
    return await visit("alice")


async def asked(server: Served, user: str, session: str, *contents: str) -> None:
    """Said and answered, by no browser."""
    async with chatting(server, session, token=token(user)) as client:
        for content in contents:
            await client.answered(await client.say(content))


def said(page: Page) -> Any:
    return page.locator(".message:not([data-role=assistant]) .bubble")


async def choose(page: Page, session: str) -> None:
    await page.click(f".session[data-id='{session}']")
    await expect(page.locator(".room-name h2")).to_have_text(session)


async def deleted(server: Served, user: str, session: str) -> None:
    address, headers = f"{server.address}/api/conversations", {"Authorization": f"Bearer {token(user)}"}
    wanted = {"space": "chat", "conversation_id": session}
    async with server.http.get(address, params=wanted, headers=headers) as found:
        (one,) = (await found.json())["conversations"]
    async with server.http.delete(f"{address}/{one['id']}", headers=headers) as gone:
        assert gone.status == 200


async def test_another_browser_lists_ones_sessions_and_shows_what_was_said(
    visit: Visit, guarded: Served
) -> None:
    await asked(guarded, "gina", "earlier-one", "有哪些城市", "DROP TABLE cities")
    await asked(guarded, "gina", "earlier-two", "SELECT 2 AS two")
    page = await visit("gina")
    listed = page.locator(".session")
    await expect(listed).to_have_count(2)
    await expect(listed.first).to_contain_text("SELECT 2 AS two")
    await look(page, "history-list")
    assert await vendor.complaints(page) == []
    async with chatting(guarded, "earlier-one", token=token("gina")) as present:
        await choose(page, "earlier-one")
        assert (await present.until("session_joined"))["members"] == ["gina"]
    await expect(mine(page).locator(".bubble")).to_have_text(["有哪些城市", "DROP TABLE cities"])
    await expect(answers(page).nth(0).locator("table.rows tbody tr")).to_have_count(3)
    await expect(answers(page).nth(1)).to_have_attribute("data-status", "failed")
    await expect(answers(page).nth(1).locator(".outcome")).not_to_be_empty()
    assert await page.locator(".message").evaluate_all("all => all.map((one) => one.dataset.role)") == [
        "mine", "assistant", "mine", "assistant",
    ]  # fmt: skip


async def test_whom_a_session_was_shared_with_sees_what_was_said_before(
    alice: Page, visit: Visit, guarded: Served
) -> None:
    await asked(guarded, "alice", "shared-late", "有哪些城市")
    bob = await visit("bob")
    await together(alice, bob, "shared-late")
    await expect(bob.locator(".message[data-role=other] .bubble")).to_have_text("有哪些城市")
    await expect(answers(bob).locator("table.rows tbody tr")).to_have_count(3)
    await expect(bob.locator("#share")).to_be_hidden()
    await bob.evaluate("localStorage.clear()")
    await bob.reload()
    await connected(bob)
    await expect(answers(bob)).to_have_count(1)
    await expect(bob.locator("#share")).to_be_hidden()


async def test_a_reload_shows_what_was_said_also_where_the_browser_kept_nothing(
    alice: Page, guarded: Served
) -> None:
    await enter(alice, "forgotten")
    await say(alice, "有哪些城市")
    await expect(answers(alice)).to_have_attribute("data-status", "completed")
    await alice.evaluate(FORGETTING)
    await alice.reload()
    await connected(alice)
    await expect(mine(alice).locator(".bubble")).to_have_text(["有哪些城市"])
    await expect(mine(alice).locator(".status")).to_have_text("已发送")
    await expect(answers(alice)).to_have_count(1)
    await expect(answers(alice).locator("table.rows tbody tr")).to_have_count(3)


@pytest.mark.parametrize("session", ["streaming", "streaming-and-forgotten"])
async def test_an_answer_that_streams_during_a_reload_ends_up_whole_and_once(
    alice: Page, slow: Slow, session: str
) -> None:
    slow.rest()
    await enter(alice, session)
    await say(alice, SLOWLY)
    await expect(answers(alice).locator("pre.sql")).to_contain_text("SELECT name,")
    if session.endswith("forgotten"):
        await alice.evaluate(FORGETTING)
    await alice.reload()
    await connected(alice)
    await entered(alice, 1)
    await expect(mine(alice)).to_have_count(1)
    slow.may_go_on.set()
    await expect(answers(alice)).to_have_attribute("data-status", "completed")
    await expect(answers(alice)).to_have_count(1)
    await expect(answers(alice).locator("pre.sql")).to_have_text(re.compile(r"SELECT\s+name,\s+id"))
    await expect(answers(alice).locator("table.rows tbody tr")).to_have_count(3)
    await expect(mine(alice)).to_have_count(1)


async def test_who_came_back_in_mid_answer_sees_anothers_answer_whole_and_once(
    alice: Page, visit: Visit, slow: Slow
) -> None:
    slow.rest()
    bob = await visit("bob")
    await together(alice, bob, "streaming-together")
    await say(alice, SLOWLY)
    await expect(answers(bob).locator("pre.sql")).to_contain_text("SELECT name,")
    await bob.reload()
    await connected(bob)
    await entered(bob, 2)
    slow.may_go_on.set()
    await expect(answers(bob)).to_have_attribute("data-status", "completed")
    await expect(answers(bob).locator("table.rows tbody tr")).to_have_count(3)
    await expect(said(bob)).to_have_text([SLOWLY])


async def test_what_is_said_while_the_history_is_read_is_there_once_and_in_order(
    alice: Page, guarded: Served
) -> None:
    """Once before the server looks, so that the page has it too; once after, so that it is only heard."""
    await asked(guarded, "alice", "race", "SELECT 1 AS first")
    reading, may_read = asyncio.Event(), asyncio.Event()
    read, may_arrive = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        reading.set()
        await may_read.wait()
        response = await route.fetch()
        read.set()
        await may_arrive.wait()
        await route.fulfill(response=response)

    await alice.route(SAID, hold)
    await enter(alice, "race")
    async with chatting(guarded, "race", token=token("alice")) as other:
        await reading.wait()
        await other.answered(await other.say("SELECT 2 AS second"))
        await expect(answers(alice)).to_have_count(1)
        may_read.set()
        await read.wait()
        await other.answered(await other.say("SELECT 3 AS third"))
        await expect(answers(alice)).to_have_count(2)
        await say(alice, "SELECT 4 AS fourth")
        await expect(answers(alice)).to_have_count(3)
        may_arrive.set()
    await expect(said(alice)).to_have_text([f"SELECT {n}" for n in
        ("1 AS first", "2 AS second", "3 AS third", "4 AS fourth")])  # fmt: skip
    await expect(answers(alice)).to_have_count(4)
    roles = await alice.locator(".message").evaluate_all("all => all.map((one) => one.dataset.role)")
    assert roles == ["mine", "assistant"] * 4
    await alice.unroute(SAID)


async def test_a_long_session_is_read_a_page_at_a_time(visit: Visit, guarded: Served) -> None:
    contents = [f"SELECT {n} AS n" for n in range(50)]
    await asked(guarded, "long", "pages", *contents)
    page = await visit("long")
    await choose(page, "pages")
    await expect(said(page)).to_have_text(contents[30:])
    earlier = page.locator(".earlier")
    await expect(earlier).to_have_text("更早的消息")
    assert await vendor.complaints(page) == []
    await earlier.click()
    await expect(said(page)).to_have_text(contents[10:])
    await say(page, "SELECT 50 AS n")
    await expect(answers(page).last).to_have_attribute("data-status", "completed")
    await earlier.click()
    await expect(said(page)).to_have_text([*contents, "SELECT 50 AS n"])
    await expect(answers(page)).to_have_count(51)
    await expect(earlier).to_be_hidden()


async def test_what_was_missed_while_the_line_was_cut_is_there_when_it_is_back(
    visit: Visit, guarded: Served, proxy: Proxy
) -> None:
    page = await visit("frank", f"http://127.0.0.1:{proxy.port}")
    await enter(page, "missed")
    await entered(page, 1)
    await say(page, "SELECT 1 AS n")
    await expect(answers(page)).to_have_attribute("data-status", "completed")
    proxy.refuse()
    proxy.reset()
    await expect(page.locator(".state")).not_to_have_attribute("data-state", "connected")
    await asked(guarded, "frank", "missed", "SELECT 2 AS n")
    await say(page, "SELECT 3 AS n")
    await proxy.welcome()
    await connected(page)
    await expect(said(page)).to_have_text([f"SELECT {n} AS n" for n in (1, 2, 3)])
    await expect(answers(page)).to_have_count(3)
    await page.context.close()


async def test_a_history_that_fails_is_asked_for_again_and_looks_well_everywhere(
    visit: Visit, guarded: Served
) -> None:
    await asked(guarded, "rose", "failing", *(f"SELECT {n} AS n" for n in range(25)))
    page = await visit("rose")
    await page.route(SAID, lambda route: route.abort())
    await choose(page, "failing")
    again = page.locator(".earlier")
    await expect(again).to_have_text("没能读取之前的消息，点此重试")
    assert await vendor.complaints(page) == []
    await page.unroute(SAID)
    await again.click()
    await expect(answers(page)).to_have_count(20)
    await page.click("#language")
    await expect(again).to_have_text("Earlier messages")
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.set_viewport_size({"width": 390, "height": 844})
    await again.scroll_into_view_if_needed()
    await look(page, "history-phone")
    assert not await page.evaluate(WIDE)
    assert await vendor.complaints(page) == []


async def test_a_session_that_is_deleted_goes_from_the_list(alice: Page, guarded: Served) -> None:
    await enter(alice, "doomed")
    await entered(alice, 1)
    await deleted(guarded, "alice", "doomed")
    await expect(alice.locator(".session[data-id=doomed]")).to_have_count(0)
    await expect(alice.locator(".notice").last).to_contain_text("doomed")
    await expect(alice.locator(".welcome")).to_be_visible()


# --- putting both together ----------------------------------------------------------------------------

MERGING = "/static/chat/js/merging.js"
TOLD = """const place = (id) => Number(id.slice(1));
const moment = (id) => new Date(1e6 * place(id)).toISOString();
const common = (id) => ({ id, content: id, position: place(id), created_at: moment(id), status: "complete" });
const told = (id) => ({ ...common(id), role: "user", user_id: "me", parent_id: null });
const ended = (id, question) => ({ ...told(id), role: "assistant", user_id: null, parent_id: question });
const ours = { kind: "said", userId: "me", status: "sent" };
const heard = (id, more = {}) => ({ ...ours, id, content: id, at: 1e6 * place(id), ...more });
const ids = (entries) => entries.map(({ id }) => id).join(" ");
const usual = (entries) => ({ hasMore: false, isWhole: false, me: "me", asked: m.asking(entries) });
const both = (entries, messages, more) => m.latest(entries, messages, { ...usual(entries), ...more });
const put = (...given) => ids(both(...given).entries);
const coming = { id: "a", kind: "answer", questionId: "m1", status: "processing" };
const meanwhile = (entry, changes, messages) => {
  const asked = m.asking([entry]);
  return put([Object.assign(entry, changes)], messages, { asked });
};
"""


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("put([], [told('m1'), told('m2')])", "m1 m2"),
        ("put([heard('m2')], [told('m1'), told('m2')])", "m1 m2"),
        # What the server doesn't know is gone, and our unsent words stay in their place.
        ("put([heard('m1'), heard('m2')], [told('m2')])", "m2"),
        ("put([heard('x2', { status: 'waiting' })], [told('m1'), told('m3')])", "m1 x2 m3"),
        # What was heard after the question is the end, whatever its time.
        ("put([heard('m0')], [told('m1')], { asked: new Map() })", "m1 m0"),
        # Our words that arrived while their acknowledgement didn't are one message.
        ("put([heard('x1', { status: 'sending', content: 'm1' })], [told('m1')])", "m1"),
        ("put([heard('x1', { status: 'unsure', content: 'm1' })], [told('m1'), told('m2')])", "m1 m2"),
        ("put([heard('x1', { status: 'unsure', content: 'm2' })], [told('m1')])", "m1 x1"),
        ("put([heard('x9', { status: 'sending', content: 'm1', at: 9e9 })], [told('m1')])", "m1 x9"),
        # An answer stands after its question, also one that still comes.
        ("put([], [told('m1'), told('m2'), ended('m3', 'm1')])", "m1 m3 m2"),
        ("put([coming], [told('m1'), told('m2')])", "m1 a m2"),
        # What ends or arrives between the question and its answer can't be in it.
        ("meanwhile(coming, { status: 'completed' }, [told('m1')])", "m1 a"),
        ("meanwhile(heard('x1', { status: 'sending' }), { status: 'sent' }, [told('m1')])", "m1 x1"),
        # What stands ahead of the page stays where nothing is missing between.
        ("put([heard('m1'), heard('m2')], [told('m2')], { isWhole: true, hasMore: true })", "m1 m2"),
        ("put([heard('m1'), heard('m2')], [told('m2')], { isWhole: false, hasMore: true })", "m2"),
        ("put([heard('m1')], [told('m3')], { isWhole: true, hasMore: true })", "m3"),
        ("ids(m.earlier([heard('m3')], [told('m1'), told('m2')]))", "m1 m2 m3"),
        ("ids(m.earlier([heard('m2')], [told('m1'), told('m2')]))", "m1 m2"),
    ],
)  # fmt: skip
async def test_a_page_and_what_is_known_make_one_history(alice: Page, case: str, expected: str) -> None:
    assert await run(alice, f"{TOLD} return {case};", module=MERGING) == expected
