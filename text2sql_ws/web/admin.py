"""`/api/v1/websocket`: what administrators ask; what they do is in `admin_deeds.py` (`wire.md` 4).

Every address asks for an administrator, in one place (`for_admins`); an unknown id is a 404.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from text2sql_ws.clock import iso
from text2sql_ws.notifications import PAGE_SIZE
from text2sql_ws.web import figures
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.notices import body_of
from text2sql_ws.web.numbers import number_of
from text2sql_ws.web.roles import require_admin

PREFIX = "/api/v1/websocket"
EVENTS = 100

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def for_admins(handler: Handler) -> Handler:
    """The same for administrators, and a 403 for everybody else."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        request.app[DOORMAN].call(request, "anonymous")
        require_admin(request)
        return await handler(request)

    return guarded


async def stats(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    return json_response(figures.stats(house.connections, house.tally))


async def connections(request: web.Request) -> web.Response:
    bodies = [figures.connection_body(connection) for connection in request.app[HOUSE].connections]
    return json_response({"connections": bodies, "total": len(bodies)})


async def one_connection(request: web.Request) -> web.Response:
    controls = request.app[HOUSE].controls
    return json_response(figures.connection_body(controls.connection(request.match_info["connection_id"])))


async def of_user(request: web.Request) -> web.Response:
    user_id = request.match_info["user_id"]
    present = request.app[HOUSE].controls.of_user(user_id)
    bodies = [figures.connection_body(connection) for connection in present]
    return json_response({"user_id": user_id, "connections": bodies, "total": len(bodies)})


async def sessions(request: web.Request) -> web.Response:
    bodies = figures.session_bodies(request.app[HOUSE].connections)
    return json_response({"sessions": bodies, "total": len(bodies)})


async def of_session(request: web.Request) -> web.Response:
    session_id = request.match_info["session_id"]
    present = request.app[HOUSE].controls.of_session(session_id)
    bodies = [figures.connection_body(connection) for connection in present]
    return json_response({"session_id": session_id, "connections": bodies, "total": len(bodies)})


async def online_users(request: web.Request) -> web.Response:
    bodies = figures.user_bodies(request.app[HOUSE].connections)
    return json_response({"users": bodies, "total": len(bodies)})


async def health(request: web.Request) -> web.Response:
    """503 where the storage fails: nothing could be kept, and no deed recorded."""
    house = request.app[HOUSE]
    storage = "up" if await house.audit.is_readable() else "down"
    places = house.settings.limits.connections
    body = {
        "status": "healthy" if storage == "up" else "unhealthy",
        "storage": storage,
        "connections": {"open": len(house.connections), "limit": places},
        "error_rate": round(house.tally.rate().value, 4),
        "uptime_seconds": round(house.tally.uptime_seconds, 3),
        "server_time": iso(house.clock.now()),
    }
    return json_response(body, 200 if storage == "up" else 503)


async def events(request: web.Request) -> web.Response:
    """`?limit=`: so many of the latest connects, disconnects and errors, the latest first."""
    latest = request.app[HOUSE].tally.latest()[: number_of(request, "limit", EVENTS, EVENTS)]
    return json_response({"events": [figures.event_body(noted) for noted in latest], "total": len(latest)})


async def notifications(request: web.Request) -> web.Response:
    """`?limit=`: so many of everybody's, the latest first; `user_id` may be `*` or `administrators`."""
    limit = number_of(request, "limit", PAGE_SIZE, PAGE_SIZE)
    latest = await request.app[HOUSE].notifications.latest(limit)
    bodies = [body_of(one) | {"user_id": one.whom} for one in latest]
    return json_response({"notifications": bodies, "total": len(bodies)})


ROUTES = tuple(
    web.get(f"{PREFIX}/{path}", for_admins(handler))
    for path, handler in (
        ("stats", stats),
        ("connections", connections),
        ("connections/{connection_id}", one_connection),
        ("users/{user_id}/connections", of_user),
        ("sessions", sessions),
        ("sessions/{session_id}/connections", of_session),
        ("online-users", online_users),
        ("health", health),
        ("events", events),
        ("notifications", notifications),
    )
)
