"""Is the server alive; could it answer a question now?"""

import asyncio

from aiohttp import web

from text2sql_ws.datasources import DataSource
from text2sql_ws.errors import Fault
from text2sql_ws.probing import Prober
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import HOUSE

PROBE_SECONDS = 5.0


async def live(_: web.Request) -> web.Response:
    return json_response({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """Each data source and provider; 503 when no data source or no provider can answer.

    As the prober saw them last. A data source that it has not seen lately is looked at now; a provider is
    `configured` until something is known of it, for asking it would cost the operator tokens.
    """
    house = request.app[HOUSE]
    sources, prober = list(house.sources), house.prober
    states = await asyncio.gather(*(_seen(prober, source) for source in sources))
    names = [str(provider["name"]) for provider in house.providers.listing()]
    providers = {name: prober.state("provider", name) or "configured" for name in names}
    is_ready = "up" in states and any(state != "down" for state in providers.values())
    body = {
        "status": "ready" if is_ready else "not_ready",
        "datasources": {source.name: state for source, state in zip(sources, states, strict=True)},
        "providers": providers,
    }
    return json_response(body, 200 if is_ready else 503)


async def _seen(prober: Prober, source: DataSource) -> str:
    return prober.state("datasource", source.name) or await state_of(source)


async def state_of(source: DataSource) -> str:
    """`up` or `down`, within `PROBE_SECONDS`."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await source.engine.connect()
    except (Fault, TimeoutError):
        return "down"
    return "up"


ROUTES = (web.get("/health/live", live), web.get("/health/ready", ready))
