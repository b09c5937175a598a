"""`/api/v1/websocket`: what administrators do; recorded in the audit log before it is done (`wire.md` 4)."""

import asyncio
from typing import Literal, Self

from aiohttp import web
from pydantic import Field, model_validator

from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.texts import say
from text2sql_ws.web.admin import PREFIX, for_admins
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.controls import Audience
from text2sql_ws.web.errors import json_response, locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE

PING_SECONDS = 5.0


class AimedBroadcast(Incoming):
    message: str = Field(min_length=1, max_length=10_000)
    message_type: str = Field(default="system_status", min_length=1, max_length=100)
    target_type: Literal["broadcast", "user", "session"] = "broadcast"
    target_id: str | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _names_its_target(self) -> Self:
        if self.target_type != "broadcast" and self.target_id is None:
            raise ValueError(f"target_id is needed where target_type is {self.target_type}")
        return self


class Disconnect(Incoming):
    user_id: str = Field(min_length=1, max_length=200)
    reason: str = Field(default="", max_length=1000)


async def broadcast(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    body = read(AimedBroadcast, read_json(await read_text(request)))
    audience = Audience(body.target_type, body.target_id or "")
    sent = await house.controls.announce(_by(request), body.message, body.message_type, audience)
    return json_response(
        {
            "message": say("broadcast.sent").in_(locale_of(request)),
            "target_type": body.target_type,
            "target_id": body.target_id,
            "sent_to": sent,
            "total_connections": len(house.connections),
        }
    )


async def disconnect_user(request: web.Request) -> web.Response:
    body = read(Disconnect, read_json(await read_text(request)))
    closed = await request.app[HOUSE].controls.disconnect_user(_by(request), body.user_id, body.reason)
    return json_response({"user_id": body.user_id, "disconnected": closed})


async def disconnect(request: web.Request) -> web.Response:
    connection_id = request.match_info["connection_id"]
    await request.app[HOUSE].controls.disconnect(_by(request), connection_id)
    return json_response({"connection_id": connection_id, "disconnected": True})


async def ping(request: web.Request) -> web.Response:
    """Protocol pings to all of a user's connections at once; `latency_ms` is the time until the pong."""
    user_id, controls = request.match_info["user_id"], request.app[HOUSE].controls
    present = controls.of_user(user_id)
    await controls.recorded(_by(request), "user_pinged", user_id)
    bodies = await asyncio.gather(*map(_ping, present))
    return json_response({"user_id": user_id, "connections": bodies})


async def _ping(connection: Connection) -> dict[str, object]:
    seconds = await connection.ping(PING_SECONDS)
    latency = round(seconds * 1000, 3) if seconds is not None else None
    return {"connection_id": connection.id, "alive": seconds is not None, "latency_ms": latency}


def _by(request: web.Request) -> str:
    """The administrator who asks."""
    return request.app[DOORMAN].user(request).id


ROUTES = (
    web.post(f"{PREFIX}/broadcast", for_admins(broadcast)),
    web.post(f"{PREFIX}/users/disconnect", for_admins(disconnect_user)),
    web.delete(f"{PREFIX}/connections/{{connection_id}}", for_admins(disconnect)),
    web.post(f"{PREFIX}/ping/{{user_id}}", for_admins(ping)),
)
