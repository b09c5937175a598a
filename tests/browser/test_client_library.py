"""The client library and the real server: asking in each of its ways, cancelling, retrying, tokens."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.lab import ENDLESS, MANY, lab_page, run, shop_server, visit
from tests.support.serving import Served
from tests.support.tokens import SECRET, token
from text2sql_ws.tokens.failures import FREE_FAILURES

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "SELECT name FROM cities ORDER BY id"
JWT = {"mode": "jwt", "secret": SECRET}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with shop_server(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab(browser: Browser, shop: Served) -> AsyncIterator[Page]:
    async with lab_page(browser, shop.address) as page:
        yield page


async def nothing_runs(server: Served) -> None:
    """Wait until no query runs any more."""
    async with asyncio.timeout(15):
        while await server.get("/text2sql/queries"):
            await asyncio.sleep(0.05)


# --- asking -----------------------------------------------------------------------------------------


async def test_an_answer_is_read_message_by_message_and_as_a_whole(lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const query = client.ask(x, { datasource: "shop" });
        const types = [];
        for await (const { type } of query) types.push(type);
        const { sql, rows, results } = await query.answer;
        client.close();
        return { types: [...new Set(types)], sql, rows, count: results.row_count, state: client.state };
    """
    read = await run(lab, body, "SELECT name FROM cities WHERE id < 3 ORDER BY id")
    assert read["types"][0] == "query_start"
    assert read["types"][-1] == "query_complete"
    assert {"query_progress", "query_sql", "query_result"} < set(read["types"])
    assert read["sql"].startswith("SELECT name")
    assert (read["rows"], read["count"], read["state"]) == ([["上海"], ["北京"]], 2, "idle")


