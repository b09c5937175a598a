"""The writing half of a WebSocket: takes what waits on a way out, and gives it to the transport.

While the client keeps up there is no task and nothing waits: the way out's bell asks for one callback,
however often it rings in a turn of the loop, and that writes all there is at once. What comes alone, a token
or a notice, is written in the call that brings it. Only a client that does not keep up has a task,
which waits until the transport has room again.

Frames are made here and not by aiohttp, whose `send_frame` is a coroutine and a write for each of them. The
one rule: nothing else sends while this does.
"""

import asyncio
import struct
from collections.abc import Callable

import structlog
from aiohttp import WSMsgType, web

from text2sql_ws.clock import Clock
from text2sql_ws.sessions import WayOut

log = structlog.get_logger()

WRITE_BUFFER_BYTES = 65_536
"""A transport that holds more than this has no room."""

TURN_BYTES = 16_384
"""So much is written for one client before the others have their turn."""


class Pong(bytes):
    """The answer to a protocol ping, on its way out."""


class Ping(bytes):
    """A protocol ping, for dialects without a heartbeat message of their own."""


class Outgoing:
    """`lost` is called when the client can't be written to any more. `sent` counts frames."""

    __slots__ = (
        "_clock", "_lost", "_request", "_stopped", "_transport", "_waiting", "_way", "idle", "sent",
        "stuck_since",
    )  # fmt: skip

    def __init__(self, request: web.Request, way: WayOut, clock: Clock, lost: Callable[[], None]) -> None:
        self._request = request
        self._transport = request.transport  # a broadcast asks thousands for theirs: two steps less
        self._way = way
        self._clock = clock
        self._lost = lost
        self._stopped = False
        self._waiting: asyncio.Task[None] | None = None
        self.idle = True
        self.sent = 0
        self.stuck_since: float | None = None

    def start(self) -> None:
        self._way.bell.call(self)
        self.fetch(at_once=False)

    def stop(self) -> None:
        """Write nothing more. Where `stuck_since` then says so, the client did not take what was written."""
        self._stopped = True
        self._way.bell.forget(self)
        if self._waiting is not None:
            self._waiting.cancel()

    async def stopped(self) -> None:
        """Wait until nothing of this runs."""
        if self._waiting is not None:
            await asyncio.wait({self._waiting})

    def carry(self, frame: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self.sent += 1
        transport.write(framed(frame))
        if transport.get_write_buffer_size() > WRITE_BUFFER_BYTES:
            self.idle = False
            self._waiting = asyncio.create_task(self._wait_for_room())

    def fetch(self, *, at_once: bool) -> None:
        if not self.idle:
            return
        self.idle = False
        if at_once:
            self._write()
        else:
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        try:
            self._write_turn()
        except Exception as error:
            log.error("writer_failed", exc_info=error)
            self._lost()

    def _write_turn(self) -> None:
        transport = self._transport
        if self._stopped or transport is None or transport.is_closing():
            return
        frames: list[bytes] = []
        size = 0
        while size < TURN_BYTES and (frame := self._way.take_now()) is not None:
            frames.append(framed(frame))
            size += len(frame)
        if frames:
            self.sent += len(frames)
            transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        if transport.get_write_buffer_size() > WRITE_BUFFER_BYTES:
            self._waiting = asyncio.create_task(self._wait_for_room())
            return
        self.idle = True
        if size >= TURN_BYTES:
            self.fetch(at_once=False)

    async def _wait_for_room(self) -> None:
        self.stuck_since = self._clock.monotonic()
        try:
            await self._request.writer.drain()
        except ConnectionError:
            self._lost()
            return
        self.stuck_since = None
        self._write()


def opcode_of(payload: bytes) -> WSMsgType:
    return _OPCODES.get(type(payload), WSMsgType.TEXT)


def framed(payload: bytes) -> bytes:
    """A frame (RFC 6455, 5.2): whole, and as a server sends it, without a mask."""
    first = _FIRST.get(type(payload), 0x81)
    size = len(payload)
    if size < 126:
        return _SHORT(first, size) + payload
    if size < 1 << 16:
        return _MIDDLE(first, 126, size) + payload
    return _LONG(first, 127, size) + payload


_SHORT, _MIDDLE, _LONG = (struct.Struct(form).pack for form in ("!BB", "!BBH", "!BBQ"))
_OPCODES = {Pong: WSMsgType.PONG, Ping: WSMsgType.PING}
_FIRST = {kind: 0x80 | opcode for kind, opcode in _OPCODES.items()}
