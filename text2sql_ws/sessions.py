"""One client's session: commands in, calls out. It outlives its connection; `hub.py` decides for how long.

Nothing in here waits: what takes time is a query's task, or an errand that the session owns.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol, assert_never

from text2sql_ws.bell import Bell
from text2sql_ws.channel import Channel, Overwhelmed
from text2sql_ws.commands import Ask, Cancel, Command, Feedback, Heartbeat, RefreshToken, Retry
from text2sql_ws.departures import TOO_SLOW, Departure
from text2sql_ws.dialects.dialect import Dialect
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import FeedbackReceived, HeartbeatAnswered, MessageRefused, Notice, TokenRefreshed
from text2sql_ws.feedback import FeedbackBook
from text2sql_ws.queries import Queries
from text2sql_ws.query import Owner, Query
from text2sql_ws.texts import say
from text2sql_ws.users import User

ERRANDS = 16
"""Errands of one session at a time; a client that asks for more is told to wait."""


class Attached(Protocol):
    """The connection that a session has at the moment, if any."""

    def leave(self, departure: Departure) -> None:
        """Tell the client why, and close; returns at once."""
        ...

    def count_message(self) -> None:
        """Count a message that came in. Raises `Fault` RATE_LIMITED when it is one too many."""
        ...

    async def renew(self, token: str) -> datetime:
        """Stay until this token expires; returns when that is. Raises `Fault`, and then nothing changes."""
        ...


class WayOut(Protocol):
    """Where a connection's writer takes its frames from: as `Channel` has it."""

    @property
    def bell(self) -> Bell:
        """Rings when there is something to take."""
        ...

    @property
    def is_crowded(self) -> bool: ...
    @property
    def waiting_bytes(self) -> int: ...

    def offer(self, notice: Notice, at: datetime | None = None) -> None: ...
    def offer_frame(self, frame: bytes) -> None: ...
    def take_now(self) -> bytes | None: ...


class Served(Protocol):
    """What a connection serves, whichever the dialect: messages go in, its channel's frames go out.

    `connection` is the one that has it at the moment; what a replaced one still hears is not its own.
    """

    connection: Attached | None

    @property
    def id(self) -> str: ...

    @property
    def channel(self) -> WayOut: ...

    def receive(self, text: str, sender: Attached) -> None:
        """Carry out one message, or answer what is wrong with it. Raises `Overwhelmed`; waits for nothing."""
        ...

    def refuse(self, fault: Fault, sender: Attached) -> None:
        """Answer a message that isn't even text. Raises `Overwhelmed`."""
        ...


class Session:
    __slots__ = (
        "_book", "_dialect", "_errands", "_queries", "channel", "connection", "epoch", "id", "user",
    )  # fmt: skip

    def __init__(
        self,
        session_id: str,
        user: User,
        dialect: Dialect,
        channel: Channel,
        queries: Queries,
        book: FeedbackBook,
    ) -> None:
        self.id = session_id
        self.user = user
        self.epoch = secrets.token_hex(8)
        self.channel = channel
        self.connection: Attached | None = None
        self._dialect = dialect
        self._queries = queries
        self._book = book
        self._errands: list[asyncio.Task[None]] = []

    def receive(self, text: str, sender: Attached) -> None:
        """Carry out one message. A bad one is answered, and harms nothing else."""
        command: Command | None = None
        try:
            command = self._read(text, sender)
            self._carry_out(command, sender)
        except Fault as fault:
            named = command.query_id if isinstance(command, Cancel | Retry | Feedback) else None
            self.channel.offer(MessageRefused(fault, named))

    def refuse(self, fault: Fault, sender: Attached) -> None:
        """Answer a message that isn't even text."""
        try:
            sender.count_message()
        except Fault as limited:
            fault = limited
        self.channel.offer(MessageRefused(fault))

    def queries(self) -> Sequence[dict[str, Any]]:
        """The session's queries, for a client that comes back: running ones, and those that ended lately."""
        return [_summary(query) for query in self._queries.of_session(self.id)]

    async def aclose(self) -> None:
        """The client is gone for good: stop what it asked for."""
        self._queries.cancel_all_of(self.id)
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    def _read(self, text: str, sender: Attached) -> Command:
        """Every message counts, one that can't be read too, but those that must always come through."""
        try:
            command = self._dialect.parse(text)
        except Fault:
            sender.count_message()
            raise
        if not isinstance(command, Heartbeat | Cancel):
            sender.count_message()
        return command

    def _carry_out(self, command: Command, sender: Attached) -> None:
        match command:
            case Ask():
                self._queries.start(command, self._owner, self.channel)
            case Cancel(query_id=query_id):
                self._queries.cancel(query_id, lambda query: query.owner == self._owner)
            case Retry(query_id=query_id):
                self._queries.retry(query_id, self._owner, self.channel)
            case Heartbeat():
                self.channel.offer(HeartbeatAnswered())
            case Feedback():
                self._run_errand(self._record(command))
            case RefreshToken(token=token):
                self._run_errand(self._renew(token, sender))
            case other:
                assert_never(other)

    @property
    def _owner(self) -> Owner:
        return Owner(self.user.id, self.id)

    async def _record(self, feedback: Feedback) -> None:
        try:
            await self._book.record(self.user.id, feedback)
        except Fault as fault:
            self._tell(MessageRefused(fault, feedback.query_id))
        else:
            self._tell(FeedbackReceived())

    async def _renew(self, token: str, sender: Attached) -> None:
        try:
            expires_at = await sender.renew(token)
        except Fault as fault:
            self._tell(MessageRefused(fault))
        else:
            self._tell(TokenRefreshed(expires_at))

    def _tell(self, notice: Notice) -> None:
        """What an errand came to. Nobody awaits it, so it deals itself with a client that doesn't read."""
        try:
            self.channel.offer(notice)
        except Overwhelmed:
            if self.connection is not None:
                self.connection.leave(TOO_SLOW)

    def _run_errand(self, errand: Coroutine[Any, Any, None]) -> None:
        if len(self._errands) >= ERRANDS:
            errand.close()
            raise Fault(Code.RATE_LIMITED, say("message.too_many"))
        task = asyncio.create_task(errand)
        self._errands.append(task)
        task.add_done_callback(self._errands.remove)


def _summary(query: Query) -> dict[str, Any]:
    sql = {"sql": query.sql} if query.sql is not None else {}
    return {
        "query_id": query.id,
        "query": query.ask.question,
        "status": query.status,
        "stage": query.stage.value,
    } | sql
