"""`GET /scm/websocket/ai/chat?userId=&sessionId=&token=&locale=`: the WebSocket of `scm` (`wire.md` 5)."""

import re
import uuid

from aiohttp import web

from text2sql_ws.dialects.scm import Scm
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.users import User
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.errors import locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.socket import Pulse
from text2sql_ws.web.sockets import SESSION_ID, upgraded

ANYONE = "anonymous"
USER_ID = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,128}")


async def chat(request: web.Request) -> web.StreamResponse:
    house = request.app[HOUSE]
    user, session_id = _user(request), _session_id(request)
    dialect = Scm(session_id, user.id, locale_of(request), house.settings.limits.question_chars)

    async def attend(connection: Connection) -> None:
        seat = house.scm.attach(session_id, user, connection, connection.id, dialect)
        try:
            await connection.serve(seat)
        finally:
            house.scm.detach(seat)

    heartbeat = house.settings.heartbeat
    pulse = Pulse(heartbeat.interval, heartbeat.scm_timeout)
    # Several connections share a session here, so each needs a place of its own.
    return await upgraded(request, dialect, session_id, pulse, attend, place_name=str(uuid.uuid4()))


def _user(request: web.Request) -> User:
    """Who asks: where nobody logs in, whom the address names. Raises `Fault` where a token says otherwise."""
    named = request.query.get("userId")
    if named is not None and not USER_ID.fullmatch(named):
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="userId", why=say("field.user_id")))
    user = request.app[DOORMAN].call(request, named or ANYONE)
    if named is not None and named != user.id:
        raise Fault(Code.INSUFFICIENT_PERMISSIONS, say("login.foreign_user"))
    return user


def _session_id(request: web.Request) -> str:
    session_id = request.query.get("sessionId") or str(uuid.uuid4())
    if not SESSION_ID.fullmatch(session_id):
        why = say("field.session_id")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="sessionId", why=why))
    return session_id


ENDPOINTS = (web.get("/scm/websocket/ai/chat", chat),)