async def test_tokens_arrive_as_the_model_writes_them(lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient("", { locale: "en" });
        let written = "";
        const query = client.ask(x, { onToken: ({ kind, delta }) => kind === "sql" && (written += delta) });
        const { sql } = await query.answer;
        client.close();
        return { written, sql, attempt: query.snapshot().attempts[0] };
    """
    told = await run(lab, body, "How many orders are there?")
    assert "SELECT" in told["written"]
    assert told["attempt"] == {"number": 1, "written": told["written"], "sql": told["sql"], "error": None}


async def test_callbacks_hear_each_kind_in_turn(lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const heard = [];
        const names = ["onStart", "onProgress", "onSql", "onRows", "onComplete", "onError", "onCancel"];
        const callbacks = Object.fromEntries(names.map((name) => [name, () => heard.push(name)]));
        await client.ask(x, callbacks).answer;
        client.close();
        return [...new Set(heard)];
    """
    assert await run(lab, body, QUESTION) == ["onStart", "onProgress", "onSql", "onRows", "onComplete"]


async def test_it_takes_the_place_of_the_class_of_old(lab: Page) -> None:
    """Its names and its handlers: `on(type, (data, message) => …)`, `off`, `sendQuery`, `sendFeedback`."""
    body = """
        const client = new m.Text2SQLWebSocketClient(`ws://${location.host}`, "no-token-is-needed");
        const heard = [];
        const unwanted = () => heard.push("unwanted");
        client.on("query_start", unwanted);
        client.off("query_start", unwanted);
        const ended = new Promise((resolve) => client.on("query_complete", (data, message) => {
            heard.push(message.type, message.session_id === client.session.id);
            resolve(data.query_id);
        }));
        await client.connect();
        client.sendQuery(x, { type: "sqlite" }, { explain: false });
        const thanks = await client.sendFeedback(await ended, { rating: 1 });
        client.disconnect();
        return [heard, thanks.status];
    """
    assert await run(lab, body, QUESTION) == [["query_complete", True], "received"]


async def test_questions_are_told_apart_however_fast_they_are_asked(lab: Page) -> None:
    """Six at once, of which the server runs three a session: who is refused is who was refused."""
    body = """
        const client = new m.Text2SQLClient();
        const ask = (n) => client.ask(`SELECT ${n} AS n`, { options: { explain: false } }).answer;
        const numbers = [1, 2, 3, 4, 5, 6];
        const answers = await Promise.allSettled(numbers.map(ask));
        client.close();
        return answers.map(({ value, reason }) => value?.rows[0][0] ?? reason.code);
    """
    answers = await run(lab, body)
    assert len(answers) == 6
    assert all(found in (number, "RESOURCE_LIMIT_EXCEEDED") for number, found in enumerate(answers, start=1))
    assert answers.count("RESOURCE_LIMIT_EXCEEDED") <= 3


async def test_a_listener_that_fails_keeps_nobody_else_waiting(lab: Page) -> None:
    body = """
        const reported = new Promise((resolve) =>
            addEventListener("error", (event) => (event.preventDefault(), resolve(event.error.message))));
        const client = new m.Text2SQLClient();
        client.on("query_start", () => { throw new Error("mine"); });
        const answer = await client.ask(x).answer;
        client.close();
        return [await reported, answer.rows.length];
    """
    assert await run(lab, body, QUESTION) == ["mine", 3]


async def test_what_may_be_asked_about_is_told(lab: Page) -> None:
    body = "return (await new m.Text2SQLClient().datasources()).map(({ name }) => name)"
    assert await run(lab, body) == ["shop"]


# --- what goes wrong --------------------------------------------------------------------------------


async def test_a_failure_is_thrown_with_the_servers_words_and_can_be_retried(
    lab: Page,
) -> None:
    body = """
        const client = new m.Text2SQLClient("", { locale: "en" });
        const query = client.ask(x);
        const types = [];
        const read = async () => { for await (const { type } of query) types.push(type); };
        const thrown = await read().catch((error) => error);
        const again = query.retry();
        const started = await new Promise((resolve) => again.on("change", ({ data }) => resolve(data)));
        const second = await again.answer.catch((error) => error);
        client.close();
        return {
            types, isTyped: thrown instanceof m.QueryError && thrown instanceof m.Text2SQLError,
            code: thrown.code, stage: thrown.stage, words: thrown.message, hasTitle: thrown.title !== "",
            retryOf: started.retry_of, id: query.id, second: second.code, status: again.snapshot().status,
        };
    """
    told = await run(lab, body, "SELECT no_such_column FROM orders")
    assert "query_sql" in told["types"]
    assert told["isTyped"]
    assert told["code"] == told["second"] == "SQL_EXECUTION_FAILED"
    assert told["stage"] == "executing_sql"
    assert "no_such_column" in told["words"]
    assert told["hasTitle"]
    assert told["retryOf"] == told["id"]
    assert told["status"] == "failed"


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ("client.ask('')", "INVALID_QUESTION"),
        ("client.ask('DROP TABLE orders')", "SQL_NOT_READ_ONLY"),
        ("client.ask('?', { datasource: 'nope' })", "DATASOURCE_NOT_FOUND"),
        ("client.retry('nope')", "QUERY_NOT_FOUND"),
        ("{ answer: client.feedback('nope', { rating: 7 }) }", "INVALID_MESSAGE"),
    ],
)
async def test_what_the_server_refuses_is_refused_to_who_asked(lab: Page, ask: str, code: str) -> None:
    """And what was asked right behind it is answered."""
    body = f"""
        const client = new m.Text2SQLClient();
        const {{ answer }} = {ask};
        const next = client.ask(x);
        const error = await answer.catch((one) => one);
        const rows = (await next.answer).rows.length;
        client.close();
        return [error.code, error instanceof m.Text2SQLError, rows];
    """
    assert await run(lab, body, QUESTION) == [code, True, 3]


async def test_too_many_messages_are_refused_with_the_wait(page: Page, tmp_path: Path) -> None:
    async with shop_server(tmp_path, limits={"messages_per_minute": 2}) as server:
        await visit(page, server.address)
        body = """
            const client = new m.Text2SQLClient();
            const refused = new Promise((resolve) => client.on("refused", resolve));
            const asked = [1, 2, 3].map((n) => client.ask(`SELECT ${n}`).answer);
            const error = await asked[2].catch((one) => one);
            client.close();
            return [error.code, error.retryAfterSeconds, (await refused).code];
        """
        code, wait, told = await run(page, body)
    assert code == told == "RATE_LIMITED"
    assert 1 <= wait <= 60


# --- stopping ---------------------------------------------------------------------------------------

RUNNING = """
    const client = new m.Text2SQLClient();
    const query = client.ask(x, options);
    const running = new Promise((resolve) => query.on("change", (message) =>
        message?.data.progress?.stage === "executing_sql" && resolve()));
"""


@pytest.mark.parametrize(
    ("options", "stop"),
    [
        ("{}", "query.cancel()"),
        ("{}", "client.cancelQuery(query.id)"),
        ("{ signal: aborting.signal }", "aborting.abort()"),
    ],
)
async def test_a_running_query_is_stopped(lab: Page, shop: Served, options: str, stop: str) -> None:
    body = f"""
        const aborting = new AbortController();
        const options = {options};
        {RUNNING}
        await running;
        {stop};
        const error = await query.answer.catch((one) => one);
        const status = query.snapshot().status;
        client.disconnect();
        return [error instanceof m.QueryCancelled, error.queryId === query.id, status];
    """
    assert await run(lab, body, ENDLESS) == [True, True, "cancelled"]
    await nothing_runs(shop)


