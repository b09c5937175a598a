"""One session through everything that can happen to it, in any order; a machine looks for one that hurts.

Real: hub, session, registry, channel, dialect. Not real: the pipeline, a puppet that emits what it is told;
the connection, which takes frames when it is told; and time. What must hold: a query has one start and one
ending, and the client, who loses connections but counts sequences, has the whole transcript without a gap.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.examples import examples
from tests.support.fakes import ManualClock
from tests.support.stories import Forgetful
from text2sql_ws.channel import Channel
from text2sql_ws.commands import Ask
from text2sql_ws.departures import REPLACED, SHUTTING_DOWN, Departure
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Emit,
    Event,
    Explanation,
    Results,
    RowsReady,
    Stage,
    StageProgressed,
    StatusAnnounced,
    Token,
    Visualization,
)
from text2sql_ws.happenings import Bulletin
from text2sql_ws.hub import Claim, Hub
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.pipeline import Resume
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.sessions import Session
from text2sql_ws.texts import verbatim
from text2sql_ws.users import User

ME = User("1", 1, True)
RESUME_SECONDS = 60.0
QUERY_SECONDS = 100.0
OUTBOX = 2_000
ENDINGS = ("query_complete", "query_error", "query_cancel")
DONE = Answer(None, Results(), Explanation(), Visualization(), None, 1)

Message = dict[str, Any]
Order = Event | Exception | Answer


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its timers go by a clock that stands still until it is told to go on."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._manual = clock

    def time(self) -> float:
        return self._manual.monotonic()


class Puppets:
    """A pipeline whose queries each carry out orders, one after the other."""

    def __init__(self) -> None:
        self.orders: dict[str, asyncio.Queue[Order]] = {}

    def check(self, ask: Ask) -> None:
        pass

    async def answer(
        self, query_id: str, ask: Ask, emit: Emit, resume: Resume, history: Sequence[Turn] = ()
    ) -> Answer:
        orders = self.orders.setdefault(query_id, asyncio.Queue())
        while True:
            order = await orders.get()
            if isinstance(order, Answer):
                return order
            if isinstance(order, Exception):
                raise order
            await emit(order)


class Wire:
    """A connection: whoever holds it takes frames from the session's channel while nobody made it leave."""

    def __init__(self) -> None:
        self.departure: Departure | None = None

    def leave(self, departure: Departure) -> None:
        self.departure = self.departure or departure

    def count_message(self) -> None:
        pass

    async def renew(self, token: str) -> datetime:
        raise AssertionError("nobody logs in")


class Told:
    """What a query was told to emit, and what became of that."""

    def __init__(self) -> None:
        self.deltas = ""
        self.chunks = 0
        self.is_ending = False
        self.is_cancelled = False


