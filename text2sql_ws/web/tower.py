"""The monitor: who is watching, what they are told unasked, and the commands that they give."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, assert_never

import structlog

from text2sql_ws.channel import Overwhelmed
from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.clock import Clock
from text2sql_ws.commands import RefreshToken
from text2sql_ws.departures import TOO_SLOW
from text2sql_ws.dialects import flat
from text2sql_ws.dialects import monitor as wire
from text2sql_ws.dialects.monitor import Broadcast, DisconnectUser, GetStats, MonitorCommand, Ping
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import HeartbeatAnswered, TokenRefreshed
from text2sql_ws.happenings import Happening, QueryOver, UserConnected, UserGone
from text2sql_ws.sessions import Attached
from text2sql_ws.tally import Tally
from text2sql_ws.texts import Locale, say
from text2sql_ws.web.controls import Audience, Controls

log = structlog.get_logger()

ERRANDS = 16
ALERT_FROM = 10
"""So many queries must have ended within the window before their rate says anything."""


class Watcher:
    """One administrator's connection to the monitor."""

    def __init__(
        self, user_id: str, locale: Locale, outbox: Outbox, controls: Controls, clock: Clock, tower: "Tower"
    ) -> None:
        self.id = ""
        self.locale = locale
        self.connection: Attached | None = None
        self.channel = outbox
        self._user_id = user_id
        self._voice = wire.Monitor(locale)
        self._controls = controls
        self._clock = clock
        self._tower = tower
        self._errands: set[asyncio.Task[None]] = set()

    def receive(self, text: str, sender: Attached) -> None:
        try:
            command = self._read(text, sender)
            self._carry_out(command, sender)
        except Fault as fault:
            self._answer(fault, flat.kind_of(text))

    def refuse(self, fault: Fault, sender: Attached) -> None:
        try:
            sender.count_message()
        except Fault as limited:
            fault = limited
        self._answer(fault, None)

    def hear(self, frame: bytes) -> None:
        """Be told something. Whoever doesn't read is dropped."""
        try:
            self.channel.push(frame)
        except Overwhelmed:
            if self.connection is not None:
                self.connection.leave(TOO_SLOW)

    async def aclose(self) -> None:
        self.channel.close()
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    def _read(self, text: str, sender: Attached) -> MonitorCommand:
        try:
            command = self._voice.parse(text)
        except Fault:
            sender.count_message()
            raise
        if not isinstance(command, Ping):
            sender.count_message()
        return command

    def _carry_out(self, command: MonitorCommand, sender: Attached) -> None:
        match command:
            case Ping():
                self.channel.offer(HeartbeatAnswered())
            case GetStats():
                self.hear(self._tower.stats())
            case DisconnectUser(user_id=user_id, reason=reason):
                self._run("disconnect_user", self._disconnect(user_id, reason))
            case Broadcast(message=message):
                self._run("broadcast", self._broadcast(message))
            case RefreshToken(token=token):
                self._run("refresh_token", self._renew(token, sender))
            case other:
                assert_never(other)

    async def _disconnect(self, user_id: str, reason: str) -> None:
        count = await self._controls.disconnect_user(self._user_id, user_id, reason)
        self._result("disconnect_user", True, {"user_id": user_id, "disconnected": count})

    async def _broadcast(self, message: str) -> None:
        sent = await self._controls.announce(self._user_id, message, "system_status", Audience())
        self._result("broadcast", True, {"sent_to": sent})

    async def _renew(self, token: str, sender: Attached) -> None:
        self.channel.offer(TokenRefreshed(await sender.renew(token)))

    def _run(self, command: str, errand: Coroutine[Any, Any, None]) -> None:
        if len(self._errands) >= ERRANDS:
            errand.close()
            raise Fault(Code.RATE_LIMITED, say("message.too_many"))
        task = asyncio.create_task(self._done(command, errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _done(self, command: str, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except Overwhelmed:
            if self.connection is not None:
                self.connection.leave(TOO_SLOW)
        except Fault as fault:
            if command == "refresh_token":
                self.hear(flat.error(fault, self._clock.now(), self.locale, request=command))
            else:
                self._result(command, False, fault.message.in_(self.locale))

    def _result(self, command: str, ok: bool, detail: Any) -> None:
        self.hear(wire.command_result(command, ok, detail, self._clock.now()))

    def _answer(self, fault: Fault, request: str | None) -> None:
        self.channel.offer_frame(flat.error(fault, self._clock.now(), self.locale, request=request))


class Tower:
    """Everybody at the monitor. Told of users and queries by the bulletin; tells the figures by itself."""

    def __init__(
        self,
        clock: Clock,
        tally: Tally,
        figures: Callable[[], dict[str, Any]],
        interval: float,
        error_rate: float,
    ) -> None:
        self._clock = clock
        self._tally = tally
        self._figures = figures
        self._interval = interval
        self._error_rate = error_rate
        self._watchers: dict[Watcher, None] = {}
        self._connections: dict[str, int] = {}
        self._alerted = False

    def stats(self) -> bytes:
        return wire.stats_update(self._figures(), self._clock.now())

    def enter(self, watcher: Watcher) -> None:
        self._watchers[watcher] = None
        watcher.hear(self.stats())

    def leave(self, watcher: Watcher) -> None:
        del self._watchers[watcher]

    def hear(self, happening: Happening) -> None:
        """After the tally has heard it."""
        match happening:
            case UserConnected(user_id=user_id):
                self._connections[user_id] = self._connections.get(user_id, 0) + 1
                if self._connections[user_id] == 1:
                    self._tell(wire.user_status_update(user_id, "online", self._clock.now()))
            case UserGone(user_id=user_id):
                self._connections[user_id] -= 1
                if self._connections[user_id] == 0:
                    del self._connections[user_id]
                    self._tell(wire.user_status_update(user_id, "offline", self._clock.now()))
            case QueryOver():
                self._judge()
            case _:
                pass

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Tell the figures every now and then while the block runs."""
        telling = asyncio.create_task(self._tell_figures(), name="monitor")
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.wait({telling})

    async def _tell_figures(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            if self._watchers:
                self._tell(self.stats())

    def _judge(self) -> None:
        """Warn when too many queries fail, once; and again when it was better in between."""
        rate = self._tally.rate()
        is_bad = rate.total >= ALERT_FROM and rate.value > self._error_rate
        if is_bad and not self._alerted:
            percent = round(rate.value * 100, 1)
            facts = {
                "error_rate": round(rate.value, 4), "threshold": self._error_rate,
                "errors": rate.errors, "total": rate.total,
            }  # fmt: skip
            log.warning("error_rate_passed", **facts)
            text = say("monitor.alert", percent=percent, errors=rate.errors, total=rate.total)
            for watcher in list(self._watchers):
                watcher.hear(wire.alert(text, watcher.locale, facts, self._clock.now()))
        self._alerted = is_bad

    def _tell(self, frame: bytes) -> None:
        for watcher in list(self._watchers):
            watcher.hear(frame)
