"""One chat connection's way out: frames that were rendered once for all who hear them, in order.

Bounded in bytes. An answer waits for `room`; what people say can't wait, and may pass the limit by so much
that a client is found out that takes nothing. Notices overtake everything.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from text2sql_ws.bell import Bell
from text2sql_ws.channel import NOTICES, Overwhelmed
from text2sql_ws.clock import Clock
from text2sql_ws.dialects.dialect import Renderer
from text2sql_ws.events import Notice

FRAME_OVERHEAD = 100
"""Bytes that a waiting frame takes besides its own."""

PATIENCE = 4
"""So many times its limit may wait for a client that still takes something, or may yet be found not to."""

Heard = Callable[[bool], None]
"""Called once for a frame: whether the connection took it, or went without it."""


@dataclass(slots=True)
class _Waiting:
    frame: bytes
    topic: str | None
    heard: Heard | None

    @property
    def size(self) -> int:
        return FRAME_OVERHEAD + len(self.frame)


class Outbox:
    """`limit_bytes` is what may wait before whoever can wait does."""

    def __init__(self, voice: Renderer, clock: Clock, limit_bytes: int) -> None:
        self._voice = voice
        self._clock = clock
        self._limit = limit_bytes
        self._frames: deque[_Waiting] = deque()
        self._notices: deque[bytes] = deque()
        self._bytes = 0
        self._said = 0
        self._sending: Heard | None = None
        self.bell = Bell()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    @property
    def is_crowded(self) -> bool:
        """Whether what waits for the client has met its bound."""
        return not self._room.is_set()

    @property
    def waiting_bytes(self) -> int:
        """What waits for the wire, roughly."""
        return self._bytes + sum(map(len, self._notices))

    # --- in -------------------------------------------------------------------------------------

    def push(self, frame: bytes, heard: Heard | None = None) -> None:
        """Queue what somebody said. Never waits; raises `Overwhelmed` where too much waits already."""
        if not self._closed and self._said > PATIENCE * self._limit:
            _tell(heard, False)
            raise Overwhelmed
        self._append(_Waiting(frame, None, heard))

    def push_answer(self, frame: bytes, topic: str = "") -> None:
        """Queue a frame of an answer, whose sender waits for `room` by itself.

        `topic` is the answer that it is dropped with; its start and its end are dropped with nothing.
        """
        self._append(_Waiting(frame, topic, None))

    def _append(self, waiting: _Waiting) -> None:
        if self._closed:
            _tell(waiting.heard, False)
            return
        if waiting.topic is None:
            self._said += waiting.size
        self._frames.append(waiting)
        self._bytes += waiting.size
        if self._bytes > self._limit:
            self._room.clear()
        self.bell.ring()

    async def room(self) -> None:
        """Wait until less than the limit waits, or nobody is there to take it any more."""
        await self._room.wait()

    def drop(self, topic: str) -> None:
        """Forget what waits of an answer: a cancel was taken."""
        dropped = [waiting for waiting in self._frames if waiting.topic == topic]
        self._frames = deque(waiting for waiting in self._frames if waiting.topic != topic)
        for waiting in dropped:
            self._free(waiting)
            _tell(waiting.heard, False)

    def offer(self, notice: Notice, at: datetime | None = None) -> None:
        """Queue what overtakes all that waits. Never waits; raises `Overwhelmed`."""
        self.offer_frame(self._voice.notice(notice, at or self._clock.now()))

    def offer_frame(self, frame: bytes) -> None:
        if len(self._notices) >= NOTICES:
            raise Overwhelmed
        self._notices.append(frame)
        self.bell.ring(at_once=True)

    def close(self) -> None:
        """The connection is gone: nobody waits for it any more, and what waited was not heard."""
        self._closed = True
        unheard = [self._sending, *(waiting.heard for waiting in self._frames)]
        self._sending = None
        self._frames.clear()
        self._bytes = self._said = 0
        self._room.set()
        for heard in unheard:
            _tell(heard, False)

    # --- out ------------------------------------------------------------------------------------

    def take_now(self) -> bytes | None:
        """The next frame for the wire, if one waits. To be asked again says that the last one went."""
        heard, self._sending = self._sending, None
        _tell(heard, True)
        if self._notices:
            return self._notices.popleft()
        if not self._frames:
            return None
        waiting = self._frames.popleft()
        self._free(waiting)
        self._sending = waiting.heard
        return waiting.frame

    def _free(self, waiting: _Waiting) -> None:
        self._bytes -= waiting.size
        if waiting.topic is None:
            self._said -= waiting.size
        if self._bytes <= self._limit:
            self._room.set()


def _tell(heard: Heard | None, taken: bool) -> None:
    if heard is not None:
        heard(taken)
