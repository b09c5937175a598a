"""What a token costs on its way from the model to the client: the product against a bare aiohttp relay.

Both relay the same streams in the same run, in turn; measured is the CPU time of each server's process per
token. The model and the clients live in this process and cost the servers nothing.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson

from tests.benchmarks.processes import Measured, bare_relay, service
from tests.support.model_server import ModelServer

ASK = orjson.dumps(
    {"type": "query_request", "data": {"query": "q", "options": {"explain": False, "visualize": False}}}
).decode()
MORE = (
    "[limits]\nqueries_per_session = 1000\nqueries = 1000\nconnections = 2000\nconnections_per_user = 2000\n"
)


async def _relayed(server: Measured, streams: int) -> float:
    """Let so many clients ask at once, read to the end; the server's CPU seconds."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        sockets = [await http.ws_connect(f"{server.address}/text2sql/websocket") for _ in range(streams)]
        before = server.cpu_seconds()
        await asyncio.gather(*map(_read_answer, sockets))
        spent = server.cpu_seconds() - before
        await asyncio.gather(*(ws.close() for ws in sockets))
        return spent


async def _read_answer(ws: aiohttp.ClientWebSocketResponse) -> None:
    await ws.send_str(ASK)
    while True:
        text = await ws.receive_str()
        if '"query_complete"' in text or '"query_error"' in text:
            return


def _words(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"w{number % 10} "


async def measure(streams: int, tokens: int, per_second: int | None, rounds: int = 3) -> tuple[float, float]:
    """Microseconds of CPU a token: the bare relay's and the product's, medians of `rounds` in turn."""

    def script(body: dict[str, Any]) -> Any:
        return _words(tokens) if per_second is None else _paced(tokens, per_second)

    async with ModelServer(script) as model:
        async with bare_relay(model.base_url) as bare, service(model.base_url, MORE) as product:
            await _relayed(bare, 2)
            await _relayed(product, 2)
            found: dict[int, list[float]] = {bare.pid: [], product.pid: []}
            for _ in range(rounds):
                for server in (bare, product):
                    found[server.pid].append(await _relayed(server, streams))
    medians = [sorted(found[server.pid])[rounds // 2] for server in (bare, product)]
    return medians[0] / streams / tokens * 1e6, medians[1] / streams / tokens * 1e6


def _paced(tokens: int, per_second: int) -> Iterator[Any]:
    """Deltas with a wait before each; the wait is an event that the loop sets when its time has come."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number, word in enumerate(_words(tokens)):
        due = asyncio.Event()
        loop.call_at(started + number / per_second, due.set)
        yield due
        yield word


LOADS: tuple[tuple[str, int, int, int | None, float], ...] = (
    ("40 streams at 25/s", 40, 100, 25, 1.3),
    ("400 streams at 25/s", 400, 50, 25, 1.0),
    ("4 streams as fast as they go", 4, 20_000, None, 0.4),
)


async def main() -> str:
    rows = []
    for name, streams, tokens, per_second, most in LOADS:
        bare, product = await measure(streams, tokens, per_second)
        rows.append(
            f"| relay a token, {name} | {product / bare:.2f} | at most {most} | "
            f"bare {bare:.1f} µs, product {product:.1f} µs of CPU |"
        )
    return "\n".join(rows)
