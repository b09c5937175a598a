"""`GET /metrics`: for a Prometheus server on this machine, or one that brings an administrator's token."""

from aiohttp import web

from text2sql_ws.metrics import CONTENT_TYPE, Levels
from text2sql_ws.web.identity import is_from_this_machine
from text2sql_ws.web.keys import HOUSE, House
from text2sql_ws.web.roles import require_admin


async def metrics(request: web.Request) -> web.Response:
    if not is_from_this_machine(request):
        require_admin(request)
    house = request.app[HOUSE]
    return web.Response(body=house.metrics.text(_levels(house)), headers={"Content-Type": CONTENT_TYPE})


def _levels(house: House) -> Levels:
    return Levels(
        sessions=len(house.hub),
        queries=len(house.queries.running()),
        outbox_bytes=house.connections.waiting_bytes,
        pools={source.name: source.engine.in_use for source in house.sources},
        up={service: state == "up" for service, state in house.prober.states().items()},
    )


ROUTES = (web.get("/metrics", metrics),)
