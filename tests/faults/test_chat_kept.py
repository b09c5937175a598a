"""Nothing acknowledged is lost: the process is killed while many talk, and what it called sent is there."""

import asyncio
import signal
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import orjson

from tests.support.process import Process, started
from tests.support.serving import make_shop

TALKERS = 8
AHEAD = 20
"""So many messages of each talker are on their way at any time."""
ACKNOWLEDGED = 400

CONFIG = """
[server]
port = 0
drain_seconds = 0
[log]
level = "warning"
[limits]
connections_per_user = 100
messages_per_minute = 1000000
queries = 1
[storage]
url = "sqlite:///own.db"
[datasources.shop]
type = "sqlite"
path = "{shop}"
"""


async def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    config = CONFIG.format(shop=make_shop(tmp_path / "shop.db"))
    async with started(config, tmp_path) as process, aiohttp.ClientSession() as http:
        await process.ready()
        acknowledged = await talked(process, http)
    assert len(acknowledged) >= ACKNOWLEDGED
    connection = sqlite3.connect(tmp_path / "own.db")
    kept = dict(connection.execute("SELECT id, content FROM messages WHERE role = 'user'").fetchall())
    connection.close()
    lost = {its_id: said for its_id, said in acknowledged.items() if kept.get(its_id) != said}
    assert not lost, f"{len(lost)} of {len(acknowledged)} lost"


async def talked(process: Process, http: aiohttp.ClientSession) -> dict[str, str]:
    """Everybody talks until the process is killed in the middle of it: what was acknowledged, by id."""
    acknowledged: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        talking = []
        for number in range(TALKERS):
            url = f"{process.address}/ws/chat/session/s{number % 3}"
            ws = await stack.enter_async_context(http.ws_connect(url, max_msg_size=0))
            talking.append(asyncio.create_task(talk(ws, number, acknowledged)))
        async with asyncio.timeout(30):
            while len(acknowledged) < ACKNOWLEDGED:
                await asyncio.sleep(0.001)
        process.send(signal.SIGKILL)
        await asyncio.gather(*talking)
        await process.ended(5)
    return acknowledged


async def talk(ws: aiohttp.ClientWebSocketResponse, number: int, acknowledged: dict[str, str]) -> None:
    """Say one thing after the other, `AHEAD` of what is acknowledged, until the connection breaks."""
    count = 0
    for count in range(AHEAD):
        await say(ws, number, count)
    async for message in ws:
        body = orjson.loads(message.data)
        if body["type"] == "message_status_update" and body["status"] == "sent":
            acknowledged[body["message_id"]] = body["client_id"]
            count += 1
            try:
                await say(ws, number, count)
            except ConnectionError:
                return


async def say(ws: aiohttp.ClientWebSocketResponse, number: int, count: int) -> None:
    said = f"{number}/{count}"
    await ws.send_str(orjson.dumps({"type": "send_message", "content": said, "client_id": said}).decode())
