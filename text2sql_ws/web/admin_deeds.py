"""`/api/v1/websocket`: what administrators do; recorded in the audit log before it is done (`wire.md` 4)."""

import asyncio
from typing import Annotated, Literal, Self

from aiohttp import web
from pydantic import ConfigDict, Field, model_validator

from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.notifications import Channel, Kind
from text2sql_ws.texts import say
from text2sql_ws.web.admin import PREFIX, for_admins
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.controls import Audience
from text2sql_ws.web.errors import json_response, locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE

PING_SECONDS = 5.0
USERS = 1000

UserId = Annotated[str, Field(min_length=1, max_length=200)]


class AimedBroadcast(Incoming):
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"target_type": {"enum": ["user", "session"]}}, "required": ["target_type"]},
            "then": {"properties": {"target_id": {"type": "string"}}, "required": ["target_id"]},
        }
    )

    message: str = Field(min_length=1, max_length=10_000)
    message_type: str = Field(default="system_status", min_length=1, max_length=100)
    target_type: Literal["broadcast", "user", "session"] = "broadcast"
    target_id: str | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _names_its_target(self) -> Self:
        if self.target_type != "broadcast" and self.target_id is None:
            raise ValueError(f"target_id is needed where target_type is {self.target_type}")
        return self


class Notify(Incoming):
    """To one user, to some, or to all: exactly one of the three is given."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"properties": {"user_id": {"type": "string"}}, "required": ["user_id"]},
                {"properties": {"user_ids": {"type": "array"}}, "required": ["user_ids"]},
                {"properties": {"all": {"const": True}}, "required": ["all"]},
            ]
        }
    )

    user_id: str | None = Field(default=None, min_length=1, max_length=200)
    user_ids: list[UserId] | None = Field(default=None, min_length=1, max_length=USERS)
    all: bool = False
    title: str = Field(min_length=1, max_length=200)
    message: str = Field(min_length=1, max_length=10_000)
    type: Kind = "info"
    channels: list[Channel] = Field(default=["websocket"], min_length=1, max_length=4)
    action_url: str | None = Field(default=None, min_length=1, max_length=2000)
    auto_close: bool = False

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Self:
        if [self.user_id is not None, self.user_ids is not None, self.all].count(True) != 1:
            raise ValueError("exactly one of user_id, user_ids and all is needed")
        return self

    @property
    def to(self) -> list[str] | Literal["everyone"]:
        return "everyone" if self.all else self.user_ids or [self.user_id or ""]


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


async def notify(request: web.Request) -> web.Response:
    """Kept for whom it is for until they took it: a user need not be here to be notified."""
    house = request.app[HOUSE]
    body = read(Notify, read_json(await read_text(request)))
    subject = "*" if body.all else ",".join(body.to)
    what = {"to": body.to, "title": body.title, "type": body.type, "channels": body.channels}
    await house.controls.recorded(_by(request), "notified", subject, **what)
    ids = await house.notifications.send(
        body.to, body.title, body.message, body.type, body.channels, body.action_url, body.auto_close
    )
    return json_response({"notification_ids": ids, "channels": body.channels})


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
    web.post(f"{PREFIX}/notify", for_admins(notify)),
    web.post(f"{PREFIX}/ping/{{user_id}}", for_admins(ping)),
)
