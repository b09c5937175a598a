"""A session's way out: outbox and journal. Events wait here for the wire; what went out is kept for resuming.

Bounded in bytes: `put` waits for room, and with it the pipeline, the model's stream and the database's
cursor. Each query has a lane of its own and lanes take turns, so one query's rows never hold up another's
tokens. Notices overtake everything. Frames are rendered, and sequences given, in the order they are taken.
Nothing here knows a socket: one writer at a time calls `take`.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import Literal

from text2sql_ws.bell import Bell, Courier
from text2sql_ws.clock import Clock
from text2sql_ws.dialects.dialect import Renderer
from text2sql_ws.done import DONE, Later
from text2sql_ws.events import (
    Event,
    Notice,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    RowsReady,
    Stamped,
    Token,
)
from text2sql_ws.journal import Journal
from text2sql_ws.lanes import Lane

FRAME_OVERHEAD = 400
"""Bytes that an envelope takes, roughly; counted so that a million empty events are not free."""

JOINED_CHARS = 16_384
"""Waiting deltas travel together up to this size."""

NOTICES = 256
"""A client that lets this many notices wait is not reading; the oldest are dropped with the connection."""

ENDINGS = (QueryCompleted, QueryFailed, QueryCancelled)
"""A tuple and no union, which would be made anew for each of thousands of tokens a second."""

Resumption = Literal["resumed", "gap", "unknown"]


class Overwhelmed(Exception):
    """More notices wait than a client that reads would ever let wait."""


class Channel:
    """`limit_bytes` bounds what waits, `journal_bytes` what was sent and is kept.

    `joined_chars`: deltas that wait travel together up to this size; 0 where each has a frame of its own.
    """

    __slots__ = (
        "_clock", "_crowd", "_dialect", "_joined_chars", "_journal", "_lanes", "_limit", "_notices",
        "_replay", "_rest", "_rest_of", "_room", "_waiting", "bell",
    )  # fmt: skip

    def __init__(
        self,
        dialect: Renderer,
        clock: Clock,
        limit_bytes: int,
        journal_bytes: int,
        joined_chars: int = JOINED_CHARS,
    ) -> None:
        self._dialect = dialect
        self._clock = clock
        self._limit = limit_bytes
        self._joined_chars = joined_chars
        self._lanes: dict[str, Lane] = {}
        self._notices: list[bytes] = []
        self._waiting = 0
        self._crowd = 0
        self._room: asyncio.Event | None = None
        self.bell = Bell()
        self._journal = Journal(journal_bytes)
        self._replay: list[bytes] = []
        self._rest: list[bytes] = []
        self._rest_of = ""

    @property
    def last_sequence(self) -> int:
        return self._journal.last

    @property
    def waiting_bytes(self) -> int:
        """What waits of queries, roughly."""
        return self._waiting

    @property
    def is_crowded(self) -> bool:
        """Whether a query waits for room: what waits for the client has met its bound."""
        return self._crowd > 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for the wire."""
        lanes = any(lane.events for lane in self._lanes.values())
        return not (lanes or self._rest or self._replay or self._notices)

    # --- in: the query's side -----------------------------------------------------------------

    def put(self, stamped: Stamped) -> Awaitable[None]:
        """Queue an event of a query: `DONE`, or, while there is no room, queued when that is awaited.

        An empty lane always has room for one event, so no query can be starved by another's.
        """
        if isinstance(stamped.event, Token) and (courier := self._idle_courier()):
            self._hand_over(stamped, courier)
            return DONE
        size = _size(stamped.event)
        lane = self._lane(stamped.query_id)
        if lane.events and self._waiting + size > self._limit:
            return Later(partial(self._put_when_there_is_room, stamped, size))
        self._append(lane, stamped, size)
        return DONE

    def put_now(self, stamped: Stamped) -> None:
        """Queue a query's start or ending without waiting: one each a query, so they need no bound."""
        self._append(self._lane(stamped.query_id), stamped, _size(stamped.event))

    def drop(self, query_id: str) -> None:
        """Forget what waits of a query, but its start: a cancel was taken."""
        lane = self._lanes.get(query_id)
        if lane:
            self._free(lane.clear())
        if self._rest_of == query_id:
            self._rest.clear()

    def offer(self, notice: Notice, at: datetime | None = None) -> None:
        """Queue what belongs to no query, ahead of all that waits. Never waits; raises `Overwhelmed`.

        `at` is its time, where that is not now.
        """
        self.offer_frame(self._dialect.notice(notice, at or self._clock.now()))

    def offer_frame(self, frame: bytes) -> None:
        """The same with a frame that was rendered before (a broadcast is rendered once)."""
        if courier := self._idle_courier():
            courier.carry(frame)
            return
        if len(self._notices) >= NOTICES:
            raise Overwhelmed
        self._notices.append(frame)
        self.bell.ring(at_once=True)

    # --- out: the writer's side ---------------------------------------------------------------

    async def take(self) -> bytes:
        """The next frame for the wire; waits until there is one. One caller at a time."""
        while (frame := self.take_now()) is None:
            await self.bell.wait()
        return frame

    def take_now(self) -> bytes | None:
        """The next frame if one waits: notices, then what is replayed, then the lanes in turn."""
        if self._notices:
            return self._notices.pop(0)
        if self._replay:
            return self._replay.pop()
        if self._rest:
            return self._journal.keep(self._rest.pop())
        while (stamped := self._next_event()) is not None:
            frame = self._dialect.render(stamped, self._journal.last + 1)
            if frame is None:
                continue
            if isinstance(frame, tuple):
                frame, *rest = frame
                self._rest = rest[::-1]
                self._rest_of = stamped.query_id
            return self._journal.keep(frame)
        return None

    def attach(self, last_sequence: int | None) -> tuple[Resumption, int]:
        """Begin a new connection: what it has missed is queued first. Says whether it can be whole.

        Returns how it went and how many frames will be sent again. Notices for the last connection are gone.
        """
        self._notices.clear()
        self._replay.clear()
        if last_sequence is None:
            return "resumed", 0
        if last_sequence < 0 or last_sequence > self._journal.last:
            return "unknown", 0
        missed = self._journal.after(last_sequence)
        if missed is None:
            return "gap", 0
        self._replay = missed[::-1]
        self.bell.ring()
        return "resumed", len(missed)

    async def _wait_for_room(self) -> None:
        self._crowd += 1
        if self._room is None:
            self._room = asyncio.Event()
        try:
            await self._room.wait()
        finally:
            self._crowd -= 1

    # --- inside ---------------------------------------------------------------------------------

    def _idle_courier(self) -> Courier | None:
        """Who takes what is next in the call that brings it: so tokens and notices mostly go.

        Nothing waits while there is one.
        """
        courier = self.bell.courier
        return courier if courier is not None and courier.idle else None

    def _hand_over(self, stamped: Stamped, courier: Courier) -> None:
        frames = self._dialect.render(stamped, self._journal.last + 1)
        if isinstance(frames, bytes):
            courier.carry(self._journal.keep(frames))
        elif frames is not None:
            for frame in frames:
                courier.carry(self._journal.keep(frame))

    async def _put_when_there_is_room(self, stamped: Stamped, size: int) -> None:
        lane = self._lane(stamped.query_id)
        while lane.events and self._waiting + size > self._limit:
            await self._wait_for_room()
        self._append(lane, stamped, size)

    def _lane(self, query_id: str) -> Lane:
        lane = self._lanes.get(query_id)
        if lane is None:
            lane = self._lanes[query_id] = Lane()
        return lane

    def _append(self, lane: Lane, stamped: Stamped, size: int) -> None:
        self._waiting += size - lane.append(stamped, size)
        self.bell.ring(at_once=isinstance(stamped.event, Token))

    def _free(self, size: int) -> None:
        self._waiting -= size
        if self._room is not None:
            self._room.set()
            self._room = None

    def _next_event(self) -> Stamped | None:
        """The next event of the lane whose turn it is, which then goes behind the others, or away."""
        if not self._waiting:
            return None
        for lane in self._lanes.values():
            if lane.events:
                break
        stamped, size = lane.pop(self._joined_chars)
        self._free(size)
        if isinstance(stamped.event, ENDINGS):
            del self._lanes[stamped.query_id]
        elif len(self._lanes) > 1:
            self._lanes[stamped.query_id] = self._lanes.pop(stamped.query_id)
        return stamped


def _size(event: Event) -> int:
    match event:
        case Token(delta=delta):
            return FRAME_OVERHEAD + len(delta)
        case RowsReady(rows_json=rows):
            return FRAME_OVERHEAD + len(rows)
        case _:
            return FRAME_OVERHEAD
