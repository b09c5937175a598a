"""Streams of server-sent events: a question each, its user's alone, told to one reader at a time.

A stream that may be resumed outlives its reader for a while, and what it tells is kept; another ends with its
reader. Of one that is over, what a retry needs is remembered. Nothing here knows HTTP.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

from text2sql_ws.allowance import Allowances
from text2sql_ws.channel import Channel
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask
from text2sql_ws.dialects.steps import Form, Steps
from text2sql_ws.dialects.steps_walk import STEPS, Step, step_of
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import QueryFailed, Stage
from text2sql_ws.pipeline import Resume
from text2sql_ws.queries import Queries
from text2sql_ws.query import Owner, Query
from text2sql_ws.settings import Limits
from text2sql_ws.texts import say

log = structlog.get_logger()

REMEMBERED = 1000
"""Streams that are over and remembered at most; what is asked of them is a retry."""

FAREWELL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one stream, in bytes: what waits, what is kept, a whole result. Seconds: kept, remembered.

    `per_user` streams may a user have that run or are kept, and begin `per_minute`.
    """

    outbox_bytes: int
    journal_bytes: int
    whole_bytes: int
    resume_seconds: float
    remembered_seconds: float
    per_user: int
    per_minute: int


def stream_bounds(limits: Limits) -> Bounds:
    """By the settings: a user has no more streams than connections."""
    return Bounds(
        limits.outbox_bytes,
        limits.resume_bytes,
        limits.whole_result_bytes,
        limits.resume_seconds,
        limits.result_seconds,
        limits.connections_per_user,
        limits.messages_per_minute,
    )


class Reader(Protocol):
    """Whoever a stream is told to."""

    gone: asyncio.Event

    def leave(self) -> None:
        """Stop taking frames, at once or nearly so; `gone` is set when nothing more is taken."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a stream was asked for, and what its retries are like."""

    user_id: str
    form: Form
    resumable: bool


@dataclass(eq=False, slots=True)
class Stream:
    """One that runs, or whose frames are kept."""

    id: str
    terms: Terms
    dialect: Steps
    channel: Channel
    query: Query
    reader: Reader | None = None
    expiry: asyncio.TimerHandle | None = None

    @property
    def is_over(self) -> bool:
        """Whether all has been told that there is to tell."""
        return self.query.ending is not None and self.channel.is_empty


@dataclass(frozen=True, slots=True)
class _Past:
    """What is remembered of a stream that is over."""

    terms: Terms
    query: Query
    failed_step: Step | None
    at: float


