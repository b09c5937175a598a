"""The yardstick: the least that relays a model's tokens to a WebSocket with aiohttp alone. No product at all.

`python -m tests.benchmarks.bare_relay MODEL_URL` prints its address. One small JSON frame a token. A POST to
`/text2sql/broadcast` sends its body to every WebSocket, in the plainest loop there is.
"""

import asyncio
import sys

import aiohttp
import orjson
from aiohttp import web

MODEL_URL = web.AppKey("model_url", str)
CLIENT = web.AppKey("client", aiohttp.ClientSession)
SOCKETS = web.AppKey("sockets", set)


async def relay(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    request.app[SOCKETS].add(ws)
    try:
        async for message in ws:
            await _answer(request.app, ws, message.data)
    finally:
        request.app[SOCKETS].discard(ws)
    return ws


async def _answer(app: web.Application, ws: web.WebSocketResponse, question: str) -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": question}]}
    async with app[CLIENT].post(f"{app[MODEL_URL]}/chat/completions", json=body) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            choices = orjson.loads(line[6:])["choices"]
            delta = choices[0]["delta"].get("content") if choices else None
            if delta:
                await ws.send_str(orjson.dumps({"delta": delta}).decode())
    await ws.send_str('{"type": "query_complete"}')


async def broadcast(request: web.Request) -> web.Response:
    text = await request.text()
    for ws in request.app[SOCKETS]:
        await ws.send_str(text)
    return web.Response()


async def main(model_url: str) -> None:
    app = web.Application()
    app[MODEL_URL] = model_url
    app[CLIENT] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    app[SOCKETS] = set()
    app.add_routes([web.get("/text2sql/websocket", relay), web.post("/text2sql/broadcast", broadcast)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"ready: http://127.0.0.1:{runner.addresses[0][1]}/\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
