"""The page without our server: its files from the disk, and a WebSocket peer that says what a test tells it.

The one rule: frames look as `wire.md` 2 has them, so that a page that passes here fails there only for what
the server does otherwise. The page comes with the server's own security headers.
"""

import asyncio
import copy
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from playwright.async_api import Page, Route, WebSocketRoute

from text2sql_ws.events import PROGRESS, Stage
from text2sql_ws.web.middleware import SECURITY_HEADERS

ROOT = Path(__file__).resolve().parents[2] / "static"
CONTENT_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
SECONDS = 10

DATASOURCE = {
    "name": "sales",
    "type": "sqlite",
    "description": "一家销售公司",
    "status": "up",
    "tables": [{"name": "orders", "comment": "订单", "columns": []}],
    "examples": ["去年每个月的销售额", "Which product sold best?"],
}
OFFLINE = {"name": "offline", "model": "rules", "models": ["rules"], "offline": True}

Column = tuple[str, str]
Rows = Sequence[Sequence[Any]]


@asynccontextmanager
async def static_files() -> AsyncIterator[str]:
    """The page's files over HTTP, with the server's own headers; gives the address."""

    async def secured(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY_HEADERS)

    async def index(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(ROOT / "index.html")

    app = web.Application()
    app.on_response_prepare.append(secured)
    app.add_routes([web.get("/", index), web.static("/static", ROOT)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class ScriptedServer:
    """One page's server. Requests to any other host are refused and remembered in `strangers`.

    `origin`: where the files come from; of a name that isn't there (`http://page.test`) they come from the
    disk, which is slower. `answers` holds what else is answered, by path; `asked` all that was asked.
    """

    def __init__(self, page: Page, vega: bytes, origin: str) -> None:
        self._page = page
        self._vega = vega
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.listing: dict[str, Any] = copy.deepcopy({"datasources": [DATASOURCE], "providers": [OFFLINE]})
        self.known_queries: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.acknowledgement: dict[str, Any] = {}
        self.connections: list[dict[str, str]] = []
        self.strangers: list[str] = []
        self.is_away = False
        self._socket: WebSocketRoute | None = None
        self._connected = asyncio.Event()
        self._received: list[dict[str, Any]] = []
        self._arrived = asyncio.Event()
        self._sequence = itertools.count(1)
        self._clock = datetime(2025, 1, 1, tzinfo=UTC)

    async def open(self) -> None:
        await self._page.route(self._routed(), self._respond)
        await self._page.route_web_socket(re.compile("/text2sql/websocket"), self._connect)
        await self._page.goto(f"{self.origin}/", timeout=60_000)
        await self.connected()

    # --- HTTP -----------------------------------------------------------------------------------

    def _routed(self) -> re.Pattern[str]:
        """What this class answers: what a server makes, and what other hosts are asked."""
        if self.host.endswith(".test"):
            return re.compile("")
        made = r"/(text2sql/|api/|static/vega\.js)"
        return re.compile(rf"^(?!{re.escape(self.origin)}/|data:|blob:)|^{re.escape(self.origin)}{made}")

    async def _respond(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.netloc != self.host:
            self.strangers.append(route.request.url)
            return await route.abort()
        if url.path.startswith(("/text2sql/", "/api/")):
            return await self._respond_json(route, url.path)
        if url.path == "/static/vega.js":
            return await self._respond_script(route, self._vega)
        return await self._respond_file(route, url.path.removeprefix("/static/").lstrip("/") or "index.html")

    async def _respond_script(self, route: Route, script: bytes) -> None:
        await route.fulfill(body=script, content_type="text/javascript", headers=SECURITY_HEADERS)

    async def _respond_json(self, route: Route, path: str) -> None:
        self.asked.append(route.request.url)
        if path == "/text2sql/datasources":
            return await route.fulfill(json=self.listing)
        if path in self.answers:
            return await route.fulfill(json=self.answers[path])
        known = self.known_queries.get(path.rpartition("/")[2])
        if known is None:
            return await route.fulfill(
                status=404, json={"error": {"code": "QUERY_NOT_FOUND", "message": "?"}}
            )
        return await route.fulfill(json=known)

    async def _respond_file(self, route: Route, name: str) -> None:
        path = ROOT / name
        headers = SECURITY_HEADERS | {"Content-Type": f"{CONTENT_TYPES[path.suffix]}; charset=utf-8"}
        await route.fulfill(body=path.read_bytes(), headers=headers)

    # --- WebSocket ------------------------------------------------------------------------------

    async def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_away:
            await socket.close(code=1011)
            return
        self.connections.append(
            {name: values[0] for name, values in parse_qs(urlsplit(socket.url).query).items()}
        )
        self._socket = socket
        socket.on_message(self._hear)
        self.notify("connection_ack", **self._ack())
        self._connected.set()

    def _ack(self) -> dict[str, Any]:
        return {
            "status": "connected",
            "session_id": "session-1",
            "server_time": self._timestamp(),
            "heartbeat_interval": 30,
            "epoch": "epoch-1",
            "resumed": False,
            "replayed": 0,
            "last_sequence": 0,
            "queries": [],
        } | self.acknowledgement

    def _hear(self, text: str | bytes) -> None:
        self._received.append(json.loads(text))
        self._arrived.set()

    async def connected(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self._connected.wait()

    async def drop(self, code: int = 1006) -> None:
        """Ends the connection; 1006 as a network does it, without a word."""
        assert self._socket is not None
        self._connected.clear()
        await self._socket.close(code=code if code != 1006 else 1011)

    async def received(self, kind: str) -> dict[str, Any]:
        """The data of the next message of this type; others are left for later."""
        async with asyncio.timeout(SECONDS):
            while True:
                for message in self._received:
                    if message["type"] == kind:
                        self._received.remove(message)
                        return dict(message["data"])
                self._arrived.clear()
                await self._arrived.wait()

    def has_received(self, kind: str) -> bool:
        return any(message["type"] == kind for message in self._received)

    def notify(self, kind: str, /, **data: Any) -> None:
        """What belongs to no query: it carries no sequence."""
        self._send({"type": kind, "timestamp": self._timestamp(), "data": data})

    def tell(self, kind: str, query_id: str, /, **data: Any) -> None:
        envelope = {"type": kind, "timestamp": self._timestamp(), "data": {"query_id": query_id, **data}}
        self._send(envelope | {"sequence": next(self._sequence)})

    def repeat(self, kind: str, query_id: str, sequence: int, /, **data: Any) -> None:
        """A frame with a sequence that was sent before, as an overlapping replay has it."""
        envelope = {"type": kind, "timestamp": self._timestamp(), "data": {"query_id": query_id, **data}}
        self._send(envelope | {"sequence": sequence})

    def _send(self, envelope: dict[str, Any]) -> None:
        assert self._socket is not None
        common = {"session_id": "session-1", "message_id": "m", "user_id": 1}
        self._socket.send(json.dumps(common | envelope, ensure_ascii=False))

    def _timestamp(self) -> str:
        """A tenth of a second between any two messages."""
        self._clock += timedelta(seconds=0.1)
        return self._clock.isoformat().replace("+00:00", "Z")

    # --- whole sentences --------------------------------------------------------------------------

    async def started(self, query_id: str = "q1", **more: Any) -> str:
        """Takes the question that the page asked, and starts it."""
        asked = await self.received("query_request")
        self.tell("query_start", query_id, query=asked["query"], start_time=self._timestamp(), **more)
        return query_id

    def stage(self, query_id: str, stage: str, remaining: int | None = None, **progress: Any) -> None:
        known = {"stage": stage, "progress": PROGRESS[Stage(stage)], "message": "", "details": None}
        progress = known | {"estimated_time_remaining": remaining} | progress
        self.tell("query_progress", query_id, progress=progress)

    def tokens(self, query_id: str, kind: str, deltas: Iterable[str], attempt: int = 1) -> None:
        for index, delta in enumerate(deltas):
            self.tell("query_token", query_id, kind=kind, delta=delta, index=index, attempt=attempt)

    def rows(self, query_id: str, columns: Sequence[Column], rows: Rows, chunk: int = 500) -> None:
        named = [{"name": name, "type": kind} for name, kind in columns]
        offsets = range(0, len(rows), chunk) if rows else [0]
        for at, offset in enumerate(offsets):
            part = rows[offset : offset + chunk]
            is_last = offset + chunk >= len(rows)
            self.tell(
                "query_result",
                query_id,
                chunk_index=at,
                row_offset=offset,
                columns=named,
                rows=part,
                is_last=is_last,
            )

    def complete(
        self,
        query_id: str,
        columns: Sequence[Column] = (),
        rows: Rows = (),
        *,
        sql: str | None = "SELECT 1",
        explanation: str = "",
        chart: dict[str, Any] | None = None,
        truncated: bool = False,
        **more: Any,
    ) -> None:
        answer = completed(columns, rows, sql=sql, explanation=explanation, chart=chart, truncated=truncated)
        ending = {"execution_time": 1.25, "completed_at": self._timestamp(), "attempts": 1, "warnings": []}
        self.tell("query_complete", query_id, **answer, **(ending | more))

    def fail(self, query_id: str, **more: Any) -> None:
        error = {
            "error": "(1054, \"Unknown column 'price'\")",
            "code": "SQL_EXECUTION_FAILED",
            "level": "error",
            "title": "SQL执行失败",
            "suggestion": "请修改问题后重试",
            "can_retry": True,
            "stage": "executing_sql",
            "error_time": self._timestamp(),
        }
        self.tell("query_error", query_id, **(error | more))


def completed(
    columns: Sequence[Column],
    rows: Rows,
    *,
    sql: str | None,
    explanation: str,
    chart: dict[str, Any] | None = None,
    truncated: bool = False,
) -> dict[str, Any]:
    """An answer as `query_complete` and `GET /text2sql/queries/{id}` both have it."""
    names = [name for name, _ in columns]
    return {
        "sql": sql,
        "results": {
            "columns": [{"name": name, "type": kind} for name, kind in columns],
            "row_count": len(rows),
            "truncated": truncated,
            "chunks": 1,
            "data": [dict(zip(names, row, strict=True)) for row in rows[:100]],
        },
        "explanation": {"explanation": explanation, "complexity": "simple"},
        "visualization": {"chart_type": "bar" if chart else "table", "config": chart or {}},
    }
