"""The client library on a bad line: cut, stalled, reset and refused by a proxy before the real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.lab import ENDLESS, MANY, lab_page, run, shop_server
from tests.support.proxy import Proxy
from tests.support.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HEARTBEAT = {"interval": 0.8, "timeout": 2.5}
HASTE = "{ wait: (attempt) => 50 * attempt }"
"""How long this client waits before it comes back, so that nobody waits for the tests."""


@dataclass
class Line:
    """A page of the server, loaded through `proxy`, which is all that it sees of it."""

    server: Served
    proxy: Proxy
    page: Page

    async def begin(self, body: str, argument: Any = None) -> None:
        """Run this much; what it puts into `window` is there for `go_on`."""
        await run(self.page, body, argument)

    async def happens(self, condition: str) -> None:
        """Poll: the page's CSP forbids Playwright's own way of waiting for an expression."""
        async with asyncio.timeout(20):
            while not await self.page.evaluate(condition):
                await asyncio.sleep(0.02)

    async def connections(self) -> int:
        told = await self.server.get("/text2sql/connections")
        return int(told["total_connections"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("line")
    async with shop_server(folder, heartbeat=HEARTBEAT, limits={"resume_seconds": 20}) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxied(browser: Browser, server: Served) -> AsyncIterator[Line]:
    async with Proxy(int(server.address.rsplit(":", 1)[1])) as proxy:
        async with lab_page(browser, f"http://127.0.0.1:{proxy.port}") as page:
            yield Line(server, proxy, page)


@pytest_asyncio.fixture(loop_scope="session")
async def line(proxied: Line) -> AsyncIterator[Line]:
    """Each test begins and ends with a good line and nobody on it."""
    yield proxied
    proxied.proxy.go_on()
    await proxied.page.evaluate("() => { window.client?.close(); delete window.client; }")


ASK_MANY = f"""
    window.client = new m.Text2SQLClient("", {HASTE});
    window.states = [];
    client.on("state", ({{ state }}) => states.push(state));
    window.seen = {{ rows: [], sequences: [], ended: null, chunks: 0 }};
    client.on("message", (_, {{ sequence }}) => sequence && seen.sequences.push(sequence));
    window.query = client.ask(x, {{ options: {{ chunk_rows: 200, explain: false }} }});
    (async () => {{
        for await (const {{ type, data }} of query)
            if (type === "query_result") seen.rows.push(...data.rows.map(([n]) => n)), (seen.chunks += 1);
    }})().then(() => (seen.ended = "completed"), (error) => (seen.ended = error.code));
"""


@pytest.mark.parametrize("how", ["reset", "cut"])
async def test_rows_come_once_each_over_however_many_connections(line: Line, how: str) -> None:
    """Broken again and again in mid-result, each time where some rows have come and some have not."""
    line.proxy.slow(400_000, "down")
    await line.begin(ASK_MANY, MANY)
    for chunks in (3, 12, 30):
        await line.happens(f"seen.chunks >= {chunks}")
        getattr(line.proxy, how)()
        await line.happens("client.state !== 'connected'")
        await line.happens("client.isConnected")
    line.proxy.go_on()
    await line.happens("seen.ended")
    seen = await line.page.evaluate("({ ...seen, states })")
    assert seen["ended"] == "completed"
    assert seen["rows"] == sorted(set(seen["rows"]))
    assert len(seen["rows"]) == 20_000
    assert seen["sequences"] == list(range(1, len(seen["sequences"]) + 1))
    assert seen["states"].count("connected") == 4


async def test_a_line_that_falls_silent_is_given_up_and_found_again(line: Line) -> None:
    """As when a cable is pulled: no close, no reset; only the heartbeats stay away."""
    await line.begin(ASK_MANY, ENDLESS)
    await line.happens("query.snapshot().status === 'running'")
    before = line.proxy.accepted
    line.proxy.stall("both")
    await line.happens("client.state === 'reconnecting'")
    line.proxy.reset()
    line.proxy.go_on()
    await line.happens("client.isConnected")
    assert line.proxy.accepted > before
    assert await line.page.evaluate("query.snapshot().status") == "running"


async def test_heartbeats_are_answered_or_the_server_would_close(line: Line) -> None:
    """Connected for longer than the server's patience with a client that says nothing."""
    await line.begin(f'window.client = new m.Text2SQLClient("", {HASTE}); window.beats = 0;')
    await line.begin("client.on('heartbeat', ({ status }) => status && (beats += 1)); await client.connect()")
    await line.begin("window.lost = false; client.on('state', () => (lost = true))")
    await line.happens("beats >= 4")
    assert await line.page.evaluate("[lost, client.state]") == [False, "connected"]


@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_question_on_its_way_when_the_line_breaks_is_asked_once(line: Line, way: str) -> None:
    """Whether it never arrived (up), or only its start never came back (down)."""
    await line.begin(f'window.client = new m.Text2SQLClient("", {HASTE}); await client.connect()')
    line.proxy.stall("up" if way == "up" else "down")
    await line.begin("window.query = client.ask(x)", ENDLESS)
    async with asyncio.timeout(15):
        while way == "down" and not await line.server.get("/text2sql/queries"):
            await asyncio.sleep(0.05)
    line.proxy.reset()
    line.proxy.go_on()
    await line.happens("query.id !== null")
    assert len(await line.server.get("/text2sql/queries")) == 1
    await line.begin("query.cancel(); await query.answer.catch(() => {})")


