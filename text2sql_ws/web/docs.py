"""`/docs`: the manual, and both interfaces, as pages that need neither a script nor the internet."""

import html
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web
from markdown_it import MarkdownIt

from text2sql_ws.web.errors import json_response
from text2sql_ws.web.interface.asyncapi import asyncapi
from text2sql_ws.web.interface.openapi import openapi
from text2sql_ws.web.interface.reading import read_asyncapi, read_openapi
from text2sql_ws.web.keys import HOUSE

CACHE = "no-cache"

GUIDES: Mapping[str, str] = {
    "tutorial": "Ten minutes to your own database",
    "configuration": "Configuration",
    "dialects": "The five dialects",
    "http": "HTTP beyond the contract",
    "client": "The client library",
    "embedding": "Embedding in Python",
    "security": "Security",
    "operating": "Operating",
    "troubleshooting": "Troubleshooting by error code",
    "architecture": "Architecture",
    "benchmarks": "Benchmarks",
}
"""The manual's pages in the order in which one reads them: `docs/NAME.md`."""


async def openapi_json(_: web.Request) -> web.Response:
    return json_response(openapi())


async def asyncapi_json(_: web.Request) -> web.Response:
    return json_response(asyncapi())


async def index(request: web.Request) -> web.Response:
    guides = "".join(
        f'<li><a href="/docs/{name}">{html.escape(title)}</a></li>' for name, title in _present(request)
    )
    return _page(
        "Manual",
        f"<h1>text2sql-ws</h1><p>Version {openapi()['info']['version']}. Everything here is served by this "
        f"very installation.</p><h2>Guides</h2><ul>{guides}</ul>"
        '<h2>Interfaces</h2><ul><li><a href="/docs/http-interface">HTTP</a> '
        '(<a href="/openapi.json">OpenAPI 3.1</a>)</li><li><a href="/docs/websocket-interface">WebSocket</a> '
        '(<a href="/asyncapi.json">AsyncAPI 3.0</a>)</li></ul>'
        '<h2>Try it</h2><ul><li><a href="/playground">The playground</a>: every dialect, frame by frame</li>'
        '<li><a href="/static/examples/index.html">Examples of the client library</a></li></ul>',
        _present(request),
    )


async def page(request: web.Request) -> web.Response:
    name = request.match_info["page"]
    guides = list(_present(request))
    if name == "http-interface":
        return _page("HTTP", read_openapi(openapi()), guides)
    if name == "websocket-interface":
        return _page("WebSocket", read_asyncapi(asyncapi()), guides)
    if name not in dict(guides):
        raise web.HTTPNotFound
    written = (_folder(request) / f"{name}.md").read_text("utf-8")
    return _page(GUIDES[name], _rendered(written), guides)


async def picture(request: web.Request) -> web.StreamResponse:
    """A picture of the manual."""
    name = request.match_info["name"]
    path = _folder(request) / "images" / name
    if not re.fullmatch(r"[\w-]+\.webp", name, re.ASCII) or not path.is_file():
        raise web.HTTPNotFound
    # Not every Python knows the type by the file's name.
    return web.FileResponse(path, headers={"Cache-Control": CACHE, "Content-Type": "image/webp"})


def _folder(request: web.Request) -> Path:
    return request.app[HOUSE].docs_folder


def _present(request: web.Request) -> Iterable[tuple[str, str]]:
    folder = _folder(request)
    return [(name, title) for name, title in GUIDES.items() if (folder / f"{name}.md").is_file()]


def _rendered(markdown: str) -> str:
    """As HTML, raw HTML shown as text; links between the files of `docs/` lead to their pages."""
    linked = re.sub(r"\]\((?:docs/)?([\w-]+)\.md(#[\w-]+)?\)", r"](/docs/\1\2)", markdown)
    linked = re.sub(r"\]\((?:docs/)?images/", "](/docs/images/", linked)
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(linked)
    for heading, words in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", re.sub(r"[^\w]+", "-", words.content.lower()).strip("-"))
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return rendered.replace("<table>", '<div class="wide" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


def _page(title: str, content: str, guides: Iterable[tuple[str, str]]) -> web.Response:
    links: list[tuple[str, Any]] = [(f"/docs/{name}", words) for name, words in guides]
    links += [
        ("/docs/http-interface", "HTTP interface"),
        ("/docs/websocket-interface", "WebSocket interface"),
    ]
    listed = "".join(f'<a href="{address}">{html.escape(words)}</a>' for address, words in links)
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)} · text2sql-ws</title>
<link rel="icon" href="/static/img/logo.svg">
<link rel="stylesheet" href="/static/css/tokens.css">
<link rel="stylesheet" href="/static/css/docs.css">
</head>
<body>
<header><a class="home" href="/"><img src="/static/img/logo.svg" alt="" width="24" height="24">text2sql-ws</a>
<a href="/docs">Manual</a></header>
<nav aria-label="Manual">{listed}</nav>
<main>{content}</main>
</body>
</html>
"""
    return web.Response(
        text=text, content_type="text/html", charset="utf-8", headers={"Cache-Control": CACHE}
    )


ROUTES = (
    web.get("/openapi.json", openapi_json),
    web.get("/asyncapi.json", asyncapi_json),
    web.get("/docs", index),
    web.get("/docs/{page}", page),
    web.get("/docs/images/{name}", picture),
)
