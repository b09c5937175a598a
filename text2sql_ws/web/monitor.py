"""`/ws/admin/monitor`, for administrators (`wire.md` 4)."""

import uuid

from aiohttp import web

from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.dialects import monitor as wire
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.errors import locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.roles import require_admin
from text2sql_ws.web.socket import Pulse
from text2sql_ws.web.sockets import upgraded
from text2sql_ws.web.tower import Watcher


async def monitor(request: web.Request) -> web.StreamResponse:
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    require_admin(request)
    locale, heartbeat = locale_of(request), house.settings.heartbeat
    voice = wire.Monitor(locale)

    async def attend(connection: Connection) -> None:
        outbox = Outbox(voice, house.clock, house.settings.limits.outbox_bytes)
        watcher = Watcher(user.id, locale, outbox, house.controls, house.clock, house.tower)
        watcher.connection = connection
        house.tower.enter(watcher)
        try:
            await connection.serve(watcher)
        finally:
            house.tower.leave(watcher)
            await watcher.aclose()

    pulse = Pulse(heartbeat.interval, heartbeat.timeout, by_protocol=True)
    return await upgraded(request, voice, "", pulse, attend, place_name=uuid.uuid4().hex)


ENDPOINTS = (web.get("/ws/admin/monitor", monitor),)
