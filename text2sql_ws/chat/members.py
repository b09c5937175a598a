"""One connection's commands. What must ask the storage is done one after the other, in the order it came.

Nothing in `receive` waits. Once the connection is gone `aclose` ends what it still had to ask; what was said
is said.
"""

import asyncio
from collections import deque
from typing import assert_never

import structlog

from text2sql_ws.chat.circles import Circle, push
from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.chat.rooms import ChatRooms
from text2sql_ws.clock import Clock
from text2sql_ws.commands import RefreshToken
from text2sql_ws.departures import TOO_SLOW
from text2sql_ws.dialects import flat
from text2sql_ws.dialects.chat import Chat
from text2sql_ws.dialects.chat_commands import (
    CancelAnswer,
    ChatCommand,
    Join,
    Leave,
    Ping,
    Pong,
    Read,
    Send,
    Share,
    Type,
)
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import HeartbeatAnswered, TokenRefreshed
from text2sql_ws.sessions import Attached
from text2sql_ws.texts import Locale, say

log = structlog.get_logger()

ERRANDS = 256
"""What one connection may have waiting for the storage."""


class Member:
    """`connection` is served by this, and by nothing else: in `chat` no connection takes another's place."""

    def __init__(
        self,
        user_id: str,
        home: str,
        locale: Locale,
        voice: Chat,
        outbox: Outbox,
        rooms: ChatRooms,
        clock: Clock,
    ) -> None:
        self.user_id = user_id
        self.locale = locale
        self.outbox = outbox
        self.connection: Attached | None = None
        self.circles: dict[str, Circle] = {}
        self._home = home
        self._voice = voice
        self._rooms = rooms
        self._clock = clock
        self._errands: deque[tuple[ChatCommand, Attached]] = deque()
        self._working: asyncio.Task[None] | None = None

    # --- as a session that a connection serves --------------------------------------------------

    @property
    def id(self) -> str:
        """The session that a command without one means: its address's, else the last that was entered."""
        return self._home if self._home in self.circles else next(reversed(self.circles), "")

    @property
    def channel(self) -> Outbox:
        return self.outbox

    def receive(self, text: str, sender: Attached) -> None:
        """Carry out one message. A bad one is answered, and harms nothing else."""
        command: ChatCommand | None = None
        try:
            command = self._read(text, sender)
            self._carry_out(command, sender)
        except Fault as fault:
            self._answer(fault, request=flat.kind_of(text), client_id=_client_id(command))

    def refuse(self, fault: Fault, sender: Attached) -> None:
        """Answer a message that isn't even text."""
        try:
            sender.count_message()
        except Fault as limited:
            fault = limited
        self._answer(fault)

    # --- as a seat --------------------------------------------------------------------------------

    def session_ids(self) -> list[str]:
        return list(self.circles)

    def drop_out(self) -> None:
        self.outbox.close()
        if self.connection is not None:
            self.connection.leave(TOO_SLOW)

    def told(self, fault: Fault, request: str, **named: str | None) -> None:
        """Say later what became of a command, after what was said of it before."""
        push(self, flat.error(fault, self._clock.now(), self.locale, request=request, **named))

    async def aclose(self) -> None:
        self._errands.clear()
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait({self._working})

    # --- inside -----------------------------------------------------------------------------------

    def _read(self, text: str, sender: Attached) -> ChatCommand:
        try:
            command = self._voice.parse(text)
        except Fault:
            sender.count_message()
            raise
        if not isinstance(command, Ping | Pong | CancelAnswer):
            sender.count_message()
        return command

    def _carry_out(self, command: ChatCommand, sender: Attached) -> None:
        match command:
            case Ping():
                self.outbox.offer(HeartbeatAnswered())
            case Pong():
                pass
            case CancelAnswer(message_id=message_id):
                self._rooms.cancel(self, message_id)
            case _:
                if self._errands or not self._done_at_once(command):
                    self._queue(command, sender)

    def _done_at_once(self, command: ChatCommand) -> bool:
        """Carry out what needs nothing from the storage first; false where it does."""
        match command:
            case Send(session_id=name) if circle := self.circles.get(name or self.id):
                self._rooms.say(self, circle, command)
            case Type(session_id=name, is_typing=is_typing):
                self._rooms.type(self, self._circle(name), is_typing)
            case Leave(session_id=name):
                self._rooms.leave(self, self._circle(name))
            case Read(message_id=message_id):
                return self._rooms.read_lately(self, message_id)
            case _:
                return False
        return True

    def _queue(self, command: ChatCommand, sender: Attached) -> None:
        if len(self._errands) >= ERRANDS:
            raise Fault(Code.RATE_LIMITED, say("message.too_many"))
        self._errands.append((command, sender))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="chat errands")
            self._working.add_done_callback(self._worked)

    async def _work(self) -> None:
        while self._errands:
            command, sender = self._errands[0]
            try:
                await self._do(command, sender)
            except Fault as fault:
                self.told(fault, KINDS[type(command)], client_id=_client_id(command))
            self._errands.popleft()

    def _worked(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("chat_errand_failed", exc_info=error)
            self.drop_out()

    async def _do(self, command: ChatCommand, sender: Attached) -> None:
        match command:
            case Join(session_id=name):
                await self._rooms.join(self, self._named(name))
            case Share(session_id=name, user_id=user_id):
                await self._rooms.share(self, self._named(name), user_id)
            case Read(message_id=message_id):
                await self._rooms.read(self, message_id)
            case RefreshToken(token=token):
                renewed = TokenRefreshed(await sender.renew(token))
                push(self, self._voice.notice(renewed, self._clock.now()))
            case Send(session_id=name):
                self._rooms.say(self, await self._rooms.enter(self, self._named(name)), command)
            case Leave() | Type():
                self._done_at_once(command)
            case Ping() | Pong() | CancelAnswer():
                pass  # carried out when they came
            case other:
                assert_never(other)

    def _named(self, name: str | None) -> str:
        """The session that is meant. Raises `Fault` INVALID_MESSAGE where the connection has none."""
        if not (meant := name or self.id):
            why = say("field.missing")
            raise Fault(Code.INVALID_MESSAGE, say("message.field", field="session_id", why=why))
        return meant

    def _circle(self, name: str | None) -> Circle:
        """A session that this connection is in. Raises `Fault` SESSION_NOT_FOUND."""
        meant = self._named(name)
        if meant not in self.circles:
            raise Fault(Code.SESSION_NOT_FOUND, say("chat.not_in", name=meant[:100]))
        return self.circles[meant]

    def _answer(self, fault: Fault, **named: str | None) -> None:
        self.outbox.offer_frame(flat.error(fault, self._clock.now(), self.locale, **named))


def _client_id(command: ChatCommand | None) -> str | None:
    return command.client_id if isinstance(command, Send) else None


KINDS = {
    Join: "join_session",
    Share: "share_session",
    Leave: "leave_session",
    Type: "typing",
    Send: "send_message",
    Read: "message_read",
    RefreshToken: "refresh_token",
}
