"""The first document's class, hook and endpoint tests, against `text2sql`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.browser.lab import ENDLESS, run
from tests.support.mariadb import MariaDb
from tests.support.serving import Served, served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CLASS = "/ported/text2sql_class.js"


# --- the class ----------------------------------------------------------------------------------------


async def test_the_class_hears_everything_it_listens_for_in_order(page: Page, shop: Served) -> None:
    body = """
        const client = new m.OldClient(x);
        const heard = [];
        const queries = ["query_start", "query_progress"];
        for (const type of ["connection_ack", ...queries, "query_result", "query_complete"])
            client.on(type, (data, message) => heard.push([type, message.session_id === client.sessionId]));
        const done = new Promise((resolve) => client.on("query_complete", resolve));
        await client.connect();
        client.sendQuery("SELECT name FROM cities ORDER BY id", { type: "sqlite" }, {});
        const { results, query_id: id } = await done;
        const thanked = new Promise((resolve) => client.on("user_feedback", resolve));
        client.sendFeedback(id, { rating: 1, comment: "好" });
        client.attempts = client.most;
        const { status, message } = await thanked;
        client.disconnect();
        return [heard, results.data, status, message];
    """
    heard, rows, status, message = await run(page, body, shop.address.replace("http", "ws"), CLASS)
    kinds = [kind for kind, _ in heard]
    assert (kinds[0], kinds[1], kinds[-1]) == ("connection_ack", "query_start", "query_complete")
    assert {"query_progress", "query_result"} < set(kinds)
    assert all(is_ours for _, is_ours in heard)
    assert rows == [{"name": "上海"}, {"name": "北京"}, {"name": "广州"}]
    assert (status, message) == ("received", "感谢您的反馈")


async def test_the_class_cancels_by_the_id_that_it_was_told(page: Page, shop: Served) -> None:
    body = """
        const client = new m.OldClient(x[0]);
        client.on("query_progress", ({ query_id: id, progress }) => {
            if (progress.stage === "executing_sql") client.cancelQuery(id);
        });
        const cancelled = new Promise((resolve) => client.on("query_cancel", resolve));
        await client.connect();
        client.sendQuery(x[1], {});
        const { query_id: id, cancelled_at: at } = await cancelled;
        client.attempts = client.most;
        client.disconnect();
        return [typeof id, !Number.isNaN(Date.parse(at))];
    """
    assert await run(page, body, [shop.address.replace("http", "ws"), ENDLESS], CLASS) == ["string", True]


async def test_the_class_comes_back_to_its_session_and_hears_the_end_of_its_query(
    page: Page, shop: Served
) -> None:
    """It knows no sequence: what is new comes, and its query has gone on without it."""
    body = """
        const client = new m.OldClient(x[0]);
        client.delayMs = 50;
        const acks = [];
        client.on("connection_ack", ({ resumed }) => acks.push(resumed));
        const running = new Promise((resolve) => client.on("query_progress", ({ query_id: id, progress }) => {
            if (progress.stage === "executing_sql") resolve(id);
        }));
        await client.connect();
        client.sendQuery(x[1], {});
        const id = await running;
        const back = new Promise((resolve) => client.on("connection_ack", resolve));
        client.ws.close();
        await back;
        const cancelled = new Promise((resolve) => client.on("query_cancel", resolve));
        client.cancelQuery(id);
        const { query_id: ended } = await cancelled;
        client.attempts = client.most;
        client.disconnect();
        return [acks, ended === id];
    """
    outcome = await run(page, body, [shop.address.replace("http", "ws"), ENDLESS], CLASS)
    assert outcome == [[False, True], True]


# --- the hook -----------------------------------------------------------------------------------------

APP = """
    async (address) => {
        const { React, createRoot } = await import("/vendor/react.js");
        const { makeOldHook } = await import("/ported/text2sql_hook.js");
        const useOldClient = makeOldHook(React);
        const h = React.createElement;
        function App() {
            const { isConnected, results, progress, sendQuery } = useOldClient(address);
            if (progress) (window.stages ??= []).push(progress.progress.stage);
            const kinds = results.map((one) => ("is_last" in one ? "rows" : "complete"));
            return h("main", {},
                h("p", { id: "connected" }, String(isConnected)),
                h("p", { id: "progress" }, progress ? "running" : "none"),
                h("p", { id: "results" }, kinds.join(" ")),
                ...["SELECT name FROM cities", "SELECT nope FROM cities"].map((query) =>
                    h("button", { key: query, onClick: () => sendQuery(query, {}) }, query)));
        }
        const root = createRoot(document.body.appendChild(document.createElement("div")));
        root.render(h(App));
        window.leave = () => root.unmount();
    }
"""


async def test_the_hook_shows_connection_progress_and_results(page: Page, shop: Served) -> None:
    await page.evaluate(APP, shop.address.replace("http", "ws"))
    await expect(page.locator("#connected")).to_have_text("true")
    await page.get_by_role("button", name="SELECT name").click()
    await expect(page.locator("#results")).to_have_text("rows complete")
    await expect(page.locator("#progress")).to_have_text("none")
    assert await page.evaluate("stages.length") >= 1
    await page.get_by_role("button", name="SELECT nope").click()
    await page.evaluate("stages.length = 0")
    await expect(page.locator("#progress")).to_have_text("none")
    await expect(page.locator("#results")).to_have_text("rows complete")
    await page.evaluate("leave()")


# --- the endpoint tests -------------------------------------------------------------------------------


@asynccontextmanager
async def connected(server: Served) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with server.http.ws_connect(f"{server.address}/text2sql/websocket?session_id=test") as ws:
        yield ws


async def heard(ws: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    async with asyncio.timeout(20):
        message: dict[str, Any] = await ws.receive_json()
    return message


async def test_the_first_message_acknowledges_the_connection(shop: Served) -> None:
    async with connected(shop) as ws:
        assert (await heard(ws))["type"] == "connection_ack"


async def test_a_query_request_is_answered_with_its_start(mariadb: MariaDb, tmp_path: Path) -> None:
    """The document names a MySQL database by its type alone, and a table that may not be there."""
    source = {
        "type": "mysql",
        "host": mariadb.host,
        "port": mariadb.port,
        "user": mariadb.user,
        "password": mariadb.password,
        "database": mariadb.database,
    }
    async with served(tmp_path, {"datasources": {"shop": source}}) as server, connected(server) as ws:
        await heard(ws)
        data = {"query": "SELECT * FROM users", "database_config": {"type": "mysql"}}
        await ws.send_json({"type": "query_request", "data": data})
        assert (await heard(ws))["type"] == "query_start"


async def test_a_heartbeat_is_answered_alive(shop: Served) -> None:
    async with connected(shop) as ws:
        await heard(ws)
        await ws.send_json({"type": "heartbeat", "data": {}})
        answer = await heard(ws)
        assert (answer["type"], answer["data"]["status"]) == ("heartbeat", "alive")


async def test_an_empty_query_is_refused_in_words(shop: Served) -> None:
    async with connected(shop) as ws:
        await heard(ws)
        await ws.send_json({"type": "query_request", "data": {"query": "", "database_config": {}}})
        answer = await heard(ws)
        assert answer["type"] == "query_error"
        assert "不能为空" in answer["data"]["error"]