async def test_who_leaves_the_loop_stops_the_query(lab: Page, shop: Served) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const query = client.ask(x);
        for await (const { data } of query) if (data.progress?.stage === "executing_sql") break;
        const error = await query.answer.catch((one) => one);
        client.disconnect();
        return error.code;
    """
    assert await run(lab, body, ENDLESS) == "CANCELLED"
    await nothing_runs(shop)


async def test_a_question_is_taken_back_before_it_has_a_name(lab: Page, shop: Served) -> None:
    """Not sent yet, or sent and not started yet."""
    body = """
        const client = new m.Text2SQLClient();
        const unsent = client.ask(x);
        unsent.cancel();
        await client.connect();
        const sent = client.ask(x);
        sent.cancel();
        const errors = await Promise.all([unsent, sent].map(({ answer }) => answer.catch((one) => one.code)));
        client.disconnect();
        return [errors, unsent.id, sent.id !== null];
    """
    assert await run(lab, body, ENDLESS) == [["CANCELLED", "CANCELLED"], None, True]
    await nothing_runs(shop)


async def test_a_cancel_that_comes_too_late_harms_nothing(lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const first = client.ask(x);
        await first.answer;
        client.cancel(first);
        client.cancelQuery(first.id);
        const second = await client.ask(x).answer;
        client.disconnect();
        return second.rows.length;
    """
    assert await run(lab, body, QUESTION) == 3


async def test_closing_stops_everything(lab: Page, shop: Served) -> None:
    body = f"""
        const options = {{}};
        {RUNNING}
        await running;
        client.close();
        return [await query.answer.catch((one) => one.code), client.state, client.queries.length];
    """
    assert await run(lab, body, ENDLESS) == ["CANCELLED", "idle", 0]
    await nothing_runs(shop)


# --- memory -----------------------------------------------------------------------------------------