async def test_an_answer_that_came_while_the_line_was_down_is_read(line: Line) -> None:
    await line.begin(f'window.client = new m.Text2SQLClient("", {HASTE}); await client.connect()')
    line.proxy.stall("down")
    await line.begin("window.query = client.ask('SELECT 42 AS n', { options: { explain: false } })")
    async with asyncio.timeout(15):
        while not await _has_ended(line):
            await asyncio.sleep(0.05)
    line.proxy.reset()
    line.proxy.go_on()
    assert await line.page.evaluate("query.answer.then(({ rows }) => rows)") == [[42]]


async def _has_ended(line: Line) -> bool:
    """Whether the server took the question and is done with it."""
    metrics = await line.server.get("/text2sql/connections")
    assert metrics["total_connections"] >= 1
    return not await line.server.get("/text2sql/queries")


async def test_what_is_asked_while_the_line_is_down_is_asked_when_it_is_up(line: Line) -> None:
    await line.begin(f'window.client = new m.Text2SQLClient("", {HASTE}); await client.connect()')
    line.proxy.refuse()
    line.proxy.reset()
    await line.happens("client.state === 'reconnecting'")
    await line.begin("window.query = client.ask('SELECT 7 AS n', { options: { explain: false } })")
    assert await line.page.evaluate("query.snapshot().status") == "waiting"
    await line.proxy.welcome()
    assert await line.page.evaluate("query.answer.then(({ rows }) => rows)") == [[7]]


async def test_who_tries_in_vain_gives_up_and_says_so(line: Line) -> None:
    await line.begin(ASK_MANY.replace(HASTE, "{ attempts: 3, wait: () => 20 }"), ENDLESS)
    await line.happens("query.snapshot().status === 'running'")
    line.proxy.refuse()
    line.proxy.reset()
    try:
        await line.happens("seen.ended")
        body = """
            const error = await query.answer.catch((one) => one);
            const failure = await client.connect().catch((one) => one);
            return [seen.ended, error instanceof m.QueryLost, error.reason, query.snapshot().status,
                failure instanceof m.ConnectionFailed, client.state];
        """
        ended = await run(line.page, body)
    finally:
        await line.proxy.welcome()
    assert ended == ["LOST", True, "disconnected", "lost", True, "closed"]
    await line.begin("await client.connect()")


async def test_who_is_told_not_to_come_back_stays_away(line: Line) -> None:
    """The same session connected elsewhere: 4509."""
    body = f"""
        window.client = new m.Text2SQLClient("", {HASTE});
        const query = client.ask(x);
        await new Promise((resolve) => query.on("change", resolve));
        const other = new m.Text2SQLClient("", {{ session: {{ id: client.session.id }} }});
        const closed = new Promise((resolve) =>
            client.on("state", (told) => told.state === "closed" && resolve(told)));
        await other.connect();
        const {{ error, code }} = await closed;
        const lost = await query.answer.catch((one) => one);
        other.cancelQuery(query.id);
        other.close();
        return [error.closeCode, code, error.message, lost.reason, lost.cause === error];
    """
    told = await run(line.page, body, ENDLESS)
    assert told == [4509, 4509, "New connection established", "refused", True]


async def test_a_page_goes_on_with_the_session_it_had_before_a_reload(line: Line) -> None:
    """Its id and last sequence are all that a new client needs; it follows the query by its name."""
    await line.begin(ASK_MANY, ENDLESS)
    await line.happens("query.snapshot().sql")
    body = """
        const kept = JSON.stringify([client.session, query.id]);
        client.disconnect();
        const [session, id] = JSON.parse(kept);
        window.client = new m.Text2SQLClient("", { session });
        const query2 = client.follow(id, x);
        const { resumed, queries } = await client.connect();
        query2.cancel();
        const error = await query2.answer.catch((one) => one);
        return [resumed, queries.map((one) => one.query_id === id), error.code];
    """
    assert await run(line.page, body, ENDLESS) == [True, [True], "CANCELLED"]


async def test_a_session_that_has_run_out_loses_its_query_with_the_reason(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("short")
    async with shop_server(folder, limits={"resume_seconds": 0.2}) as server:
        async with lab_page(browser, server.address) as page:
            body = """
                const client = new m.Text2SQLClient();
                const query = client.ask(x);
                await new Promise((resolve) => query.on("change", resolve));
                client.disconnect();
                await new Promise((resolve) => setTimeout(resolve, 1500));
                const { resumed, reason } = await client.connect();
                const error = await query.answer.catch((one) => one);
                const { rows } = await client.ask("SELECT 1 AS n").answer;
                client.close();
                return [resumed, reason, error.code, error.reason, rows];
            """
            told = await run(page, body, ENDLESS)
    assert told == [False, "expired", "LOST", "expired", [[1]]]


async def test_a_closed_client_leaves_nothing_behind(line: Line) -> None:
    """No timer, no listener on the window, no connection: a page may make and drop clients as it likes."""
    body = """
        const added = new Set();
        const { addEventListener: add } = window;
        window.addEventListener = (type, listener, options) => {
            added.add(options.signal);
            add.call(window, type, listener, options);
        };
        for (let round = 0; round < 3; round += 1) {
            const client = new m.Text2SQLClient();
            await client.connect();
            client.close();
        }
        window.addEventListener = add;
        return [...added].map(({ aborted }) => aborted);
    """
    assert await run(line.page, body) == [True, True, True]
    async with asyncio.timeout(10):
        while await line.connections():
            await asyncio.sleep(0.05)
