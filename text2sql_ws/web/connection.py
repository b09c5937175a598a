"""One WebSocket connection: a reader, a writer, and how it ends. The shell between a socket and its session.

The reader (the handler itself) alone receives and waits for nothing slow; the writer (`outgoing.py`) alone
sends; `connections.py` ticks `check`. Who wants the connection gone calls `leave`; a farewell is said only
where the client still reads, else the transport is aborted, so that nobody ever waits for a dead peer.
"""

import asyncio
import math
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from aiohttp import WSMessage, WSMsgType, web

from text2sql_ws.allowance import Allowance, Strikes
from text2sql_ws.channel import Overwhelmed
from text2sql_ws.clock import Clock
from text2sql_ws.departures import (
    SHUTTING_DOWN,
    SILENT,
    TOKEN_EXPIRED,
    TOO_LARGE,
    TOO_MANY_MESSAGES,
    TOO_SLOW,
    Departure,
)
from text2sql_ws.dialects.dialect import Renderer
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Closing, HeartbeatSent, Notice
from text2sql_ws.happenings import Bulletin, MessageReceived
from text2sql_ws.sessions import Served, WayOut
from text2sql_ws.settings import Limits
from text2sql_ws.texts import say
from text2sql_ws.web.identity import Doorman, client_of
from text2sql_ws.web.outgoing import Outgoing, Ping, Pong, opcode_of
from text2sql_ws.web.socket import FAREWELL_SECONDS, Pulse, Socket, bound_buffers
from text2sql_ws.web.vitals import Vitals

log = structlog.get_logger()

BEAT_JITTER = 0.1
"""Each heartbeat comes up to this part of its interval early: a thousand connections must not beat as one."""