async def test_only_the_rows_that_were_asked_for_are_kept(lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const query = client.ask(x, { keepRows: 500, options: { explain: false } });
        let seen = 0;
        for await (const { type, data } of query) if (type === "query_result") seen += data.rows.length;
        client.close();
        return [seen, query.snapshot().rowCount, (await query.answer).rows.length];
    """
    assert await run(lab, body, MANY) == [20_000, 20_000, 500]


async def test_a_reader_who_lags_behind_the_bound_is_told_and_the_query_stopped(
    lab: Page,
) -> None:
    body = """
        const client = new m.Text2SQLClient();
        const query = client.ask(x, { maxBuffered: 20_000 });
        const read = async () => {
            for await (const { type } of query)
                if (type === "query_result") await query.answer.catch(() => {});
        };
        const thrown = await read().catch((error) => error);
        const answered = await query.answer.catch((error) => error);
        client.close();
        return [thrown.code, thrown instanceof m.TooMuch, answered.code];
    """
    assert await run(lab, body, MANY) == ["TOO_MUCH", True, "CANCELLED"]


# --- tokens -----------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with shop_server(tmp_path_factory.mktemp("guarded"), auth=JWT) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def issuer() -> list[float | str]:
    """What `window.token()` gives next: a token of alice that lives so many seconds, or a text."""
    return []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded_lab(browser: Browser, guarded: Served, issuer: list[float | str]) -> AsyncIterator[Page]:
    def issue() -> str:
        given = issuer.pop(0)
        return given if isinstance(given, str) else token("alice", seconds=given)

    async with lab_page(browser, guarded.address) as page:
        await page.expose_function("token", issue)
        yield page


async def test_the_token_is_fetched_before_each_connection(
    guarded_lab: Page, issuer: list[float | str]
) -> None:
    issuer[:] = [300, 300]
    body = """
        const reasons = [];
        const getToken = ({ reason }) => (reasons.push(reason), window.token());
        const client = new m.Text2SQLClient("", { getToken });
        const users = new Set();
        client.on("message", (_, { user_id: id }) => users.add(id));
        await client.ask(x).answer;
        const names = (await client.datasources()).map(({ name }) => name);
        client.disconnect();
        await client.connect();
        client.close();
        return [reasons, [...users], names];
    """
    assert await run(guarded_lab, body, QUESTION) == [["connect", "connect"], ["alice"], ["shop"]]


async def test_a_token_is_renewed_before_it_expires_and_the_query_runs_on(
    guarded_lab: Page, issuer: list[float | str]
) -> None:
    """The query is still there when the first token is over, and on the same connection."""
    issuer[:] = [4, 300]
    body = """
        const reasons = [];
        const getToken = ({ reason }) => (reasons.push(reason), window.token());
        const client = new m.Text2SQLClient("", { getToken });
        const states = [];
        client.on("state", ({ state }) => states.push(state));
        const over = client.connect().then(() => Date.now() + 4500);
        const query = client.ask(x);
        await new Promise((resolve) => client.on("token_refreshed", resolve));
        const wait = (await over) - Date.now();
        await new Promise((resolve) => setTimeout(resolve, wait));
        const { status } = query.snapshot();
        client.close();
        return [reasons, states, status];
    """
    reasons, states, status = await run(guarded_lab, body, ENDLESS)
    assert reasons == ["connect", "renew"]
    assert states == ["connecting", "connected", "idle"]
    assert status == "running"


async def test_a_token_that_expired_in_use_brings_a_new_connection(
    guarded_lab: Page, issuer: list[float | str]
) -> None:
    """Renewing fails here until the server says 4401; the session and its query live through it."""
    issuer[:] = [3, 300]
    body = """
        const reasons = [];
        const getToken = async ({ reason }) => {
            reasons.push(reason);
            if (reason === "renew") throw new Error("no token to be had");
            return await window.token();
        };
        const client = new m.Text2SQLClient("", { getToken, wait: () => 0 });
        const query = client.ask(x);
        const codes = [];
        await new Promise((resolve) => client.on("state", ({ state, code }) => {
            if (code) codes.push(code);
            if (state === "connected" && codes.length) resolve();
        }));
        const { status } = query.snapshot();
        client.close();
        return [reasons.filter((reason) => reason !== "renew"), codes, status];
    """
    assert await run(guarded_lab, body, ENDLESS) == [["connect", "expired"], [4401], "running"]


async def test_a_token_renewed_by_hand_says_until_when(guarded_lab: Page) -> None:
    body = """
        const client = new m.Text2SQLClient("", x[0]);
        await client.connect();
        const until = await client.renewToken(x[1]);
        const stranger = await client.renewToken(x[2]).catch((error) => error.code);
        const { state } = client;
        client.close();
        return [until.getTime() - Date.now(), stranger, state];
    """
    given = [token("alice"), token("alice", seconds=5000), token("mallory")]
    left, stranger, state = await run(guarded_lab, body, given)
    assert 4_000_000 < left < 5_100_000
    assert (stranger, state) == ("AUTHENTICATION_FAILED", "connected")


@pytest.mark.parametrize("given", ['"nonsense"', "{}", "{ getToken: () => 'nonsense' }"])
async def test_who_has_no_good_token_is_told_so(browser: Browser, tmp_path: Path, given: str) -> None:
    """A refused upgrade says nothing to a browser; this client finds out why, and gives up at once."""
    body = f"""
        const client = new m.Text2SQLClient("", {given});
        const query = client.ask(x);
        const error = await client.connect().catch((one) => one);
        const told = await query.answer.catch((one) => one);
        return [error instanceof m.AuthenticationFailed, error.code, told === error, client.state];
    """
    async with shop_server(tmp_path, auth=JWT) as server, lab_page(browser, server.address) as page:
        outcome = await run(page, body, QUESTION)
    assert outcome == [True, "AUTHENTICATION_FAILED", True, "closed"]


async def test_a_refused_token_is_asked_for_once_more(browser: Browser, tmp_path: Path) -> None:
    body = """
        const reasons = [];
        const getToken = ({ reason }) => (reasons.push(reason), x.shift());
        const client = new m.Text2SQLClient("", { getToken, wait: () => 0 });
        const { rows } = await client.ask("SELECT 1 AS n").answer;
        client.close();
        return [reasons, rows];
    """
    async with shop_server(tmp_path, auth=JWT) as server, lab_page(browser, server.address) as page:
        assert await run(page, body, ["nonsense", token("alice")]) == [["connect", "refused"], [[1]]]


async def test_who_failed_to_log_in_too_often_waits_as_long_as_it_is_told(
    browser: Browser, tmp_path: Path
) -> None:
    body = """
        const client = new m.Text2SQLClient("", { token: x, wait: () => 0 });
        const waits = new Promise((resolve) => client.on("state", ({ waitMs }) => waitMs && resolve(waitMs)));
        client.connect().catch(() => {});
        const wait = await waits;
        client.close();
        return wait;
    """
    async with shop_server(tmp_path, auth=JWT) as server, lab_page(browser, server.address) as page:
        for _ in range(FREE_FAILURES + 1):
            async with server.http.get(f"{server.address}/text2sql/datasources?token=nonsense"):
                pass
        assert await run(page, body, "nonsense") >= 1000
