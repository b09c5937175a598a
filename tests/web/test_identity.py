"""Who is there: tokens in every place, at every address; expiry, renewal, failed logins; no token logged."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web

from tests.support.fakes import ManualClock
from tests.support.paths import ROOT
from tests.support.serving import Client, Served, make_shop, served
from tests.support.tokens import SECRET, Issuer, jwk, pem, rsa_key, token
from text2sql_ws import app
from text2sql_ws.app import serving
from text2sql_ws.settings import load
from text2sql_ws.tokens.failures import FREE_FAILURES
from text2sql_ws.web.keys import House

JWT = {"mode": "jwt", "secret": SECRET}
SOCKET = "/text2sql/websocket"


@asynccontextmanager
async def server_with(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    shop = folder / "shop.db"
    source = {"type": "sqlite", "path": str(shop if shop.exists() else make_shop(shop))}
    async with served(folder, {"datasources": {"shop": source}, **settings}) as server:
        yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with server_with(tmp_path, auth=JWT) as running:
        yield running


def bearer(shown: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {shown}"}


@asynccontextmanager
async def connected(server: Served, protocols: tuple[str, ...] = (), **query: str) -> AsyncIterator[Client]:
    async with server.http.ws_connect(server.address + SOCKET, protocols=protocols, params=query) as ws:
        client = Client(server, ws)
        await client.next()
        yield client


async def refused(
    server: Served, path: str = SOCKET, **options: Any
) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
    async with server.http.get(server.address + path, **options) as response:
        return response.status, (await response.json())["error"], response.headers


# --- in ---------------------------------------------------------------------------------------------


async def test_a_token_comes_in_the_header_the_address_or_a_subprotocol(server: Served) -> None:
    async with server.client(headers=bearer(token())) as client:
        assert client.seen[0]["user_id"] == "alice"
        assert client.ws.protocol is None
    async with server.client(token=token("bob")) as client:
        assert client.seen[0]["user_id"] == "bob"
    async with connected(server, ("Bearer", token("carol"))) as client:
        assert client.seen[0]["user_id"] == "carol"
        assert client.ws.protocol == "Bearer"
    alone = token("dave")
    async with connected(server, (alone,)) as client:
        assert client.seen[0]["user_id"] == "dave"
        assert client.ws.protocol == alone


async def test_everything_a_user_is_told_bears_their_id(server: Served) -> None:
    async with server.client(token=token("用户-7")) as client:
        messages = await client.answer("SELECT 1 AS one FROM cities")
        assert {message["user_id"] for message in messages} == {"用户-7"}


@pytest.mark.parametrize(
    "protocols",
    [("Bearer", token()), ("Bearer",), (token(),), ("graphql-ws",), ("Bearer", "x", "y")],
    ids=["both", "scheme", "token", "foreign", "more"],
)
async def test_without_logins_a_page_that_offers_a_token_connects_too(
    tmp_path: Path, protocols: tuple[str, ...]
) -> None:
    async with server_with(tmp_path) as server, connected(server, protocols) as client:
        assert client.seen[0]["user_id"] == 1
        assert client.ws.protocol == (None if protocols == ("graphql-ws",) else protocols[0])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "No token"),
        ({"headers": {"Authorization": "Bearer"}}, "No token"),
        ({"headers": {"Authorization": "Basic YTpi"}}, "No token"),
        ({"headers": {"Sec-WebSocket-Protocol": "Bearer"}}, "No token"),
        ({"headers": {"Sec-WebSocket-Protocol": "graphql-ws"}}, "No token"),
        ({"headers": bearer("nonsense")}, "not valid"),
        ({"headers": bearer(token(seconds=-1))}, "expired"),
        ({"headers": {"Sec-WebSocket-Protocol": f"Bearer, {token(seconds=-1)}"}}, "expired"),
        ({"headers": bearer(token(key="x" * 40))}, "signature"),
        ({"params": {"token": "nonsense"}}, "not valid"),
        ({"params": {"token": token(seconds=-1)}}, "expired"),
        # A good one in another place doesn't help: the first that is found counts.
        ({"headers": bearer("nonsense"), "params": {"token": token()}}, "not valid"),
    ],
)
async def test_no_token_or_a_bad_one_is_a_401_before_the_upgrade(
    server: Served, options: dict[str, Any], told: str
) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers = {**upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **options.get("headers", {})}
    params = {"locale": "en", **options.get("params", {})}
    status, error, sent = await refused(server, headers=headers, params=params)
    assert (status, error["code"]) == (401, "AUTHENTICATION_FAILED")
    assert told in error["message"]
    assert {"level", "title", "message", "suggestion", "can_retry"} <= set(error)
    assert sent["WWW-Authenticate"] == "Bearer"


async def test_a_session_is_its_users_own(server: Served) -> None:
    async with server.client(token=token("alice"), session_id="s1") as alice:
        query_id = (await alice.answer("SELECT 1 AS one FROM cities"))[0]["data"]["query_id"]
        async with server.http.ws_connect(
            server.address + SOCKET, params={"token": token("bob"), "session_id": "s1"}
        ) as ws:
            bob = Client(server, ws)
            assert await bob.closed() == 4503
            assert bob.seen[-1]["type"] == "connection_close"
        for who, status in (("alice", 200), ("bob", 404)):
            async with server.http.get(
                f"{server.address}/text2sql/queries/{query_id}", headers=bearer(token(who, role="admin"))
            ) as response:
                assert response.status == status


async def test_keys_from_a_file_and_from_an_issuer_that_rotates_them(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem(rsa_key()))
    async with server_with(tmp_path, auth={"mode": "jwt", "public_key": str(tmp_path / "key.pem")}) as server:
        async with server.client(token=token(key=rsa_key(), algorithm="RS256")):
            pass
        assert (await refused(server, headers=bearer(token())))[0] == 401
    async with Issuer(jwk(rsa_key(), "1")) as issuer:
        async with server_with(tmp_path, auth={"mode": "jwt", "jwks_url": issuer.url}) as server:

            async def come(name: str) -> None:
                async with server.client(
                    token=token(name, key=rsa_key(), algorithm="RS256", kid="1")
                ) as client:
                    assert client.seen[0]["user_id"] == name

            await asyncio.gather(*(come(f"user {number}") for number in range(8)))
            assert issuer.asked == 1
            issuer.keys = [jwk(rsa_key(1), "2")]
            async with server.client(token=token(key=rsa_key(1), algorithm="RS256", kid="2")):
                assert issuer.asked == 2
            old = token(key=rsa_key(), algorithm="RS256", kid="1")
            assert (await refused(server, headers=bearer(old)))[0] == 401


async def test_an_issuer_that_is_down_is_a_503_and_no_failed_login(tmp_path: Path) -> None:
    async with server_with(tmp_path, auth={"mode": "jwt", "jwks_url": "http://127.0.0.1:1/"}) as server:
        shown = bearer(token(key=rsa_key(), algorithm="RS256", kid="1"))
        for _ in range(FREE_FAILURES + 3):
            status, error, _ = await refused(server, headers=shown)
            assert (status, error["code"], error["can_retry"]) == (503, "NETWORK_ERROR", True)


# --- every address ----------------------------------------------------------------------------------

OPEN, USERS, ADMINS = (200, 200, 200), (401, 200, 200), (401, 403, 200)
"""What who has no token, a user, and an administrator gets; 200 stands for "let in", whatever comes then."""

ADDRESSES = {
    ("GET", "/"): OPEN,
    ("GET", "/playground"): OPEN,
    ("GET", "/static"): OPEN,
    ("GET", "/static/vega.js"): OPEN,
    ("GET", "/admin"): OPEN,
    ("GET", "/chat"): OPEN,
    ("GET", "/docs"): OPEN,
    ("GET", "/docs/{page}"): OPEN,
    ("GET", "/docs/images/{name}"): OPEN,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/asyncapi.json"): OPEN,
    ("GET", "/health/live"): OPEN,
    ("GET", "/health/ready"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("GET", "/offline/v1/models"): OPEN,
    ("POST", "/offline/v1/chat/completions"): OPEN,
    ("GET", "/text2sql/websocket"): USERS,
    ("GET", "/ws"): USERS,
    ("POST", "/api/chat/enhanced-question"): USERS,
    ("GET", "/api/chat/enhanced-question/{stream_id}"): USERS,
    ("DELETE", "/api/chat/enhanced-question/{stream_id}"): USERS,
    ("POST", "/api/chat/enhanced-question/{stream_id}/retry"): USERS,
    ("GET", "/ws/chat"): USERS,
    ("GET", "/ws/chat/session/{session_id}"): USERS,
    ("GET", "/text2sql/datasources"): USERS,
    ("GET", "/text2sql/datasources/{name}/tables/{table}/sample"): USERS,
    ("GET", "/text2sql/queries/{query_id}"): USERS,
    ("GET", "/text2sql/queries/{query_id}/export"): USERS,
    ("POST", "/text2sql/queries/{query_id}/cancel"): USERS,
    ("GET", "/scm/websocket/ai/chat"): USERS,
    ("GET", "/api/conversations"): USERS,
    ("GET", "/api/conversations/{id}"): USERS,
    ("PATCH", "/api/conversations/{id}"): USERS,
    ("DELETE", "/api/conversations/{id}"): USERS,
    ("GET", "/api/conversations/{id}/export"): USERS,
    ("GET", "/api/notifications"): USERS,
    ("POST", "/api/notifications/{id}/read"): USERS,
    ("GET", "/text2sql/usage"): USERS,
    ("GET", "/text2sql/audit"): ADMINS,
    ("GET", "/ws/admin/monitor"): ADMINS,
    ("GET", "/api/v1/websocket/stats"): ADMINS,
    ("GET", "/api/v1/websocket/connections"): ADMINS,
    ("GET", "/api/v1/websocket/connections/{connection_id}"): ADMINS,
    ("DELETE", "/api/v1/websocket/connections/{connection_id}"): ADMINS,
    ("GET", "/api/v1/websocket/users/{user_id}/connections"): ADMINS,
    ("GET", "/api/v1/websocket/sessions"): ADMINS,
    ("GET", "/api/v1/websocket/sessions/{session_id}/connections"): ADMINS,
    ("GET", "/api/v1/websocket/online-users"): ADMINS,
    ("GET", "/api/v1/websocket/health"): ADMINS,
    ("GET", "/api/v1/websocket/events"): ADMINS,
    ("GET", "/api/v1/websocket/notifications"): ADMINS,
    ("POST", "/api/v1/websocket/notify"): ADMINS,
    ("POST", "/api/v1/websocket/broadcast"): ADMINS,
    ("POST", "/api/v1/websocket/users/disconnect"): ADMINS,
    ("POST", "/api/v1/websocket/ping/{user_id}"): ADMINS,
    ("GET", "/text2sql/connections"): ADMINS,
    ("GET", "/text2sql/queries"): ADMINS,
    ("POST", "/text2sql/broadcast"): ADMINS,
}


async def test_every_address_asks_who_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, original = list[web.Application](), app.build

    def build(house: House) -> web.Application:
        made.append(original(house))
        return made[0]

    monkeypatch.setattr("text2sql_ws.app.build", build)
    async with server_with(tmp_path, auth=JWT) as server:
        await every_address_asks(server, made[0])


async def every_address_asks(server: Served, application: web.Application) -> None:
    routed = {
        (route.method, route.resource.canonical)
        for route in application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routed == set(ADDRESSES), "every address stands in the table, and nothing else does"
    for (method, address), expected in ADDRESSES.items():
        path = re.sub(r"{\w+}", "nope", address).replace(
            "/static", "/static/index.html", address == "/static"
        )
        for shown, status in zip((None, token(), token(role="admin")), expected, strict=True):
            headers = bearer(shown) if shown else {}
            async with server.http.request(method, server.address + path, headers=headers) as response:
                let_in = response.status if response.status in (401, 403) else 200
                assert let_in == status, (method, address, shown and "token")


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/static/../text2sql/queries",
        "/static/%2e%2e/text2sql/queries",
        "//text2sql/queries",
        "/static/..%2ftext2sql/queries",
    ],
)
async def test_no_way_to_write_a_path_gets_past(server: Served, path: str) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    assert answer.split()[1] in (b"401", b"404")
    assert b"query_id" not in answer
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_the_built_in_model_is_for_this_machine(server: Served, header: str) -> None:
    assert (await refused(server, "/offline/v1/models", headers={header: "192.0.2.1"}))[0] == 401
    shown = {header: "192.0.2.1", **bearer(token())}
    async with server.http.get(f"{server.address}/offline/v1/models", headers=shown) as response:
        assert response.status == 200


# --- how long ---------------------------------------------------------------------------------------


async def test_a_token_that_expires_ends_the_connection(server: Served) -> None:
    async with server.client(token=token(seconds=1.5), session_id="s1") as client:
        await client.answer("SELECT 1 AS one FROM cities")
        assert await client.closed() == 4401
        assert (client.seen[-1]["type"], client.seen[-1]["reason"]) == ("connection_close", "Token expired")
    async with server.client(token=token(), session_id="s1") as client:
        assert client.seen[0]["data"]["resumed"] is True


@asynccontextmanager
async def served_at(folder: Path, clock: ManualClock) -> AsyncIterator[Served]:
    given = {
        "server": {"port": 0, "drain_seconds": 0},
        "storage": {"url": f"sqlite:///{folder}/own.db"},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
        "auth": JWT,
        "heartbeat": {"interval": 0.4, "timeout": 10_000},
    }
    settings = load(None, given)
    async with serving(settings, folder / "var", clock) as address, aiohttp.ClientSession() as http:
        yield Served(address, http)


async def test_a_renewed_token_lets_the_connection_live_on(tmp_path: Path) -> None:
    clock = ManualClock()

    def until(seconds: float, sub: str = "alice") -> str:
        return token(sub, now=clock.now().timestamp(), seconds=seconds)

    async with served_at(tmp_path, clock) as server, server.client(token=until(60)) as client:
        clock.advance(50)
        await client.send("refresh_token", token=until(3600))
        refreshed = await client.until("token_refreshed")
        assert refreshed["data"] == {"expires_at": "2026-11-21T09:00:50.000Z"}
        clock.advance(3599)
        # One tick has passed for sure when a heartbeat came that was due after it.
        await client.until("heartbeat")
        clock.advance(0.5)
        await client.until("heartbeat")
        assert not client.ws.closed
        clock.advance(0.5)
        assert await client.closed() == 4401


async def test_what_does_not_renew(tmp_path: Path) -> None:
    clock = ManualClock()
    async with served_at(tmp_path, clock) as server:
        now = clock.now().timestamp()
        async with server.client(token=token(now=now, seconds=60)) as client:
            for bad in (
                token("bob", now=now),
                token(now=now, seconds=-1),
                token(now=now, key="x" * 40),
                "nonsense",
            ):
                await client.send("refresh_token", token=bad)
                error = (await client.until("query_error"))["data"]
                assert error["code"] == "AUTHENTICATION_FAILED"
            for bad_data in ({}, {"token": 7}, {"token": ""}):
                await client.send("refresh_token", **bad_data)
                assert (await client.until("query_error"))["data"]["code"] == "INVALID_MESSAGE"
            clock.advance(59.9)
            await client.send("heartbeat")
            await client.until("heartbeat")
            clock.advance(0.1)
            assert await client.closed() == 4401


async def test_where_nobody_logs_in_there_is_nothing_to_renew(tmp_path: Path) -> None:
    async with server_with(tmp_path) as server, server.client() as client:
        await client.send("refresh_token", token=token())
        error = (await client.until("query_error"))["data"]
        assert error["code"] == "INVALID_MESSAGE"
        assert "data.token" in error["error"]


# --- who fails again and again ----------------------------------------------------------------------


async def test_failed_logins_are_slowed_and_a_good_one_is_not(server: Served) -> None:
    statuses = [(await refused(server, headers=bearer("nonsense")))[0] for _ in range(FREE_FAILURES + 2)]
    assert statuses == [401] * FREE_FAILURES + [429] * 2
    _, error, headers = await refused(server, headers=bearer("nonsense"))
    assert error["code"] == "RATE_LIMITED"
    assert int(headers["Retry-After"]) == error["retry_after"] >= 1
    assert (await refused(server))[0] == 401, "who brings no token guesses nothing"
    async with server.client(token=token()):
        pass


# --- what is logged ---------------------------------------------------------------------------------


async def test_failed_logins_are_warned_of_without_the_token(server: Served) -> None:
    shown = token(key="another secret, which is long enough")
    with structlog.testing.capture_logs() as logged:
        for _ in range(FREE_FAILURES):
            await refused(server, params={"token": shown})
    warnings = [entry for entry in logged if entry["log_level"] == "warning"]
    assert [entry["failures"] for entry in warnings] == [1, 2, 3, 4, 5]
    assert warnings[-1]["event"] == "logins_fail_repeatedly"
    assert warnings[-1]["address"] == "127.0.0.1"
    assert not any(part in repr(logged) for part in shown.split(".")[1:])


async def test_no_token_is_ever_logged(tmp_path: Path) -> None:
    """The real program, its log as loud as it gets: good and bad tokens in every place, broken requests."""
    config = tmp_path / "my.toml"
    config.write_text(
        f'[server]\nport = 0\ndrain_seconds = 0\n[auth]\nmode = "jwt"\nsecret = "{SECRET}"\n'
        f'[storage]\nurl = "sqlite:///{tmp_path}/own.db"\n[log]\nlevel = "debug"\n'
        f'[datasources.shop]\ntype = "sqlite"\npath = "{make_shop(tmp_path / "shop.db")}"\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "run.py", "--config", config,
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(30):
        address = (await process.stdout.readline()).decode().split()[-1].rstrip("/")
    good, bad = token(marker="g" * 60), token(key="another secret, which is long enough", marker="b" * 60)
    async with aiohttp.ClientSession() as http:
        server = Served(address, http)
        for shown in (good, bad):
            for protocols in (("Bearer", shown), (shown,), ("x", shown), (shown, "y")):
                await tried(server, protocols)
                await tried(server, protocols, token=good)
            await tried(server, (), token=shown)
            for path in ("/text2sql/datasources", "/nope", "/text2sql/queries/nope", "/text2sql/broadcast"):
                async with http.get(address + path, params={"token": shown}, headers=bearer(shown)):
                    pass
        async with server.client(token=good) as client:
            for data in ({"token": bad}, {"token": good}, {"token": [good]}, {"tokn": good}):
                await client.send("refresh_token", **data)
                await client.until("query_error", "token_refreshed")
            await client.ws.send_str('{"type": "' + good)
            await client.until("query_error")
    for broken in (
        f"GET /?token={good} HTTP/9.9.9",
        f"GE T /?token={good} HTTP/1.1",
        f"GET /?token={good}{'x' * 9000} HTTP/1.1",
        f"GET / HTTP/1.1\r\nAuthorization: Bearer {good}\x00",
        f"GET / HTTP/1.1\r\nAuthorization: Bearer {good}{'x' * 9000}",
        f"GET / HTTP/1.1\r\n{good}",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":", 1)[1]))
        writer.write(f"{broken}\r\nHost: localhost\r\n\r\n".encode())
        assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert process.returncode == 0
    logged = (out + err).decode()
    assert "login_failed" in logged
    for shown in (good, bad):
        for part in shown.split("."):
            assert part[:30] not in logged, next(line for line in logged.splitlines() if part[:30] in line)[
                :2000
            ]
    assert SECRET not in logged


async def tried(server: Served, protocols: tuple[str, ...], **query: str) -> None:
    """Connect, or be refused."""
    with suppress(aiohttp.WSServerHandshakeError):
        async with connected(server, protocols, **query):
            pass