class Sessions(RuleBasedStateMachine):
    @initialize(journal=st.sampled_from([1_500, 1 << 20]))
    def begin(self, journal: int) -> None:
        self.clock = ManualClock()
        self.loop = VirtualLoop(self.clock)
        asyncio.set_event_loop(self.loop)
        self.puppets = Puppets()
        quotas = Quotas(3, 200, QUERY_SECONDS, 600.0)
        self.queries = Queries(self.puppets, Forgetful(), self.clock, quotas, Bulletin())  # type: ignore[arg-type]
        self.hub = Hub(self.clock, RESUME_SECONDS, 30.0, Bulletin())
        self.journal = journal
        self.told: dict[str, Told] = {}
        self.given = 0  # the highest sequence that any connection was given
        self.transcript: list[Message] = []
        self.last: int | None = None
        self.epoch: str | None = None
        self.torn: set[str] = set()
        self.is_over = False
        self.wire: Wire | None = None
        self._attach()

    # --- what the server's side does ------------------------------------------------------------

    @precondition(lambda self: self._obeying())
    @rule(which=st.integers(0, 2), sizes=st.lists(st.integers(1, 900), min_size=1, max_size=6))
    def emit_tokens(self, which: int, sizes: list[int]) -> None:
        query_id = self._pick(which, self._obeying())
        told = self.told[query_id]
        for size in sizes:
            delta = "".join(chr(97 + (len(told.deltas) + n) % 26) for n in range(size))
            self._order(query_id, Token("sql", delta, len(told.deltas), 1))
            told.deltas += delta

    @precondition(lambda self: self._obeying())
    @rule(which=st.integers(0, 2), sizes=st.lists(st.integers(2, 1500), min_size=1, max_size=6))
    def emit_rows(self, which: int, sizes: list[int]) -> None:
        query_id = self._pick(which, self._obeying())
        told = self.told[query_id]
        for size in sizes:
            rows = b"[" + b" " * (size - 2) + b"]"
            self._order(query_id, RowsReady(told.chunks, 0, (), rows, 0, False))
            told.chunks += 1

    @precondition(lambda self: self._obeying())
    @rule(which=st.integers(0, 2), percent=st.integers(10, 90))
    def emit_progress(self, which: int, percent: int) -> None:
        self._order(
            self._pick(which, self._obeying()), StageProgressed(Stage.ANALYZING, percent, verbatim("…"), {})
        )

    @precondition(lambda self: self._obeying())
    @rule(which=st.integers(0, 2))
    def finish(self, which: int) -> None:
        query_id = self._pick(which, self._obeying())
        self._order(query_id, DONE)

    @precondition(lambda self: self._obeying())
    @rule(
        which=st.integers(0, 2),
        error=st.sampled_from(
            [Fault(Code.LLM_SERVICE_ERROR, verbatim("no")), RuntimeError("bug"), OSError()]
        ),
    )
    def fail(self, which: int, error: Exception) -> None:
        self._order(self._pick(which, self._obeying()), error)

    @rule(seconds=st.sampled_from([0.5, QUERY_SECONDS / 2, QUERY_SECONDS + 1]))
    def wait(self, seconds: float) -> None:
        """Time passes: queries that are too old time out, and a session without a client comes to its end."""
        self.clock.advance(seconds)
        self._turn()

    @precondition(lambda self: self.wire and not self.is_over)
    @rule()
    def broadcast(self) -> None:
        self.session.channel.offer(StatusAnnounced("maintenance", "info"))

    # --- what the client's side does ------------------------------------------------------------

    @precondition(lambda self: self.wire and not self.is_over)
    @rule(times=st.integers(1, 4))
    def ask(self, times: int) -> None:
        for _ in range(times):
            self._say({"type": "query_request", "data": {"query": "q"}})
        for query in self.queries.running():
            self.told.setdefault(query.id, Told())

    @precondition(lambda self: self.wire and self._running())
    @rule(which=st.integers(0, 2))
    def cancel(self, which: int) -> None:
        query_id = self._pick(which, self._running())
        query = next(query for query in self.queries.running() if query.id == query_id)
        self._say({"type": "query_cancel", "data": {"query_id": query_id}})
        # One that came to its end in the turn before the cancel was read is not cancelled any more.
        assert query.stopped or query.status != "running"
        self.told[query_id].is_cancelled = query.stopped

    @precondition(lambda self: self.wire)
    @rule(frames=st.integers(1, 12))
    def read(self, frames: int) -> None:
        self._receive(self._take(frames))

    @precondition(lambda self: self.wire and not self.is_over)
    @rule(frames=st.integers(0, 6), arrived=st.integers(0, 6))
    def disconnect(self, frames: int, arrived: int) -> None:
        """The connection breaks; of the last frames only so many had arrived."""
        assert self.wire is not None
        self._receive(self._take(frames)[:arrived])
        self._detach()

    @precondition(lambda self: self.wire is None and not self.is_over)
    @rule()
    def resume(self) -> None:
        self._attach()

    @precondition(lambda self: self.wire and not self.is_over)
    @rule(frames=st.integers(0, 6), arrived=st.integers(0, 6))
    def take_over(self, frames: int, arrived: int) -> None:
        """The client comes back before the server has noticed that the older connection is dead."""
        self._receive(self._take(frames)[:arrived])
        older = self.wire
        session = self.session
        self._attach()
        assert older is not None
        assert older.departure is REPLACED
        self.hub.detach(session, older)
        assert session.connection is self.wire

    @precondition(lambda self: self.wire is None)
    @rule()
    def stay_away(self) -> None:
        """For so long that the session ends, and with it what it had running."""
        self.clock.advance(RESUME_SECONDS + 1)
        self._turn()
        assert self.queries.running() == []

    @precondition(lambda self: not self.is_over and len(self.told) > 5)
    @rule()
    def shut_down(self) -> None:
        self.is_over = True
        wire = self.wire
        self._run(self._shut_down())
        assert self.queries.running() == []
        if wire is not None:
            assert wire.departure is SHUTTING_DOWN

    # --- what must hold -------------------------------------------------------------------------

    @invariant()
    def sequences_have_no_gap(self) -> None:
        sequences = [message["sequence"] for message in self.transcript]
        assert sequences == sorted(set(sequences))

    @invariant()
    def starts_are_first_and_endings_last(self) -> None:
        for query_id, messages in self._by_query().items():
            kinds = [message["type"] for message in messages]
            if query_id not in self.torn:
                assert kinds[0] == "query_start"
            assert "query_start" not in kinds[1:]
            assert not set(kinds[:-1]) & set(ENDINGS)

    @invariant()
    def what_was_emitted_is_what_arrives(self) -> None:
        for query_id, messages in self._by_query().items():
            if query_id in self.torn:
                continue
            told = self.told[query_id]
            deltas = "".join(m["data"]["delta"] for m in messages if m["type"] == "query_token")
            chunks = [m["data"]["chunk_index"] for m in messages if m["type"] == "query_result"]
            assert told.deltas.startswith(deltas)
            assert chunks == list(range(len(chunks)))
            if messages[-1]["type"] == "query_complete":
                assert (deltas, len(chunks)) == (told.deltas, told.chunks)

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        if not self.is_over and self.wire is None:
            self._attach()
        if self.wire is not None:
            self._end_in_peace()
        self._turn()
        asyncio.set_event_loop(None)
        self.loop.close()

    def _end_in_peace(self) -> None:
        """A client that is there at the end has one ending of every query, whatever happened to it."""
        if not self.is_over:
            self._receive(self._take(10_000))
            waiting = [
                self.puppets.orders[query_id].qsize()
                for query_id in self._obeying()
                if query_id in self.puppets.orders
            ]
            assert sum(waiting) == 0, "a client that reads lets every query go on"
            self.shut_down()
        self._receive(self._take(10_000))
        self.starts_are_first_and_endings_last()
        self.what_was_emitted_is_what_arrives()
        by_query = self._by_query()
        for query_id in self.told.keys() - self.torn:
            assert by_query[query_id][-1]["type"] in ENDINGS

    # --- inside ---------------------------------------------------------------------------------

    async def _shut_down(self) -> None:
        await self.queries.drain(0)
        await self.queries.close()
        await self.hub.close()

    def _attach(self) -> None:
        """A new connection of the session: it claims what the client saw last, and its ack is believed."""
        wire = Wire()

        async def attach() -> Session:
            claim = Claim(self.last, self.epoch)
            return self.hub.attach("s", ME, wire, claim, self._new_session)

        self.session = self._run(attach())
        self.wire = wire
        frame = self.session.channel.take_now()
        assert frame is not None
        self._believe(orjson.loads(frame))

    def _believe(self, ack: Message) -> None:
        assert ack["type"] == "connection_ack"
        data = ack["data"]
        if data["resumed"]:
            assert data["replayed"] == data["last_sequence"] - (self.last or 0)
            assert data["epoch"] == self.epoch
        else:
            self.torn = set(self.told)
            self.transcript = []
            self.last = data["last_sequence"]
        if data["epoch"] != self.epoch:
            self.given = 0
        self.epoch = data["epoch"]

    def _new_session(self, name: str, user: User) -> Session:
        dialect = Text2Sql(name, user.wire_id, "zh", 4000)
        channel = Channel(dialect, self.clock, OUTBOX, self.journal)
        return Session(name, user, dialect, channel, self.queries, None)  # type: ignore[arg-type]

    def _detach(self) -> None:
        async def detach() -> None:
            assert self.wire is not None
            self.hub.detach(self.session, self.wire)

        self._run(detach())
        self.wire = None

    def _say(self, message: Message) -> None:
        async def say() -> None:
            assert self.wire is not None
            self.session.receive(orjson.dumps(message).decode(), self.wire)

        self._run(say())

    def _take(self, frames: int) -> list[Message]:
        """What the connection's writer gives to the socket, the query's side going on in between."""
        taken = []
        for _ in range(frames):
            frame = self.session.channel.take_now()
            if frame is None:
                break
            taken.append(orjson.loads(frame))
            self._note(taken[-1])
            self._turn()
        return taken

    def _note(self, message: Message) -> None:
        """Of a query that was cancelled nothing new is given to any connection, but its start and its end."""
        if message.get("sequence", 0) <= self.given:
            return
        assert message["sequence"] == self.given + 1
        self.given = message["sequence"]
        told = self.told.get(message["data"]["query_id"])
        if told is not None and told.is_cancelled:
            assert message["type"] in ("query_start", "query_cancel"), message

    def _receive(self, messages: list[Message]) -> None:
        for message in messages:
            if "sequence" in message:
                assert message["sequence"] == (self.last or 0) + 1, "the client sees a gap, or a thing twice"
                self.last = message["sequence"]
                self.transcript.append(message)

    def _order(self, query_id: str, order: Order) -> None:
        self.told[query_id].is_ending = isinstance(order, Answer | Exception)
        self.puppets.orders.setdefault(query_id, asyncio.Queue()).put_nowait(order)
        self._turn()

    def _running(self) -> list[str]:
        return [] if self.is_over else [query.id for query in self.queries.running()]

    def _obeying(self) -> list[str]:
        """Those that were not told to end yet."""
        return [query_id for query_id in self._running() if not self.told[query_id].is_ending]

    def _pick(self, which: int, among: list[str]) -> str:
        return among[which % len(among)]

    def _by_query(self) -> dict[str, list[Message]]:
        found: dict[str, list[Message]] = {}
        for message in self.transcript:
            found.setdefault(message["data"]["query_id"], []).append(message)
        return found

    def _turn(self) -> None:
        """Let everything that can happen without time passing happen."""

        async def turn() -> None:
            for _ in range(12):
                await asyncio.sleep(0)

        self._run(turn())

    def _run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)


TestSessions = Sessions.TestCase
TestSessions.settings = settings(examples(1.5), stateful_step_count=50)
