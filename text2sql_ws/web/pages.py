"""The bundled page and its files; nothing on it comes from another host."""

from aiohttp import web

from text2sql_ws.web.keys import HOUSE

CACHE_STATIC = "no-cache"
"""Revalidated at each load (the answer is a 304): a new version is seen at once."""


async def index(request: web.Request) -> web.StreamResponse:
    page = request.app[HOUSE].static_folder / "index.html"
    return web.FileResponse(page, headers={"Cache-Control": CACHE_STATIC})


async def playground(request: web.Request) -> web.StreamResponse:
    """For those who write clients: every dialect's frames as they travel, beside what they amount to."""
    page = request.app[HOUSE].static_folder / "playground" / "index.html"
    return web.FileResponse(page, headers={"Cache-Control": CACHE_STATIC})


async def admin(request: web.Request) -> web.StreamResponse:
    """The monitor's page. Anyone may load it; what it shows asks for an administrator's token."""
    page = request.app[HOUSE].static_folder / "admin" / "index.html"
    return web.FileResponse(page, headers={"Cache-Control": CACHE_STATIC})


async def chat(request: web.Request) -> web.StreamResponse:
    """Conversations with several members, over `/ws/chat`."""
    page = request.app[HOUSE].static_folder / "chat" / "index.html"
    return web.FileResponse(page, headers={"Cache-Control": CACHE_STATIC})


async def vega_bundle(request: web.Request) -> web.StreamResponse:
    """Vega, Vega-Lite and Vega-Embed as one ES module, made of what pip installed."""
    bundle = await request.app[HOUSE].charts.read()
    return web.Response(
        body=bundle,
        content_type="text/javascript",
        charset="utf-8",
        headers={"Cache-Control": "max-age=86400"},
    )


def routes(house_static: str) -> list[web.AbstractRouteDef]:
    return [
        web.get("/", index),
        web.get("/admin", admin),
        web.get("/chat", chat),
        web.get("/playground", playground),
        web.get("/static/vega.js", vega_bundle),
        web.static("/static", house_static),
    ]
