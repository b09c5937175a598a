"""The dialect `steps` over HTTP: one request, one stream of server-sent events (`wire.md` 6).

The handler itself writes, and nobody else. A comment now and then keeps proxies awake, and shows that
a client has vanished. When one hangs up, aiohttp cancels the handler: what can't be resumed ends with it.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal

import structlog
from aiohttp import web
from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.dialects.incoming import Incoming, read, read_json, read_question
from text2sql_ws.dialects.steps import Form
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import HeartbeatSent
from text2sql_ws.happenings import UserConnected, UserGone
from text2sql_ws.streams import Stream, Terms
from text2sql_ws.texts import Locale, say
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.errors import json_response, locale_of
from text2sql_ws.web.identity import client_of
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.middleware import SECURITY_HEADERS
from text2sql_ws.web.socket import bound_buffers

log = structlog.get_logger()

PIECE_BYTES = 65_536

HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class Question(Incoming):
    question: str
    chat_id: int | str | None = None
    enhanced_streaming: bool | None = None
    datasource: str | None = None
    event_format: Literal["steps", "progress"] | None = None
    resumable: bool | None = None
    locale: Locale | None = None
    cache: bool | None = None
    provider: str | None = None
    model: str | None = None


class Retry(Incoming):
    stepId: str = Field(min_length=1, max_length=100)  # noqa: N815 - as the wire has it


async def begin(request: web.Request) -> web.StreamResponse:
    """`POST /api/chat/enhanced-question`"""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    body = read(Question, read_json(await read_text(request)))
    ask = _ask(body, locale_of(request), house.settings.limits.question_chars)
    terms, stream_id = Terms(user.id, _form(body), body.resumable or False), str(uuid.uuid4())
    with _place(request, stream_id):
        return await _send(request, house.streams.open(stream_id, ask, terms))


async def go_on(request: web.Request) -> web.StreamResponse:
    """`GET …/{stream_id}?after=SEQ`"""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    after, stream_id = _after(request), request.match_info["stream_id"]
    with _place(request, stream_id):
        return await _send(request, await house.streams.resume(stream_id, user.id, after))


async def cancel(request: web.Request) -> web.Response:
    """`DELETE …/{stream_id}`"""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    stream_id = request.match_info["stream_id"]
    house.streams.cancel(stream_id, user.id)
    return json_response({"stream_id": stream_id, "cancelled_at": iso(house.clock.now())})


async def retry(request: web.Request) -> web.StreamResponse:
    """`POST …/{stream_id}/retry` `{"stepId"}`"""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, "anonymous")
    body = read(Retry, read_json(await read_text(request)))
    stream_id, new_id = request.match_info["stream_id"], str(uuid.uuid4())
    with _place(request, new_id):
        return await _send(request, house.streams.retry(stream_id, user.id, body.stepId, new_id))


class _Reader:
    """The response that a stream is told to; it gives up when its client takes nothing, or when told to.

    It ends, and says why, when the token that it was asked for with expires.
    """

    def __init__(self, request: web.Request, stream: Stream) -> None:
        limits = request.app[HOUSE].settings.limits
        self.gone = asyncio.Event()
        self._request = request
        self._stream = stream
        self._clock = request.app[HOUSE].clock
        self._slow_seconds = limits.slow_client_timeout
        self._comment_seconds = request.app[HOUSE].settings.heartbeat.stream_interval
        self._expires_at = request.app[DOORMAN].login(request).expires_at
        self._patience: asyncio.Timeout | None = None
        self._is_leaving = False

    def leave(self) -> None:
        self._is_leaving = True
        if self._patience is not None:  # it waits for a frame, or for its client to take one
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def tell(self, response: web.StreamResponse) -> None:
        """Everything to the stream's end. Cuts the connection where the client can't have all of it."""
        try:
            while not self._stream.is_over and not self._is_leaving:
                if self._seconds_left <= 0:
                    await self._write(response, self._farewell())
                    break
                await self._write(response, await self._next())
            if not self._is_leaving:
                async with self._patiently(self._slow_seconds):
                    await response.write_eof()
                return
        except (TimeoutError, ConnectionError):
            log.info("stream_cut_short", stream_id=self._stream.id, told_to_leave=self._is_leaving)
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _next(self) -> bytes:
        """The next frame, or a comment when there was none for a while."""
        try:
            async with self._patiently(min(self._comment_seconds, self._seconds_left)):
                return await self._stream.channel.take()
        except TimeoutError:
            return self._stream.dialect.notice(HeartbeatSent(), self._clock.now())

    @property
    def _seconds_left(self) -> float:
        """Until the token expires."""
        return (self._expires_at - self._clock.now()).total_seconds()

    def _farewell(self) -> bytes:
        """A stream that may be resumed goes on behind the last event: what is said here takes no number."""
        stream = self._stream
        log.info("stream_token_expired", stream_id=stream.id, user_id=stream.terms.user_id)
        fault = Fault(Code.AUTHENTICATION_FAILED, say("login.expired"))
        last, is_over = stream.channel.last_sequence, not stream.terms.resumable
        locale, now = stream.query.ask.locale, self._clock.now()
        return stream.dialect.farewell(fault, locale, now, last, counted=is_over)

    async def _write(self, response: web.StreamResponse, frame: bytes) -> None:
        for start in range(0, len(frame), PIECE_BYTES):
            async with self._patiently(self._slow_seconds):
                await response.write(frame[start : start + PIECE_BYTES])

    @asynccontextmanager
    async def _patiently(self, seconds: float) -> AsyncIterator[None]:
        """Waits so long, or until it is told to leave; then `TimeoutError`."""
        try:
            async with asyncio.timeout(seconds) as self._patience:
                yield
        finally:
            self._patience = None


@contextmanager
def _place(request: web.Request, name: str) -> Iterator[None]:
    """One of the places that the user's connections may take, for as long as the block runs."""
    house, user = request.app[HOUSE], request.app[DOORMAN].user(request)
    with house.connections.place(user.id, name) as place:
        if place is None:
            limit = house.settings.limits.connections_per_user
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("stream.no_place", limit=limit))
        yield


