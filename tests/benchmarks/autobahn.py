"""Autobahn's WebSocket test suite against our connection, and against aiohttp's own echo server beside it.

`WSTEST=/path/to/wstest python -m tests.benchmarks.autobahn` (the suite needs Python 2.7: `pip install
autobahntestsuite` there). Prints the cases in which ours does worse, of all that were tried; none should be
left. Cases of binary messages are left out, for ours refuses those on purpose.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from text2sql_ws.channel import Channel
from text2sql_ws.clock import SystemClock
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.errors import Fault
from text2sql_ws.happenings import Bulletin
from text2sql_ws.sessions import Attached
from text2sql_ws.settings import Limits, Settings
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.identity import Doorman
from text2sql_ws.web.socket import Pulse, Socket

LIMITS = Limits(max_message_bytes=32 << 20, messages_per_minute=10**9, slow_client_timeout=60)
QUIET = Pulse(interval=3600, timeout=3600)
WITHOUT_BINARY = [
    "1.2.*", "2.2", "2.3", "2.4", "2.9", "2.10", "2.11", "4.*", "5.3", "5.4", "9.2.*", "9.4.*", "9.6.*",
    "9.8.*", "12.*", "13.*",
]  # fmt: skip
RANKS = {
    "OK": 0, "INFORMATIONAL": 0, "NON-STRICT": 1, "UNIMPLEMENTED": 2, "WRONG CODE": 3, "UNCLEAN": 3,
    "FAILED": 4,
}  # fmt: skip


class Echo:
    """A session that says again what is said to it."""

    id = "echo"

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.connection: Attached | None = None

    def receive(self, text: str, sender: Attached) -> None:
        self.channel.offer_frame(text.encode())

    def refuse(self, fault: Fault, sender: Attached) -> None:
        raise AssertionError("no case of binary messages is tried")


async def ours(request: web.Request) -> web.StreamResponse:
    clock, dialect = SystemClock(), Text2Sql("echo", 1, "zh", 4000)
    doorman = Doorman(Settings(), None, clock, Bulletin())
    await doorman.admit(request)
    ws = Socket(request, LIMITS.max_message_bytes)
    await ws.prepare(request)
    connection = Connection(ws, request, dialect, clock, QUIET, LIMITS, doorman, Bulletin())
    await connection.serve(Echo(Channel(dialect, clock, LIMITS.outbox_bytes, LIMITS.resume_bytes)))
    return ws


async def theirs(request: web.Request) -> web.StreamResponse:
    ws = web.WebSocketResponse(compress=False, max_msg_size=LIMITS.max_message_bytes)
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
    return ws


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """Both echo servers; yields their origin."""
    app = web.Application()
    app.add_routes([web.get("/ours", ours), web.get("/theirs", theirs)])
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def report(wstest: str, folder: Path) -> dict[str, Any]:
    """What the suite makes of both, case by case."""
    async with echoing() as origin:
        servers = [{"agent": name, "url": f"{origin}/{name}"} for name in ("ours", "theirs")]
        spec = {
            "outdir": str(folder), "servers": servers, "cases": ["*"], "exclude-cases": WITHOUT_BINARY,
            "exclude-agent-cases": {},
        }  # fmt: skip
        (folder / "spec.json").write_bytes(orjson.dumps(spec))
        process = await asyncio.create_subprocess_exec(
            wstest, "-m", "fuzzingclient", "-s", str(folder / "spec.json"),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await process.wait()
    found: dict[str, Any] = orjson.loads((folder / "index.json").read_bytes())
    return found


def worse(found: dict[str, Any]) -> list[str]:
    """The cases in which ours does worse, with both verdicts; the closing handshake counts too."""
    pairs = [
        (case, kind, found["ours"][case][kind], theirs[kind])
        for case, theirs in found["theirs"].items()
        for kind in ("behavior", "behaviorClose")
    ]
    return [
        f"{case} {kind}: ours {ours}, theirs {theirs}"
        for case, kind, ours, theirs in pairs
        if RANKS[ours] > RANKS[theirs]
    ]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = await report(os.environ["WSTEST"], Path(folder))
    lines = worse(found)
    verdicts = Counter(case["behavior"] for case in found["ours"].values())
    lines.append(f"{len(found['ours'])} cases, {dict(verdicts)}; {len(lines)} worse than theirs\n")
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    asyncio.run(main())
