"""The task registry: every query is one task here, with one start and exactly one ending.

Cancelling is `task.cancel()`; the flag on the query, not what the task came back with, decides how it ended.
The ending is given when the task is done, in its done-callback: synchronously, so that no cancel can eat it,
and also for a task that was cancelled before its first step. What is known of a query, running or ended, is
asked here.
"""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from text2sql_ws.answering import Answerer, Answering, Memory
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Ending,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    Stamped,
)
from text2sql_ws.happenings import Bulletin, QueryBegan, QueryOver
from text2sql_ws.pipeline import Pipeline, Resume
from text2sql_ws.query import Nowhere, Outlet, Owner, Query
from text2sql_ws.texts import say

log = structlog.get_logger()

KEPT = 1000
"""Ended queries that are remembered at most, whatever `limits.result_seconds` says."""


class Allotment(Protocol):
    """Who may ask at all, as `Budget` has it."""

    def check(self, user_id: str) -> None:
        """Raises `Fault` RESOURCE_LIMIT_EXCEEDED."""
        ...


class Boundless:
    """Whoever asks, may."""

    def check(self, user_id: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Quotas:
    """Queries at once, seconds a query may take, seconds an ended one is remembered.

    `step_seconds`: how long any one stage of a query may take.
    """

    per_session: int
    in_all: int
    query_seconds: float
    result_seconds: float
    step_seconds: float = 300.0


class Queries:
    def __init__(
        self,
        pipeline: Pipeline,
        memory: Memory,
        clock: Clock,
        quotas: Quotas,
        bulletin: Bulletin,
        allotment: Allotment | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._answering = Answering(memory, clock, quotas.query_seconds, quotas.step_seconds)
        self._clock = clock
        self._quotas = quotas
        self._bulletin = bulletin
        self._allotment = allotment or Boundless()
        self._draining = False
        self._running: dict[str, tuple[Query, asyncio.Task[Answer]]] = {}
        self._ended: OrderedDict[str, Query] = OrderedDict()

    # --- commands -------------------------------------------------------------------------------

    def start(self, ask: Ask, owner: Owner, outlet: Outlet, answerer: Answerer | None = None) -> Query:
        """Start answering `ask`; its events go to `outlet`, beginning with `QueryStarted`.

        The pipeline answers unless another `answerer` is given. Raises `Fault`: RESOURCE_LIMIT_EXCEEDED, or
        what the answerer's `check` finds wrong with it.
        """
        return self._start(ask, owner, outlet, Resume(), None, answerer)

    def retry(self, query_id: str, owner: Owner, outlet: Outlet) -> Query:
        """Run a failed query again from the stage that failed.

        Raises `Fault`: QUERY_NOT_FOUND, INVALID_MESSAGE for one that did not fail, RESOURCE_LIMIT_EXCEEDED.
        """
        failed = self._find(query_id, lambda query: query.owner == owner)
        if not isinstance(failed.ending, QueryFailed):
            raise Fault(Code.INVALID_MESSAGE, say("query.not_failed", query_id=query_id[:100]))
        resume = Resume(failed.ending.stage, failed.datasource, failed.drafted)
        return self._start(failed.ask, owner, outlet, resume, query_id)

    def go_on(self, failed: Query, owner: Owner, outlet: Outlet, resume: Resume) -> Query:
        """Run a failed query again from where the caller says, as a query of the session `owner`.

        Raises `Fault`: INVALID_MESSAGE for one that did not fail, RESOURCE_LIMIT_EXCEEDED.
        """
        if not isinstance(failed.ending, QueryFailed):
            raise Fault(Code.INVALID_MESSAGE, say("query.not_failed", query_id=failed.id))
        return self._start(failed.ask, owner, outlet, resume, failed.id)

    def cancel(self, query_id: str, allowed: Callable[[Query], bool]) -> Query:
        """Stop a running query: from here on nothing of it is sent but its ending.

        Raises `Fault` QUERY_NOT_FOUND for one that is unknown, has ended, or isn't `allowed`.
        """
        query = self._find(query_id, allowed)
        if query.ending is not None:
            raise _not_found(query_id)
        self._stop(query)
        return query

    def cancel_all_of(self, session_id: str) -> None:
        """Stop what a session has running: its client is gone for good."""
        for query, _ in list(self._running.values()):
            if query.owner.session_id == session_id:
                self._stop(query)

    # --- what is known --------------------------------------------------------------------------

    def running(self, session_id: str | None = None) -> list[Query]:
        """The running queries, of one session or of all, oldest first."""
        queries = [query for query, _ in self._running.values()]
        return [query for query in queries if session_id in (None, query.owner.session_id)]

    def of_session(self, session_id: str) -> list[Query]:
        """A session's queries that are remembered: those that ended lately, then the running ones."""
        self._forget_the_old()
        ended = [query for query in self._ended.values() if query.owner.session_id == session_id]
        return ended + self.running(session_id)

    def find(self, query_id: str, user_id: str) -> Query:
        """A user's query, running or ended lately. Raises `Fault` QUERY_NOT_FOUND."""
        return self._find(query_id, lambda query: query.owner.user_id == user_id)

    async def drain(self, seconds: float) -> None:
        """Take no more questions, and give the running ones so long to end by themselves."""
        self._draining = True
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def close(self) -> None:
        """Stop every query and wait until each has ended."""
        tasks = [task for _, task in self._running.values()]
        for query in self.running():
            self._stop(query)
        if tasks:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)  # done-callbacks run in the next turn of the loop

    # --- inside ---------------------------------------------------------------------------------

    def _find(self, query_id: str, allowed: Callable[[Query], bool]) -> Query:
        self._forget_the_old()
        query = self._running[query_id][0] if query_id in self._running else self._ended.get(query_id)
        if query is None or not allowed(query):
            raise _not_found(query_id)
        return query

    def _start(
        self,
        ask: Ask,
        owner: Owner,
        outlet: Outlet,
        resume: Resume,
        retry_of: str | None,
        answerer: Answerer | None = None,
    ) -> Query:
        answerer = answerer or self._pipeline
        ask = replace(ask, asker=owner.user_id)
        answerer.check(ask)
        self._check_quotas(owner.session_id)
        self._allotment.check(owner.user_id)
        now, at = self._clock.monotonic(), self._clock.now()
        query = Query(str(uuid.uuid4()), owner, ask, resume, at, now, outlet, stage_since=now)
        query.datasource, query.drafted = resume.datasource, resume.sql
        outlet.put_now(Stamped(query.id, at, ask.locale, QueryStarted(ask.question, retry_of)))
        task = asyncio.create_task(self._answering.answer(query, answerer), name=f"query {query.id}")
        self._running[query.id] = (query, task)
        self._bulletin.tell(QueryBegan(query))
        task.add_done_callback(lambda done: self._end(query, done))
        return query

    def _check_quotas(self, session_id: str) -> None:
        if self._draining:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("query.shutting_down"))
        if len(self.running(session_id)) >= self._quotas.per_session:
            limit = self._quotas.per_session
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("query.too_many_session", limit=limit))
        if len(self._running) >= self._quotas.in_all:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("query.too_many", limit=self._quotas.in_all))

    def _stop(self, query: Query) -> None:
        if not query.stopped:
            query.stopped = True
            query.outlet.drop(query.id)
            self._running[query.id][1].cancel()

    def _end(self, query: Query, task: asyncio.Task[Answer]) -> None:
        """The one ending of a query, whatever became of its task."""
        del self._running[query.id]
        query.ended = self._clock.monotonic()
        query.leave_stage(query.ended)
        query.ending = self._ending(query, task)
        if isinstance(query.ending, QueryCompleted):
            self._answering.learn(query)
        self._ended[query.id] = query
        self._forget_the_old()
        query.outlet.put_now(self._answering.stamp(query, query.ending, query.ended))
        query.outlet = Nowhere()
        log.info("query_ended", **query.facts())
        self._bulletin.tell(QueryOver(query))

    def _ending(self, query: Query, task: asyncio.Task[Answer]) -> Ending:
        if query.stopped or task.cancelled():
            _retrieve(task)
            return QueryCancelled()
        error = task.exception()
        if error is None:
            return QueryCompleted(task.result(), query.ended - query.started)
        if isinstance(error, Fault):
            return QueryFailed(error, query.stage)
        return QueryFailed(_unforeseen(error), query.stage)

    def _forget_the_old(self) -> None:
        oldest = self._clock.monotonic() - self._quotas.result_seconds
        while self._ended:
            first = next(iter(self._ended.values()))
            if first.ended > oldest and len(self._ended) <= KEPT:
                return
            self._ended.popitem(last=False)


def _not_found(query_id: str) -> Fault:
    return Fault(Code.QUERY_NOT_FOUND, say("query.not_found", query_id=query_id[:100]))


def _retrieve(task: asyncio.Task[Answer]) -> None:
    """Look at the exception of a task that was stopped, or asyncio would complain that nobody did."""
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Fault):
        log.error("query_failed_while_stopping", exc_info=error)


def _unforeseen(error: BaseException) -> Fault:
    """What nobody foresaw: logged whole under a reference, which is all that the client learns."""
    reference = uuid.uuid4().hex[:12]
    log.error("query_failed_unforeseen", reference=reference, exc_info=error)
    return Fault(Code.UNKNOWN_ERROR, say("query.unforeseen", reference=reference))