class Streams:
    def __init__(self, queries: Queries, clock: Clock, bounds: Bounds) -> None:
        self._queries = queries
        self._clock = clock
        self._bounds = bounds
        self._allowances = Allowances(bounds.per_minute)
        self._alive: dict[str, Stream] = {}
        self._past: OrderedDict[str, _Past] = OrderedDict()
        self._is_closed = False

    def open(self, stream_id: str, ask: Ask, terms: Terms) -> Stream:
        """Begin to answer `ask`.

        Raises `Fault`: RATE_LIMITED, RESOURCE_LIMIT_EXCEEDED, or what is wrong with it.
        """
        self._count(terms.user_id)
        dialect, channel = self._furnish(stream_id, terms, kept=0)
        query = self._queries.start(ask, Owner(terms.user_id, stream_id), channel)
        return self._began(Stream(stream_id, terms, dialect, channel, query))

    def retry(self, stream_id: str, user_id: str, step_id: str, new_id: str) -> Stream:
        """Run the failed step of a stream and those after it again, as a new stream like it: `new_id`.

        Raises `Fault` as `open`, SESSION_NOT_FOUND, INVALID_MESSAGE where nothing or another step failed.
        """
        self._count(user_id)
        past = self._remembered(stream_id, user_id)
        step = past.failed_step or _failed_step(past.query)
        if step_id != step.id:
            why = say("field.one_of", known=step.id)
            raise Fault(Code.INVALID_MESSAGE, say("message.field", field="stepId", why=why))
        dialect, channel = self._furnish(new_id, past.terms, kept=STEPS.index(step))
        owner = Owner(user_id, new_id)
        query = self._queries.go_on(past.query, owner, channel, _resume(past.query, step))
        return self._began(Stream(new_id, past.terms, dialect, channel, query))

    async def resume(self, stream_id: str, user_id: str, after: int) -> Stream:
        """A stream to be read on after `after`; whoever read it before is sent away.

        Raises `Fault`: SESSION_NOT_FOUND for one that isn't there, isn't this user's, can't be resumed, or
        of which that is no longer kept; INVALID_MESSAGE for a sequence that was never given.
        """
        stream = self._resumable(stream_id, user_id)
        while stream.reader is not None:
            stream.reader.leave()
            await stream.reader.gone.wait()
        stream = self._resumable(stream_id, user_id)
        outcome, _ = stream.channel.attach(after)
        if outcome == "unknown":
            why = say("field.sequence", last=stream.channel.last_sequence)
            raise Fault(Code.INVALID_MESSAGE, say("message.field", field="after", why=why))
        if outcome == "gap":
            raise Fault(Code.SESSION_NOT_FOUND, say("stream.gap", after=after))
        return stream

    def cancel(self, stream_id: str, user_id: str) -> None:
        """Stop a stream's query; what ends the stream is still told. Raises `Fault` SESSION_NOT_FOUND."""
        stream = self._alive.get(stream_id)
        if stream is None or stream.terms.user_id != user_id or stream.query.ending is not None:
            raise _not_found(stream_id)
        self._queries.cancel(stream.query.id, lambda _: True)

    @contextmanager
    def read_by(self, stream: Stream, reader: Reader) -> Iterator[None]:
        """While the block runs `reader` alone takes from the stream's channel."""
        stream.reader = reader
        if stream.expiry is not None:
            stream.expiry.cancel()
        try:
            yield
        finally:
            stream.reader = None
            self._let_go(stream)
            reader.gone.set()

    async def close(self) -> None:
        """Wait until every reader has the end of its stream, but not for long. All queries have ended."""
        self._is_closed = True
        for stream in self._alive.values():
            if stream.expiry is not None:
                stream.expiry.cancel()
        readers = [stream.reader for stream in self._alive.values() if stream.reader is not None]
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await asyncio.gather(*(reader.gone.wait() for reader in readers))
        except TimeoutError:
            for reader in readers:
                reader.leave()

    # --- inside ---------------------------------------------------------------------------------

    def _count(self, user_id: str) -> None:
        wait = self._allowances.take(user_id, self._clock.monotonic())
        if wait:
            seconds = math.ceil(wait)
            raise Fault(Code.RATE_LIMITED, say("limit.messages", seconds=seconds), retry_after=seconds)

    def _furnish(self, stream_id: str, terms: Terms, kept: int) -> tuple[Steps, Channel]:
        self._make_room(terms.user_id)
        bounds = self._bounds
        whole = min(bounds.whole_bytes, bounds.journal_bytes // 2) if terms.resumable else bounds.whole_bytes
        dialect = Steps(stream_id, terms.form, whole, kept)
        journal = bounds.journal_bytes if terms.resumable else 0
        return dialect, Channel(dialect, self._clock, bounds.outbox_bytes, journal)

    def _began(self, stream: Stream) -> Stream:
        self._alive[stream.id] = stream
        log.info("stream_began", stream_id=stream.id, user_id=stream.terms.user_id, form=stream.terms.form)
        return stream

    def _make_room(self, user_id: str) -> None:
        """One of this user's that is over and unread gives way; those that run do not."""
        own = [stream for stream in self._alive.values() if stream.terms.user_id == user_id]
        if len(own) < self._bounds.per_user:
            return
        for stream in own:
            if stream.query.ending is not None and stream.reader is None:
                self._end(stream)
                return
        raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("stream.too_many", limit=self._bounds.per_user))

    def _let_go(self, stream: Stream) -> None:
        """Nobody reads it now: one that may be resumed waits, and goes on; another is over."""
        if not stream.terms.resumable or self._is_closed:
            self._end(stream)
            return
        loop = asyncio.get_running_loop()
        stream.expiry = loop.call_later(self._bounds.resume_seconds, self._end, stream)

    def _end(self, stream: Stream) -> None:
        if stream.expiry is not None:
            stream.expiry.cancel()
        del self._alive[stream.id]
        self._queries.cancel_all_of(stream.id)
        past = _Past(stream.terms, stream.query, stream.dialect.failed_step, self._clock.monotonic())
        self._past[stream.id] = past
        self._forget_the_old()

    def _resumable(self, stream_id: str, user_id: str) -> Stream:
        stream = self._alive.get(stream_id)
        if stream is None or stream.terms.user_id != user_id or not stream.terms.resumable:
            raise _not_found(stream_id)
        return stream

    def _remembered(self, stream_id: str, user_id: str) -> _Past:
        self._forget_the_old()
        stream, past = self._alive.get(stream_id), self._past.get(stream_id)
        if stream is not None:
            past = _Past(stream.terms, stream.query, stream.dialect.failed_step, 0.0)
        if past is None or past.terms.user_id != user_id:
            raise _not_found(stream_id)
        return past

    def _forget_the_old(self) -> None:
        oldest = self._clock.monotonic() - self._bounds.remembered_seconds
        while self._past:
            first = next(iter(self._past.values()))
            if first.at > oldest and len(self._past) <= REMEMBERED:
                return
            self._past.popitem(last=False)


def _failed_step(query: Query) -> Step:
    """Of a stream that nobody read to its end. Raises `Fault` INVALID_MESSAGE for one that did not fail."""
    if not isinstance(query.ending, QueryFailed):
        raise Fault(Code.INVALID_MESSAGE, say("query.not_failed", query_id=query.id))
    return step_of(query.ending.stage)


def _resume(failed: Query, step: Step) -> Resume:
    """From the step's first stage. SQL that was written before it is kept; SQL that it wrote is not."""
    stage = step.stages[0]
    order = list(Stage)
    is_written = order.index(stage) > order.index(Stage.GENERATING_SQL)
    return Resume(stage, failed.datasource, failed.drafted if is_written else None)


def _not_found(stream_id: str) -> Fault:
    return Fault(Code.SESSION_NOT_FOUND, say("stream.not_found", stream_id=stream_id[:100]))
