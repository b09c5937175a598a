"""One query's answer, while it is made: its time limits, its conversation, and its events on their way out.

How it ends is not decided here but in `queries.py`, when the task that runs this is done.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask
from text2sql_ws.done import DONE
from text2sql_ws.errors import Code, Fault
from text2sql_ws.estimates import Estimates
from text2sql_ws.events import Answer, Caution, Emit, Event, SourceChosen, StageProgressed, Stamped
from text2sql_ws.llm.metering import CALLS
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.pipeline import Resume
from text2sql_ws.query import Query
from text2sql_ws.texts import say

TIMED = (StageProgressed, SourceChosen)
"""Events that tell how long the query will take."""


class Memory(Protocol):
    """Earlier questions of a conversation, and the SQL that answered them, oldest first."""

    async def recall(self, user_id: str, conversation_id: str) -> Sequence[Turn]: ...
    async def remember(self, user_id: str, conversation_id: str, question: str, answer: Answer) -> None: ...


class Answerer(Protocol):
    """Who answers a question: the pipeline, or whoever `start` is given. As `Pipeline` has it."""

    def check(self, ask: Ask) -> None: ...
    async def answer(
        self, query_id: str, ask: Ask, emit: Emit, resume: Resume, history: Sequence[Turn] = ()
    ) -> Answer: ...


class Answering:
    """`query_seconds` may a query take, and `step_seconds` any one stage of it."""

    def __init__(self, memory: Memory, clock: Clock, query_seconds: float, step_seconds: float) -> None:
        self._memory = memory
        self._clock = clock
        self._query_seconds = query_seconds
        self._step_seconds = step_seconds
        self._estimates = Estimates()

    async def answer(self, query: Query, answerer: Answerer) -> Answer:
        """What `answerer` makes of it, once it is part of its conversation. Raises `Fault`.

        Runs in the query's own task, whose context it marks.
        """
        structlog.contextvars.bind_contextvars(query_id=query.id, session_id=query.owner.session_id)
        CALLS.set(query.calls)
        ask, loop, step_seconds = query.ask, asyncio.get_running_loop(), self._step_seconds
        seconds = min(ask.timeout or self._query_seconds, self._query_seconds)
        deadline = loop.time() + seconds

        try:
            async with asyncio.timeout(min(seconds, step_seconds)) as limit:
                teller = _Teller(query, self, self._clock, _Limit(limit, deadline, step_seconds))
                history = await self._recall(query)
                answer = await answerer.answer(query.id, ask, teller.emit, query.resume, history)
        except TimeoutError:
            if not limit.expired():
                raise
            if loop.time() >= deadline:
                raise Fault(Code.TIMEOUT_ERROR, say("query.timeout", seconds=f"{seconds:g}")) from None
            late = say("query.step_timeout", stage=say(f"stage.{query.stage}"), seconds=f"{step_seconds:g}")
            raise Fault(Code.TIMEOUT_ERROR, late) from None
        return await self._remembered(query, answer)

    def stamp(self, query: Query, event: Event, now: float) -> Stamped:
        """The event with what only the query's record and those before it tell."""
        remaining, expected = None, None
        if isinstance(event, TIMED):
            remaining = self._estimates.remaining(query.key, query.stage, now - query.stage_since)
            expected = self._estimates.expected(query.key)
        elapsed = now - query.started
        return Stamped(query.id, self._clock.now(), query.ask.locale, event, remaining, elapsed, expected)

    def learn(self, query: Query) -> None:
        """Take in how long it took, if it has a data source: a conversation has no stages to learn from."""
        if query.datasource is not None:
            self._estimates.learn(query.key, query.stage_seconds)

    async def _recall(self, query: Query) -> Sequence[Turn]:
        conversation_id = query.ask.conversation_id
        if conversation_id is None:
            return ()
        return await self._memory.recall(query.owner.user_id, conversation_id)

    async def _remembered(self, query: Query, answer: Answer) -> Answer:
        """The answer, once it is part of its conversation; no storage's failure takes it from who asked."""
        conversation_id = query.ask.conversation_id
        if conversation_id is None:
            return answer
        try:
            await self._memory.remember(query.owner.user_id, conversation_id, query.ask.question, answer)
        except Fault as fault:
            caution = Caution(fault.code, say("result.not_remembered", why=fault.message))
            return replace(answer, warnings=(*answer.warnings, caution))
        return answer


class _Limit:
    """The time limit that runs: a stage's own, but never beyond the query's `deadline`."""

    __slots__ = ("_deadline", "_step_seconds", "_timeout")

    def __init__(self, timeout: asyncio.Timeout, deadline: float, step_seconds: float) -> None:
        self._timeout = timeout
        self._deadline = deadline
        self._step_seconds = step_seconds

    def restart(self) -> None:
        """A stage has begun."""
        now = asyncio.get_running_loop().time()
        self._timeout.reschedule(min(self._deadline, now + self._step_seconds))


class _Teller:
    """Sends one query's events out, stamped, until it is stopped."""

    __slots__ = ("_answering", "_clock", "_limit", "_query")

    def __init__(self, query: Query, answering: Answering, clock: Clock, limit: _Limit) -> None:
        self._query = query
        self._answering = answering
        self._clock = clock
        self._limit = limit

    def emit(self, event: Event) -> Awaitable[None]:
        query = self._query
        if query.stopped:
            return DONE
        if isinstance(event, StageProgressed) and event.stage != query.stage:
            self._limit.restart()
        now = self._clock.monotonic()
        query.note(event, now)
        return query.outlet.put(self._answering.stamp(query, event, now))