@contextmanager
def _told(request: web.Request, stream: Stream) -> Iterator[None]:
    """Tell the house that somebody reads the stream while the block runs, and then no more."""
    house, user_id, reading = request.app[HOUSE], stream.terms.user_id, uuid.uuid4().hex
    began, address, name = house.clock.monotonic(), client_of(request), stream.dialect.name
    house.bulletin.tell(UserConnected(reading, user_id, name, stream.id, address))
    try:
        yield
    finally:
        seconds = house.clock.monotonic() - began
        house.bulletin.tell(UserGone(reading, user_id, name, stream.id, None, seconds))


async def _send(request: web.Request, stream: Stream) -> web.StreamResponse:
    house, reader = request.app[HOUSE], _Reader(request, stream)
    with house.streams.read_by(stream, reader), _told(request, stream):
        bound_buffers(request.transport)
        response = web.StreamResponse(headers=SECURITY_HEADERS | HEADERS | {"X-Stream-Id": stream.id})
        await response.prepare(request)
        await reader.tell(response)
    return response


def _ask(body: Question, locale: Locale, most_chars: int) -> Ask:
    is_enhanced = body.enhanced_streaming or False
    return Ask(
        question=read_question(body.question, most_chars),
        datasource=DataSourceChoice(body.datasource),
        provider=body.provider,
        model=body.model,
        locale=body.locale or locale,
        explain=is_enhanced,
        visualize=is_enhanced,
        conversation_id=None if body.chat_id is None else str(body.chat_id)[:200] or None,
        cache=True if body.cache is None else body.cache,
    )


def _form(body: Question) -> Form:
    return (body.event_format or "steps") if body.enhanced_streaming else "simple"


def _after(request: web.Request) -> int:
    after = request.query.get("after", "0")
    if not re.fullmatch(r"\d{1,15}", after, re.ASCII):
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="after", why=say("field.integer")))
    return int(after)


ADDRESS = "/api/chat/enhanced-question"

ROUTES = (
    web.post(ADDRESS, begin),
    # Not for HEAD: a stream that is asked for without its body would be told to nobody.
    web.get(f"{ADDRESS}/{{stream_id}}", go_on, allow_head=False),
    web.delete(f"{ADDRESS}/{{stream_id}}", cancel),
    web.post(f"{ADDRESS}/{{stream_id}}/retry", retry),
)
