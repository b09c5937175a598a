"""One `plain` client: its questions take turns, and all it is sent is logged.

Without resume: what it asked for is stopped when its connection closes. Nothing in here waits. A question
starts when the one before it has been told to its end, not sooner: frames of `plain` bear no id.
"""

import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import assert_never

import structlog

from text2sql_ws.channel import JOINED_CHARS, Channel
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask, Cancel
from text2sql_ws.dialects.plain import Delta, Plain
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Closing, MessageRefused, Notice, QueryFailed, QueryStarted, Stage, Stamped
from text2sql_ws.queries import Queries
from text2sql_ws.query import Owner
from text2sql_ws.sessions import Attached
from text2sql_ws.texts import say
from text2sql_ws.withheld import Withheld

log = structlog.get_logger()


class Turns:
    """What a connection serves. `most_waiting` questions may wait behind the one that is being told."""

    def __init__(
        self,
        session_id: str,
        user_id: str,
        dialect: "Outspoken",
        queries: Queries,
        clock: Clock,
        outbox_bytes: int,
        most_waiting: int,
    ) -> None:
        self.id = session_id
        self.connection: Attached | None = None
        self.channel: Channel = _Watched(dialect, clock, outbox_bytes, self._went_out)
        self._owner = Owner(user_id, session_id)
        self._dialect = dialect
        self._queries = queries
        self._clock = clock
        self._waiting: deque[Ask] = deque()
        self._most_waiting = most_waiting

    def receive(self, text: str, sender: Attached) -> None:
        """Carry out one message. A bad one is answered, and harms nothing else."""
        try:
            self._carry_out(self._read(text, sender))
        except Fault as fault:
            self.channel.offer(MessageRefused(fault))

    def refuse(self, fault: Fault, sender: Attached) -> None:
        """Answer a message that isn't even text."""
        try:
            sender.count_message()
        except Fault as limited:
            fault = limited
        self.channel.offer(MessageRefused(fault))

    def close(self) -> None:
        """The client is gone, and with it what it asked for."""
        self._waiting.clear()
        self._queries.cancel_all_of(self.id)

    def _read(self, text: str, sender: Attached) -> Ask | Cancel:
        try:
            command = self._dialect.parse(text)
        except Fault:
            sender.count_message()
            raise
        if not isinstance(command, Cancel):
            sender.count_message()
        return command

    def _carry_out(self, command: Ask | Cancel) -> None:
        match command:
            case Ask():
                if len(self._waiting) >= self._most_waiting:
                    limit = self._most_waiting
                    raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("plain.too_many_waiting", limit=limit))
                self._waiting.append(command)
                self._go_on()
            case Cancel():
                running = self._queries.running(self.id)
                if not running:
                    raise Fault(Code.QUERY_NOT_FOUND, say("query.not_found", query_id=""))
                for query in running:
                    self._queries.cancel(query.id, lambda _: True)
            case other:
                assert_never(other)

    def _go_on(self) -> None:
        """Start the next question, if the one before it has been told."""
        if self._dialect.is_telling or not self._waiting:
            return
        ask = self._waiting.popleft()
        self._dialect.begin(return_result=ask.return_result)
        try:
            self._queries.start(ask, self._owner, self.channel)
        except Fault as fault:
            self._turn_away(ask, fault)

    def _turn_away(self, ask: Ask, fault: Fault) -> None:
        """A question that can't even start is told like one that failed: its client waits for an end."""
        query_id, at = str(uuid.uuid4()), self._clock.now()
        self.channel.put_now(Stamped(query_id, at, ask.locale, QueryStarted(ask.question)))
        self.channel.put_now(Stamped(query_id, at, ask.locale, QueryFailed(fault, Stage.ANALYZING)))

    def _went_out(self, frame: bytes) -> None:
        self._dialect.log(frame)
        self._go_on()


class Outspoken(Plain):
    """`Plain`, and a log of what it says. Farewells are logged where they are made: no channel sends them."""

    def __init__(
        self, session_id: str, question_chars: int, whole_bytes: int, withheld: Withheld, *, cumulative: bool
    ) -> None:
        super().__init__(question_chars, whole_bytes, cumulative=cumulative)
        self._session_id = session_id
        self._withheld = withheld
        self.joined_chars = JOINED_CHARS if cumulative else 0

    def notice(self, notice: Notice, at: datetime) -> bytes:
        frame = super().notice(notice, at)
        if isinstance(notice, Closing):
            self.log(frame)
        return frame

    def log(self, frame: bytes) -> None:
        """Log a frame that goes out, in the words that those who run the server look for."""
        if isinstance(frame, Delta):
            log.debug(f"WebSocket发送流式chunk: {self._withheld(frame.delta)}", session_id=self._session_id)
        elif type(frame) is bytes:  # not a ping or a pong: those are no messages
            log.info(f"WebSocket发送: {self._withheld(frame.decode())}", session_id=self._session_id)


class _Watched(Channel):
    """A channel without a journal that tells of each frame as it goes to the wire."""

    def __init__(
        self, dialect: Outspoken, clock: Clock, outbox_bytes: int, went_out: Callable[[bytes], None]
    ) -> None:
        super().__init__(dialect, clock, outbox_bytes, 0, dialect.joined_chars)
        self._went_out = went_out

    def _idle_courier(self) -> None:
        """None, so that all is taken, and none goes past who watches."""

    def take_now(self) -> bytes | None:
        frame = super().take_now()
        if frame is not None:
            self._went_out(frame)
        return frame
