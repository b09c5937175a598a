"""How soon a cancelled query stops costing: until its end is told, and until the model's stream is closed."""

import asyncio
import itertools
import statistics
import time

import aiohttp
import orjson

from tests.benchmarks.processes import service
from tests.support.model_server import ModelServer

ROUNDS = 100


async def measure() -> tuple[float, float]:
    """Milliseconds from a cancel amid tokens: to the query's end, to the end of the model's stream."""
    told, closed = [], []
    async with (
        ModelServer(lambda body: itertools.repeat("SELECT ")) as model,
        service(model.base_url) as product,
    ):
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{product.address}/text2sql/websocket", max_msg_size=0) as ws:
                for _ in range(ROUNDS):
                    await _send(ws, "query_request", query="城市", options={"explain": False})
                    query_id = (await _until(ws, "query_start"))["query_id"]
                    await _until(ws, "query_token")
                    began = time.perf_counter()
                    await _send(ws, "query_cancel", query_id=query_id)
                    async with asyncio.TaskGroup() as both:
                        end = both.create_task(_timed(_until(ws, "query_cancel")))
                        gone = both.create_task(_timed(model.streams_closed()))
                    told.append(end.result() - began)
                    closed.append(gone.result() - began)
    return statistics.median(told) * 1000, statistics.median(closed) * 1000


async def _timed(waited: object) -> float:
    await waited  # type: ignore[misc]
    return time.perf_counter()


async def _send(ws: aiohttp.ClientWebSocketResponse, kind: str, **data: object) -> None:
    await ws.send_str(orjson.dumps({"type": kind, "data": data}).decode())


async def _until(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, object]:
    while not (frame := await ws.receive_str()).startswith(f'{{"type":"{kind}"'):
        pass
    data: dict[str, object] = orjson.loads(frame)["data"]
    return data


async def main() -> str:
    """Rows of the table."""
    told, closed = await measure()
    return (
        f"| from a cancel amid tokens to the query's end | {told:.1f} ms | under 1 s | median of {ROUNDS} |\n"
        f"| and to the end of the model's stream | {closed:.1f} ms | under 1 s | |"
    )
