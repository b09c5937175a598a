"""An answer on its way: a query's outlet, heard by all who are in the session, and written down at its end.

While others listen, one who reads slowly holds an answer up for `slow_seconds` in all; then it is dropped. An
answer that nobody hears goes on: how long is for `rooms.py` to say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from text2sql_ws.answering import Answerer
from text2sql_ws.chat.circles import Circle, Seat
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask
from text2sql_ws.dialects.chat import Chat, markdown
from text2sql_ws.done import DONE, Later
from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    Answer,
    Emit,
    Ending,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    Stamped,
)
from text2sql_ws.ledger import Ledger, Spoken
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import Said, said_of
from text2sql_ws.pipeline import Resume
from text2sql_ws.texts import Locale

log = structlog.get_logger()


class Reply:
    """The answer to one question. `ended` is called when its end was written down and told."""

    def __init__(
        self,
        circle: Circle,
        question_id: str,
        asker_id: str,
        voice: Chat,
        ledger: Ledger,
        clock: Clock,
        slow_seconds: float,
        ended: "Callable[[Reply], None]",
    ) -> None:
        self.id = ""
        self.circle = circle
        self.question_id = question_id
        self.asker_id = asker_id
        self._voice = voice
        self._ledger = ledger
        self._clock = clock
        self._slow_seconds = slow_seconds
        self._ended = ended
        self._held_up: dict[Seat, float] = {}

    # --- as an outlet ---------------------------------------------------------------------------

    def put(self, stamped: Stamped) -> Awaitable[None]:
        self._tell(stamped, topic=stamped.query_id)
        crowded = [seat for seat in self.circle.seats if seat.outbox.is_crowded]
        return Later(partial(self._wait_for_all, crowded)) if crowded else DONE

    def put_now(self, stamped: Stamped) -> None:
        match stamped.event:
            case QueryStarted():
                self.id = stamped.query_id
                self._tell(stamped)
            case QueryCompleted() | QueryFailed() | QueryCancelled() as ending:
                self._write_down(stamped, ending)
            case _:
                self._tell(stamped)

    def drop(self, query_id: str) -> None:
        for seat in self.circle.seats:
            seat.outbox.drop(query_id)

    # --- inside ---------------------------------------------------------------------------------

    def _tell(self, stamped: Stamped, topic: str = "") -> None:
        frames = self._voice.render(stamped)
        for frame in (frames,) if isinstance(frames, bytes) else frames or ():
            for seat in self.circle.seats:
                seat.outbox.push_answer(frame, topic)

    async def _wait_for_all(self, crowded: Sequence[Seat]) -> None:
        async with asyncio.TaskGroup() as waiting:
            for seat in crowded:
                waiting.create_task(self._wait_for(seat))

    async def _wait_for(self, seat: Seat) -> None:
        """Until there is room; who listens alone may take all the time that its connection is given."""
        spent = self._held_up.get(seat, 0.0)
        alone = len(self.circle.seats) == 1
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(None if alone else max(self._slow_seconds - spent, 0)):
                await seat.outbox.room()
        except TimeoutError:
            seat.drop_out()
        finally:
            self._held_up[seat] = spent + self._clock.monotonic() - began

    def _write_down(self, stamped: Stamped, ending: Ending) -> None:
        if self.circle.is_gone:
            self._end(stamped, None)
            return
        said = replace(_said(ending, stamped.locale), id=stamped.query_id, parent_id=self.question_id)
        spoken = Spoken(self.circle.conversation.id, said, stamped.at, partial(self._end, stamped))
        try:
            self._ledger.add(spoken)
        except Fault as fault:
            self._end(stamped, fault)

    def _end(self, stamped: Stamped, fault: Fault | None) -> None:
        """Its end is told also where it could not be kept: those who are there have waited for it."""
        if fault is not None:
            log.error("answer_not_kept", query_id=stamped.query_id, code=fault.code.value)
        self._tell(stamped)
        self._ended(self)


class Reminded:
    """The pipeline, reminded of what was asked in the conversation before."""

    def __init__(self, pipeline: Answerer, recall: Callable[[], Awaitable[Sequence[Turn]]]) -> None:
        self._pipeline = pipeline
        self._recall = recall

    def check(self, ask: Ask) -> None:
        self._pipeline.check(ask)

    async def answer(
        self, query_id: str, ask: Ask, emit: Emit, resume: Resume, history: Sequence[Turn] = ()
    ) -> Answer:
        return await self._pipeline.answer(query_id, ask, emit, resume, await self._recall())


def _said(ending: Ending, locale: Locale) -> Said:
    match ending:
        case QueryCompleted(answer=answer):
            return replace(said_of(answer), content=markdown(answer))
        case QueryFailed(fault=fault):
            return Said("assistant", fault.message.in_(locale), status="failed")
        case QueryCancelled():
            return Said("assistant", "", status="cancelled")
