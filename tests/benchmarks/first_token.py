"""What the service adds between a question and its first token, over the model's own.

The model plays on loopback in this process and answers at once; the service is a process of its own, asked
over its WebSocket, in turn with a bare request for the same tokens by the same client.
"""

import statistics
import time

import aiohttp
import orjson

from tests.benchmarks.processes import service
from tests.support.model_server import ModelServer
from text2sql_ws.llm.client import ModelClient
from text2sql_ws.llm.model import Delta, Message
from text2sql_ws.settings import Provider

ROUNDS = 200
OFTEN = "[limits]\nmessages_per_minute = 100000\n"
SAID = ["```sql\n", "SELECT name ", "FROM cities", "\n```"]


async def measure() -> dict[str, float]:
    """Milliseconds: the medians of the bare request, of the service, and of what the service adds."""
    bare, through = [], []
    async with ModelServer(lambda body: SAID) as model, service(model.base_url, OFTEN) as measured:
        client = ModelClient("bare", Provider(base_url=model.base_url, model="m"))
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{measured.address}/text2sql/websocket") as ws:
                await ws.receive()
                for _ in range(20):
                    await _ask(ws)
                for _ in range(ROUNDS):
                    bare.append(await _bare(client))
                    through.append(await _ask(ws))
        await client.aclose()
    added = [mine - its for mine, its in zip(through, bare, strict=True)]
    return {name: statistics.median(values) * 1000 for name, values in
            (("bare", bare), ("service", through), ("added", added))}  # fmt: skip


async def _bare(client: ModelClient) -> float:
    started = time.perf_counter()
    heard = 0.0

    async def on_delta(_: Delta) -> None:
        nonlocal heard
        heard = heard or time.perf_counter()

    await client.stream([Message("user", "q")], on_delta)
    return heard - started


async def _ask(ws: aiohttp.ClientWebSocketResponse) -> float:
    """Seconds until the first `query_token`; the query is then read to its end."""
    started, heard = time.perf_counter(), 0.0
    data = {"query": "城市", "options": {"explain": False, "visualize": False}}
    await ws.send_str(orjson.dumps({"type": "query_request", "data": data}).decode())
    while True:
        kind = orjson.loads(await ws.receive_str())["type"]
        if kind == "query_token":
            heard = heard or time.perf_counter()
        if kind in ("query_complete", "query_error"):
            return heard - started


async def main() -> str:
    """A row of the table."""
    found = await measure()
    return (
        f"| first token, added by the service | {found['added']:.2f} ms | under 5 ms | "
        f"bare {found['bare']:.2f} ms, through the service {found['service']:.2f} ms, {ROUNDS} rounds |"
    )