class Connection:
    """Lives as long as `serve` runs."""

    __slots__ = (
        "_allowance", "_beat_at", "_bulletin", "_clock", "_closed", "_departure", "_dialect", "_doorman",
        "_farewell", "_heard_at", "_limits", "_login", "_outgoing", "_pulse", "_request", "_session",
        "_strikes", "_way", "_ws", "id", "session_ids", "vitals",
    )  # fmt: skip

    def __init__(
        self,
        ws: Socket,
        request: web.Request,
        dialect: Renderer,
        clock: Clock,
        pulse: Pulse,
        limits: Limits,
        doorman: Doorman,
        bulletin: Bulletin,
    ) -> None:
        self.id = uuid.uuid4().hex
        self._ws = ws
        self._dialect = dialect
        self._request = request
        self._clock = clock
        self._pulse = pulse
        self._limits = limits
        self._doorman = doorman
        self._bulletin = bulletin
        self._login = doorman.login(request)
        self._allowance = Allowance(limits.messages_per_minute, limits.messages_per_minute)
        self._strikes = Strikes(limits.rate_strikes)
        self._session: Served | None = None
        self._way: WayOut | None = None  # the session's channel: a broadcast asks thousands for it
        self._departure: Departure | None = None
        self._outgoing: Outgoing | None = None
        self._farewell: asyncio.Task[None] | None = None
        self._heard_at = clock.monotonic()
        self._beat_at = self._next_beat(self._heard_at)
        self.vitals = Vitals(clock)
        self.session_ids: Callable[[], Sequence[str]] = tuple
        self._closed = asyncio.get_running_loop().create_future()
        bound_buffers(request.transport)

    async def serve(self, session: Served) -> None:
        """Relay between socket and session until either ends; returns when the socket is closed."""
        self._session, self._way = session, session.channel
        if self._departure is None:
            self._outgoing = Outgoing(self._request, session.channel, self._clock, self._abort)
            self._outgoing.start()
        try:
            await self._read(session)
        finally:
            await self._finish()

    def leave(self, departure: Departure) -> None:
        """Close the connection for this reason, unless it is closing already. Returns at once."""
        if self._departure is None:
            self._departure = departure
            if self._outgoing is not None:
                self._outgoing.stop()
            self._farewell = asyncio.create_task(self._say_farewell(departure))

    @property
    def sent(self) -> int:
        """Frames so far."""
        return self._outgoing.sent if self._outgoing is not None else 0

    @property
    def user_id(self) -> str:
        return self._login.user.id

    @property
    def is_admin(self) -> bool:
        return self._login.user.is_admin

    @property
    def is_alive(self) -> bool:
        """Whether it still answers, as far as is known."""
        return self._departure is None and not self.seems_dead()

    @property
    def dialect_name(self) -> str:
        return self._dialect.name

    @property
    def address(self) -> str:
        """The client's, behind whatever proxies."""
        return client_of(self._request)

    @property
    def waiting_bytes(self) -> int:
        """What waits for this client, roughly."""
        return self._session.channel.waiting_bytes if self._session is not None else 0

    @property
    def close_code(self) -> int | None:
        return self._ws.close_code

    def check(self, now: float, at: datetime) -> None:
        """At each tick: leave when the client is silent, takes nothing, or its token is over; else beat.

        The moment is the same for thousands: `now` by the steady clock, `at` by the other.
        """
        if self._login.expires_at <= at:
            self.leave(TOKEN_EXPIRED)
        elif now - self._heard_at > self._pulse.timeout:
            self.leave(SILENT)
        elif self._stuck_since is not None and self._is_stuck(now, self._stuck_since):
            self.leave(TOO_SLOW)
        elif now >= self._beat_at and self._session is not None:
            self._beat_at = self._next_beat(now)
            self._offer_heartbeat(self._session)

    def seems_dead(self) -> bool:
        """Whether the last heartbeat went unanswered for so long that its place may be given away."""
        patience = (self._pulse.interval + self._pulse.timeout) / 2
        return self._clock.monotonic() - self._heard_at > patience

    def count_message(self) -> None:
        """As `Attached` has it. Who is refused again and again has to leave."""
        now = self._clock.monotonic()
        wait = self._allowance.take(now)
        if wait == 0:
            return
        if self._strikes.add(now):
            self.leave(TOO_MANY_MESSAGES)
        seconds = math.ceil(wait)
        raise Fault(Code.RATE_LIMITED, say("limit.messages", seconds=seconds), retry_after=seconds)

    async def renew(self, token: str) -> datetime:
        """As `Attached` has it."""
        try:
            self._login = await self._doorman.renew(self._login, token)
        except Fault as fault:
            log.warning("token_not_renewed", security=True, user_id=self.user_id, why=fault.message.en)
            raise
        return self._login.expires_at

    async def gone(self) -> None:
        """Wait until the socket is closed and nothing of this connection runs; its farewell is bounded."""
        await asyncio.wait({self._closed})
        if self._outgoing is not None:
            await self._outgoing.stopped()
        if self._farewell is not None:
            await asyncio.wait({self._farewell})

    def tell(self, notice: Notice, at: datetime | None = None) -> bool:
        """Offer a notice in this connection's own form; false where it can't take it. Never waits.

        `at`: its time where many are told at once, who need not all ask for it.
        """
        if self._way is None or self._departure is not None:
            return False
        try:
            self._way.offer(notice, at)
        except Overwhelmed:
            self.leave(TOO_SLOW)
            return False
        return True

    async def ping(self, seconds: float) -> float | None:
        """The seconds until the client answers a protocol ping; `None` where it doesn't in time."""
        if self._session is None or self._departure is not None:
            return None
        if (payload := self.vitals.ping()) is not None:
            try:
                self._session.channel.offer_frame(Ping(payload))
            except Overwhelmed:
                self.leave(TOO_SLOW)
            return await self.vitals.answered(payload, seconds)
        return None

    # --- reader ---------------------------------------------------------------------------------

    async def refuse(self, departure: Departure) -> None:
        """Say why this connection can't be, and close it."""
        self.leave(departure)
        await self._finish()

    async def _read(self, session: Served) -> None:
        while self._departure is None:
            message = await self._ws.receive()
            if self._departure is not None or not self._take(message, session):
                return
            # What came in one packet is received without a pause; the writer needs its turn to answer it.
            await asyncio.sleep(0)

    def _take(self, message: WSMessage, session: Served) -> bool:
        """Take in one message; false when it was the last."""
        try:
            match message.type:
                case WSMsgType.TEXT:
                    self._heard_at = self._clock.monotonic()
                    self.vitals.message()
                    session.receive(message.data, self)
                    self._bulletin.tell(MessageReceived(session.id, self.user_id, len(message.data)))
                case WSMsgType.BINARY:
                    self._heard_at = self._clock.monotonic()
                    self.vitals.message()
                    session.refuse(Fault(Code.INVALID_MESSAGE, say("message.binary")), self)
                case WSMsgType.PING:
                    session.channel.offer_frame(Pong(message.data))
                case WSMsgType.PONG:
                    self.vitals.pong(message.data)
                    if self._pulse.by_protocol:
                        self._heard_at = self._clock.monotonic()
                case WSMsgType.ERROR if getattr(message.data, "code", None) == TOO_LARGE.code:
                    self.leave(TOO_LARGE)
                    return False
                case _:
                    return False
        except Overwhelmed:
            self.leave(TOO_SLOW)
            return False
        return True

    # --- the watch ------------------------------------------------------------------------------

    @property
    def _stuck_since(self) -> float | None:
        """Since when the client takes nothing, if so."""
        return self._outgoing.stuck_since if self._outgoing is not None else None

    def _is_stuck(self, now: float, since: float) -> bool:
        if self._session is None or not self._session.channel.is_crowded:
            return False
        return now - since > self._limits.slow_client_timeout

    def _next_beat(self, now: float) -> float:
        return now + self._pulse.interval * (1 - BEAT_JITTER * random.random())  # noqa: S311 - no secret

    def _offer_heartbeat(self, session: Served) -> None:
        self.vitals.beat()
        try:
            if self._pulse.by_protocol:
                session.channel.offer_frame(Ping())
            else:
                session.channel.offer(HeartbeatSent())
        except Overwhelmed:
            self.leave(TOO_SLOW)

    # --- the end --------------------------------------------------------------------------------

    async def _say_farewell(self, departure: Departure) -> None:
        """The last frame and the close frame where the client still reads; where not, a reset."""
        if self._outgoing is not None:
            await self._outgoing.stopped()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                if self._stuck_since is None:
                    await self._flush(departure)
                    closing = self._dialect.notice(Closing(departure.reason), self._clock.now())
                    await self._ws.send_frame(closing, WSMsgType.TEXT)
                    await self._ws.close_for_good(departure.code, departure.reason)
        except (TimeoutError, ConnectionError):
            pass
        self._abort()

    async def _flush(self, departure: Departure) -> None:
        """At shutdown what waits goes out first; who is replaced leaves it to the newer connection."""
        session = self._session
        if departure is not SHUTTING_DOWN or session is None:
            return
        while session.connection is self and (frame := session.channel.take_now()) is not None:
            await self._ws.send_frame(frame, opcode_of(frame))

    async def _finish(self) -> None:
        """Whatever ended the reader, and be it a cancel: no task and no socket is left behind."""
        try:
            await self._wind_up()
        finally:
            self._abort()
            if not self._closed.done():
                self._closed.set_result(None)
            await self._stop()

    async def _wind_up(self) -> None:
        if self._outgoing is not None:
            self._outgoing.stop()
            await self._outgoing.stopped()
        if self._farewell is not None:
            await asyncio.wait({self._farewell})
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                if self._stuck_since is None:
                    await self._ws.close_for_good(self._ws.close_code or 1000, "")
        except (TimeoutError, ConnectionError):
            pass

    async def _stop(self) -> None:
        """Whoever cancels the handler in the middle of a farewell ends the farewell too."""
        if self._farewell is not None:
            self._farewell.cancel()
            await asyncio.wait({self._farewell})

    def _abort(self) -> None:
        # The request's, and never one kept from before: asyncio's fails when it is aborted after its end.
        if self._request.transport is not None:
            self._request.transport.abort()
