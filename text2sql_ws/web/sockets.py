"""The WebSocket addresses. Each handler finds out who is there, gives them their session, and serves it."""

import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from aiohttp import web

from text2sql_ws.channel import Channel
from text2sql_ws.departures import NO_PLACE
from text2sql_ws.dialects.dialect import Renderer
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import ConnectionRefused, UserConnected, UserGone
from text2sql_ws.hub import Claim, Refused
from text2sql_ws.sessions import Session
from text2sql_ws.texts import Locale, say
from text2sql_ws.turns import Outspoken, Turns
from text2sql_ws.users import User
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.identity import client_of
from text2sql_ws.web.keys import DOORMAN, HOUSE, House
from text2sql_ws.web.socket import Pulse, Socket

log = structlog.get_logger()

SESSION_ID = re.compile(r"[\w.:@+~-]{1,128}", re.ASCII)


async def text2sql(request: web.Request) -> web.StreamResponse:
    """`GET /text2sql/websocket?session_id=&last_sequence=&epoch=&locale=` (`wire.md` 2)."""
    house = request.app[HOUSE]
    user = request.app[DOORMAN].user(request)
    session_id = _session_id(request)
    claim = _claim(request)
    dialect = _dialect(house, session_id, user, _locale(request))

    def new_session(name: str, owner: User) -> Session:
        limits = house.settings.limits
        channel = Channel(dialect, house.clock, limits.outbox_bytes, limits.resume_bytes)
        return Session(name, owner, dialect, channel, house.queries, house.book)

    async def attend(connection: Connection) -> None:
        session = house.hub.attach(session_id, user, connection, claim, new_session)
        try:
            await connection.serve(session)
        finally:
            house.hub.detach(session, connection)

    heartbeat = house.settings.heartbeat
    return await upgraded(request, dialect, session_id, Pulse(heartbeat.interval, heartbeat.timeout), attend)


async def plain(request: web.Request) -> web.StreamResponse:
    """`GET /ws?stream=delta|cumulative` (`wire.md` 3): each connection is a session of its own."""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    limits, heartbeat, session_id = house.settings.limits, house.settings.heartbeat, str(uuid.uuid4())
    dialect = Outspoken(
        session_id,
        limits.question_chars,
        limits.whole_result_bytes,
        house.withheld,
        cumulative=_stream(request) == "cumulative",
    )

    async def attend(connection: Connection) -> None:
        turns = Turns(
            session_id,
            user.id,
            dialect,
            house.queries,
            house.clock,
            limits.outbox_bytes,
            limits.waiting_questions,
        )
        turns.connection = connection
        try:
            await connection.serve(turns)
        finally:
            turns.close()

    pulse = Pulse(heartbeat.interval, heartbeat.timeout, by_protocol=True)
    return await upgraded(request, dialect, session_id, pulse, attend)


async def upgraded(
    request: web.Request,
    dialect: Renderer,
    name: str,
    pulse: Pulse,
    attend: Callable[[Connection], Awaitable[None]],
    place_name: str | None = None,
) -> Socket:
    """Upgrade to a WebSocket of the session `name`, and let `attend` serve it.

    Its place is held under `place_name`: the session's own where a newer connection of it replaces the older.
    Whoever there is no place for, or `attend` refuses (`Refused`), hears why before the socket is closed.
    """
    house, doorman = request.app[HOUSE], request.app[DOORMAN]
    limits = house.settings.limits
    with house.connections.place(doorman.user(request).id, place_name or name) as place:
        ws = Socket(request, limits.max_message_bytes)
        await ws.prepare(request)
        connection = Connection(ws, request, dialect, house.clock, pulse, limits, doorman, house.bulletin)
        house.connections.watch(connection, place)
        try:
            if place is None:
                raise Refused(NO_PLACE)
            connection.session_ids = lambda: (name,) if name else ()
            with _told(request, dialect, name, connection):
                await attend(connection)
        except Refused as refused:
            house.bulletin.tell(ConnectionRefused(connection.user_id, str(refused.departure.code)))
            await connection.refuse(refused.departure)
        finally:
            house.connections.forget(connection)
    return ws


@contextmanager
def _told(request: web.Request, dialect: Renderer, name: str, connection: Connection) -> Iterator[None]:
    """Tell the house that a user is connected while the block runs, and then gone."""
    house, connection_id, user_id = request.app[HOUSE], connection.id, connection.user_id
    began = house.clock.monotonic()
    house.bulletin.tell(UserConnected(connection_id, user_id, dialect.name, name, client_of(request)))
    log.info("connected", dialect=dialect.name, session_id=name, user_id=user_id)
    try:
        yield
    finally:
        seconds, code = house.clock.monotonic() - began, connection.close_code
        log.info("disconnected", dialect=dialect.name, session_id=name, user_id=user_id, code=code)
        house.bulletin.tell(UserGone(connection_id, user_id, dialect.name, name, code, seconds))


def _dialect(house: House, session_id: str, user: User, locale: Locale) -> Text2Sql:
    return Text2Sql(session_id, user.wire_id, locale, house.settings.limits.question_chars)


def _session_id(request: web.Request) -> str:
    session_id = request.query.get("session_id") or str(uuid.uuid4())
    if not SESSION_ID.fullmatch(session_id):
        why = say("field.session_id")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="session_id", why=why))
    return session_id


def _claim(request: web.Request) -> Claim:
    last = request.query.get("last_sequence") or None
    if last is not None and not re.fullmatch(r"\d{1,15}", last):
        why = say("field.integer")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="last_sequence", why=why))
    return Claim(None if last is None else int(last), request.query.get("epoch") or None)


def _locale(request: web.Request) -> Locale:
    return "en" if request.query.get("locale") == "en" else "zh"


def _stream(request: web.Request) -> str:
    given = request.query.get("stream") or "delta"
    if given not in ("delta", "cumulative"):
        why = say("field.one_of", known="delta, cumulative")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="stream", why=why))
    return given


ENDPOINTS = (web.get("/text2sql/websocket", text2sql), web.get("/ws", plain))
"""Address by address, the dialects that are spoken over WebSocket."""
