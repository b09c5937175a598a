"""`/ws/chat` and `/ws/chat/session/{session_id}`: connections that meet in sessions (`wire.md` 4)."""

import re
import uuid

from aiohttp import web

from text2sql_ws.chat.members import Member
from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.departures import NOT_OWNER
from text2sql_ws.dialects import chat_frames
from text2sql_ws.dialects.chat import Chat
from text2sql_ws.errors import Code, Fault
from text2sql_ws.hub import Refused
from text2sql_ws.messages import Conversation
from text2sql_ws.texts import say
from text2sql_ws.users import User
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.errors import locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE, House
from text2sql_ws.web.socket import Pulse
from text2sql_ws.web.sockets import SESSION_ID, upgraded

ANONYMOUS = "anonymous"


async def chat(request: web.Request) -> web.StreamResponse:
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, ANONYMOUS)
    heartbeat, limits = house.settings.heartbeat, house.settings.limits
    conversation = await _conversation(house, user, name := _session_id(request))
    voice = Chat(locale_of(request), limits.question_chars)

    async def attend(connection: Connection) -> None:
        if name and conversation is None:
            raise Refused(NOT_OWNER)
        outbox = Outbox(voice, house.clock, limits.outbox_bytes)
        member = Member(user.id, name, locale_of(request), voice, outbox, house.chat, house.clock)
        member.connection, connection.session_ids = connection, member.session_ids
        house.chat.welcome(member)
        try:
            outbox.offer_frame(_established(house, connection, user, name))
            if conversation is not None:
                house.chat.seat(member, conversation)
            with house.courier.attending(user.id, user.is_admin, outbox):
                await connection.serve(member)
        finally:
            try:
                await member.aclose()
            finally:
                house.chat.farewell(member)

    # A place of its own: in chat no connection takes another's.
    pulse = Pulse(heartbeat.interval, heartbeat.timeout)
    return await upgraded(request, voice, name, pulse, attend, place_name=uuid.uuid4().hex)


async def _conversation(house: House, user: User, name: str) -> Conversation | None:
    """The session of the address; `None` where there is none, or it belongs to somebody else."""
    if not name:
        return None
    try:
        return await house.conversations.open("chat", user.id, name)
    except Fault as fault:
        if fault.code is Code.SESSION_NOT_FOUND:
            return None
        raise


def _session_id(request: web.Request) -> str:
    name = request.match_info.get("session_id", "")
    if name and not re.fullmatch(SESSION_ID, name):
        why = say("field.session_id")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="session_id", why=why))
    return name


def _established(house: House, connection: Connection, user: User, name: str) -> bytes:
    seconds = house.settings.heartbeat.interval
    return chat_frames.established(connection.id, user.id, name or None, house.clock.now(), seconds)


ENDPOINTS = (web.get("/ws/chat", chat), web.get("/ws/chat/session/{session_id}", chat))
