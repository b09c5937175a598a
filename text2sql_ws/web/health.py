"""Is the server alive; could it answer a question now?"""

import asyncio

from aiohttp import web

from text2sql_ws.datasources import DataSource
from text2sql_ws.errors import Fault
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import HOUSE

PROBE_SECONDS = 5.0


async def live(_: web.Request) -> web.Response:
    return json_response({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """Each data source and provider; 503 when no data source answers.

    A provider counts as ready while it is configured: asking it would cost the operator tokens.
    """
    house = request.app[HOUSE]
    sources = list(house.sources)
    states = await asyncio.gather(*map(state_of, sources))
    is_ready = "up" in states
    body = {
        "status": "ready" if is_ready else "not_ready",
        "datasources": {source.name: state for source, state in zip(sources, states, strict=True)},
        "providers": {str(provider["name"]): "configured" for provider in house.providers.listing()},
    }
    return json_response(body, 200 if is_ready else 503)


async def state_of(source: DataSource) -> str:
    """`up` or `down`, within `PROBE_SECONDS`."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await source.engine.connect()
    except (Fault, TimeoutError):
        return "down"
    return "up"


ROUTES = (web.get("/health/live", live), web.get("/health/ready", ready))
