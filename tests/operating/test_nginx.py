"""The site that we give operators, in a real nginx, before the real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from structlog.testing import capture_logs

from tests.support import nginx
from tests.support.model_server import ModelServer
from tests.support.nginx import NAME, Nginx
from tests.support.serving import Client, Served, make_shop, served
from tests.support.tokens import SECRET, token

SQL = "SELECT name FROM cities ORDER BY id"


@dataclass
class Fronted:
    """A server behind nginx, and how a browser would talk to it."""

    nginx: Nginx
    server: Served

    @property
    def headers(self) -> dict[str, str]:
        return {"Host": self.nginx.host, "Origin": f"https://{self.nginx.host}"}

    @asynccontextmanager
    async def client(self, **query: str) -> AsyncIterator[Client]:
        async with self.server.http.ws_connect(
            f"{self.nginx.origin}/text2sql/websocket",
            params=query,
            headers=self.headers,
            ssl=self.nginx.trusting,
        ) as ws:
            client = Client(self.server, ws)
            await client.next()
            yield client

    async def get(self, path: str, headers: Mapping[str, str]) -> int:
        async with self.server.http.get(
            self.nginx.origin + path, headers={**self.headers, **headers}, ssl=self.nginx.trusting
        ) as response:
            await response.read()
            return response.status


@asynccontextmanager
async def fronted(folder: Path, model: ModelServer, **sections: Any) -> AsyncIterator[Fronted]:
    settings = {
        "server": {"public_url": f"https://{NAME}", "trusted_proxies": ["127.0.0.1"]},
        "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(folder / "shop.db"))}},
        **sections,
    }
    async with served(folder, settings) as server:
        async with nginx.before(int(server.address.rsplit(":", 1)[1]), folder) as front:
            yield Fronted(front, server)


async def test_a_query_s_tokens_pass_as_they_come(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[SQL[:9], go, SQL[9:]]]) as model, fronted(tmp_path, model) as site:
        async with site.client() as client:
            await client.ask("问", explain=False)
            assert (await client.until("query_token"))["data"]["delta"] == SQL[:9]
            go.set()
            ended = await client.until("query_complete")
            assert [row["name"] for row in ended["data"]["results"]["data"]] == ["上海", "北京", "广州"]


async def test_server_sent_events_pass_as_they_come(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[SQL[:9], go, SQL[9:]]]) as model, fronted(tmp_path, model) as site:
        async with site.server.http.post(
            f"{site.nginx.origin}/api/chat/enhanced-question",
            json={"question": "问"}, headers=site.headers, ssl=site.nginx.trusting,
        ) as response:  # fmt: skip
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
            events: list[dict[str, Any]] = []
            async with asyncio.timeout(20):
                async for line in response.content:
                    if line.startswith(b"data: "):
                        events.append(json.loads(line[6:]))
                        if events[-1].get("text") == SQL[:9]:
                            go.set()
            assert go.is_set(), "the first fragment came while the model still held back the rest"
            assert events[-1]["type"] == "finish"


async def test_a_reload_of_nginx_cuts_nobody_off(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[SQL[:9], go, SQL[9:]], SQL]) as model, fronted(tmp_path, model) as site:
        async with site.client() as client:
            await client.ask("问", explain=False)
            await client.until("query_token")
            await site.nginx.reload()
            go.set()
            await client.until("query_complete")
            async with site.client() as newcomer:
                await newcomer.answer("问", explain=False)


async def test_who_is_cut_off_by_a_restart_of_nginx_comes_back_and_misses_nothing(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with ModelServer([[SQL[:9], go, SQL[9:]]]) as model, fronted(tmp_path, model) as site:
        async with site.client(session_id="s") as client:
            await client.ask("问", explain=False)
            seen = await client.until("query_token")
            await site.nginx.stop()
            await client.closed()
            last = max(message["sequence"] for message in [seen, *client.seen] if "sequence" in message)
        go.set()
        await site.nginx.start()
        async with site.client(session_id="s", last_sequence=str(last)) as client:
            assert client.seen[0]["data"]["resumed"] is True
            await client.until("query_complete")
            sequences = [message["sequence"] for message in client.seen if message.get("sequence")]
            assert sequences == list(range(last + 1, last + 1 + len(sequences)))


async def test_another_s_name_and_another_s_page_are_refused(tmp_path: Path) -> None:
    async with ModelServer() as model, fronted(tmp_path, model) as site:
        assert await site.get("/text2sql/datasources", {}) == 200
        assert await site.get("/text2sql/datasources", {"Host": "evil.example.com", "Origin": ""}) == 421
        assert await site.get("/text2sql/datasources", {"Origin": "https://evil.example.com"}) == 403


async def test_the_log_knows_who_failed_to_log_in_whatever_they_say(tmp_path: Path) -> None:
    from_elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    auth = {"mode": "jwt", "secret": SECRET}
    async with ModelServer() as model, fronted(tmp_path, model, auth=auth) as site:
        with capture_logs() as logged:
            async with aiohttp.ClientSession(connector=from_elsewhere) as http:
                async with http.get(
                    f"{site.nginx.origin}/text2sql/datasources?token=s3cret-guess", ssl=site.nginx.trusting,
                    headers={**site.headers, "X-Forwarded-For": "203.0.113.9"},
                ) as response:  # fmt: skip
                    assert response.status == 401
        (failed,) = [entry for entry in logged if entry["event"] == "login_failed"]
        assert failed["address"] == "127.0.0.2"
        good = token()
        assert await site.get(f"/text2sql/datasources?token={good}", {}) == 200
        async with asyncio.timeout(10):
            while site.nginx.access_log.count("GET /text2sql/datasources") < 2:
                await asyncio.sleep(0.02)
        assert good not in site.nginx.access_log
        assert "s3cret" not in site.nginx.access_log


async def test_plain_http_is_sent_to_https(tmp_path: Path) -> None:
    async with ModelServer() as model, fronted(tmp_path, model) as site:
        async with site.server.http.get(
            f"http://127.0.0.1:{site.nginx.plain_port}/?a=1", headers={"Host": NAME}, allow_redirects=False
        ) as response:
            assert response.status == 301
            assert response.headers["Location"] == f"https://{NAME}/?a=1"
