"""Many clients at once: thousands that only sit there, hundreds being answered, a thousand coming back.

The service is a process of its own; clients and model live in this one. That there is no error is checked: a
client that is refused, cut off or left without its answer fails the benchmark.
"""

import asyncio
import resource
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.benchmarks.processes import Measured, bare_relay, service
from tests.support.model_server import ModelServer, Step

IDLE, STREAMS, RETURNING = 5000, 300, 1000
AT_ONCE = 200
TOKENS, TOKENS_A_SECOND = 60, 20
SETTINGS = (
    "[limits]\nconnections = 20000\nconnections_per_user = 20000\nqueries = 1000\n"
    "[heartbeat]\ninterval = 120\ntimeout = 600\n"
)
SAID = ["```sql\n", "SELECT id, amount ", "FROM orders", "\n```"]
OPTIONS = {"explain": False, "visualize": False, "chunk_rows": 100}

Sockets = list[aiohttp.ClientWebSocketResponse]


async def main() -> str:
    """Rows of the table."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        return "\n".join([await idle_and_streaming(), await broadcast(), await storm()])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def idle_and_streaming() -> str:
    """Idle connections, and streams beside them; the memory of an idle one, against a bare WebSocket's."""
    async with ModelServer(_paced) as model:
        async with bare_relay(model.base_url) as bare:
            bare_bytes = await _bytes_a_connection(bare)
        async with service(model.base_url, SETTINGS) as product, _client() as http:
            await _settled(http, product)
            before = product.resident_bytes()
            idle = await _connected(http, product, IDLE)
            own_bytes = (product.resident_bytes() - before) / IDLE
            cpu, began = product.cpu_seconds(), time.perf_counter()
            streaming = await _connected(http, product, STREAMS)
            await asyncio.gather(*map(_ask_and_read, streaming))
            seconds, spent = time.perf_counter() - began, product.cpu_seconds() - cpu
            await asyncio.gather(*map(_beat, idle))
    return (
        f"| {IDLE} idle connections and {STREAMS} streams | no error | no error | "
        f"{STREAMS} streams of {TOKENS} tokens took {seconds:.1f} s, {spent:.1f} s of CPU |\n"
        f"| memory of an idle connection | {own_bytes / bare_bytes:.2f} | at most 1.5 | "
        f"bare {bare_bytes / 1024:.1f} KiB, product {own_bytes / 1024:.1f} KiB |"
    )


async def broadcast(rounds: int = 7) -> str:
    """One message to everybody, in turn with the plainest loop that sends it to as many sockets."""
    text = "x" * 250
    async with ModelServer(_paced) as model, _client() as http:
        async with bare_relay(model.base_url) as bare, service(model.base_url, SETTINGS) as product:
            crowds = {
                bare: await _connected(http, bare, IDLE, greeted=False),
                product: await _connected(http, product, IDLE),
            }
            spent: dict[Measured, list[float]] = {bare: [], product: []}
            for _ in range(rounds):
                for server, crowd in crowds.items():
                    spent[server].append(await _told(http, server, crowd, text))
    ratios = [its / own for own, its in zip(spent[bare], spent[product], strict=True)]
    us = [statistics.median(seconds) / IDLE * 1e6 for seconds in spent.values()]
    return (
        f"| a broadcast to {IDLE}, CPU | {statistics.median(ratios):.2f} | at most 1.2 | "
        f"{min(ratios):.2f} to {max(ratios):.2f} in {rounds} rounds; "
        f"bare {us[0]:.1f} µs a socket, product {us[1]:.1f} µs |"
    )


async def _told(http: aiohttp.ClientSession, server: Measured, crowd: Sockets, text: str) -> float:
    """CPU seconds of telling everybody, from the request to the last who has heard it."""
    heard = [asyncio.create_task(ws.receive_str()) for ws in crowd]
    await asyncio.sleep(0)
    before = server.cpu_seconds()
    async with http.post(f"{server.address}/text2sql/broadcast", json={"message": text}) as response:
        assert response.status == 200
    assert all(text in frame for frame in await asyncio.gather(*heard))
    return server.cpu_seconds() - before


