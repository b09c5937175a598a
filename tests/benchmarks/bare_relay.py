"""The yardstick: the least that relays a model's tokens to a WebSocket with aiohttp alone. No product at all.

`python -m tests.benchmarks.bare_relay MODEL_URL` prints its address. One small JSON frame a token.
"""

import asyncio
import sys

import aiohttp
import orjson
from aiohttp import web

MODEL_URL = web.AppKey("model_url", str)
CLIENT = web.AppKey("client", aiohttp.ClientSession)


async def relay(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    async for _ in ws:
        await _answer(request.app, ws)
    return ws


async def _answer(app: web.Application, ws: web.WebSocketResponse) -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "q"}]}
    async with app[CLIENT].post(f"{app[MODEL_URL]}/chat/completions", json=body) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            choices = orjson.loads(line[6:])["choices"]
            delta = choices[0]["delta"].get("content") if choices else None
            if delta:
                await ws.send_str(orjson.dumps({"delta": delta}).decode())
    await ws.send_str('{"type": "query_complete"}')


async def main(model_url: str) -> None:
    app = web.Application()
    app[MODEL_URL] = model_url
    app[CLIENT] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    app.add_routes([web.get("/text2sql/websocket", relay)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"ready: http://127.0.0.1:{runner.addresses[0][1]}/\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