async def storm() -> str:
    """Everybody is cut off at once, and comes back at once for all that they have missed."""
    async with ModelServer(lambda body: SAID) as model:
        async with service(model.base_url, SETTINGS) as product, _client() as http:
            address = f"{product.address}/text2sql/websocket"
            sessions = [f"s{number}" for number in range(RETURNING)]
            whole: dict[str, int] = {}
            async with _few() as gate:
                for ws, name in zip(
                    await _connected(http, product, RETURNING, sessions), sessions, strict=True
                ):
                    gate(_fill(ws, name, whole))
            began = time.perf_counter()
            await asyncio.gather(*(_come_back(http, address, name, whole[name]) for name in sessions))
            seconds = time.perf_counter() - began
    frames = sum(whole.values())
    return (
        f"| {RETURNING} sessions resume at once | {seconds:.1f} s | at most 15 s | "
        f"{frames} frames were sent again, each once |"
    )


async def _come_back(http: aiohttp.ClientSession, address: str, name: str, frames: int) -> None:
    """Resume from the beginning: exactly the frames that there were, in order."""
    async with http.ws_connect(f"{address}?session_id={name}&last_sequence=0", max_msg_size=0) as ws:
        ack = orjson.loads(await ws.receive_str())["data"]
        assert (ack["resumed"], ack["replayed"]) == (True, frames), ack
        for sequence in range(1, frames + 1):
            assert orjson.loads(await ws.receive_str())["sequence"] == sequence


async def _fill(ws: aiohttp.ClientWebSocketResponse, name: str, whole: dict[str, int]) -> None:
    """Have one question answered, and be cut off."""
    whole[name] = await _ask_and_read(ws)
    response = ws._response  # cut off, not closed: no goodbye goes out
    assert response.connection is not None
    assert response.connection.transport is not None
    response.connection.transport.abort()


async def _ask_and_read(ws: aiohttp.ClientWebSocketResponse) -> int:
    """Ask, and read to the end: the last sequence."""
    await ws.send_str(
        orjson.dumps({"type": "query_request", "data": {"query": "q", "options": OPTIONS}}).decode()
    )
    while True:
        message = orjson.loads(await ws.receive_str())
        assert message["type"] != "query_error", message
        if message["type"] == "query_complete":
            return int(message["sequence"])


async def _beat(ws: aiohttp.ClientWebSocketResponse) -> None:
    await ws.send_str('{"type": "heartbeat", "data": {}}')
    while orjson.loads(await ws.receive_str())["type"] != "heartbeat":
        pass


async def _bytes_a_connection(server: Measured) -> float:
    async with _client() as http:
        await _settled(http, server)
        before = server.resident_bytes()
        sockets = await _connected(http, server, IDLE, greeted=False)
        found = (server.resident_bytes() - before) / IDLE
        await asyncio.gather(*(ws.close() for ws in sockets))
        return found


async def _settled(http: aiohttp.ClientSession, server: Measured) -> None:
    """A few connections come and go first: what is made once is made."""
    sockets = [await http.ws_connect(f"{server.address}/text2sql/websocket") for _ in range(50)]
    await asyncio.gather(*(ws.close() for ws in sockets))


async def _connected(
    http: aiohttp.ClientSession,
    server: Measured,
    count: int,
    sessions: list[str] | None = None,
    greeted: bool = True,
) -> Sockets:
    """So many connections, `AT_ONCE` at a time; their acks are read."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def connect(number: int) -> aiohttp.ClientWebSocketResponse:
        query = f"?session_id={sessions[number]}" if sessions else ""
        async with gate:
            ws = await http.ws_connect(f"{server.address}/text2sql/websocket{query}", max_msg_size=0)
            if greeted:
                assert orjson.loads(await ws.receive_str())["type"] == "connection_ack"
            return ws

    return list(await asyncio.gather(*map(connect, range(count))))


@asynccontextmanager
async def _few() -> AsyncIterator[Any]:
    """Starts what it is given, `AT_ONCE` at a time, and waits for all of it at the end."""
    gate = asyncio.Semaphore(AT_ONCE)
    tasks = []

    async def run(work: Any) -> None:
        async with gate:
            await work

    yield lambda work: tasks.append(asyncio.create_task(run(work)))
    await asyncio.gather(*tasks)


@asynccontextmanager
async def _client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        yield http


def _paced(body: dict[str, Any]) -> Iterator[Step]:
    """The SQL, and comments behind it, so many tokens a second."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number, word in enumerate([*SAID, *["-- and so on\n"] * (TOKENS - len(SAID))]):
        due = asyncio.Event()
        loop.call_at(started + number / TOKENS_A_SECOND, due.set)
        yield due
        yield word
