"""All chat sessions: who is in which, what they say to each other, and what is answered.

What is said is kept before anybody hears of it. Whoever is in a session may enter it (its owner, and those it
was shared with); that was asked of the storage when they came.
"""

import asyncio
import uuid
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Protocol

from text2sql_ws.answering import Answerer
from text2sql_ws.channel import Overwhelmed
from text2sql_ws.chat.answers import Reminded, Reply
from text2sql_ws.chat.circles import Circle, Delivery, Seat, push
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.conversations import Conversations
from text2sql_ws.dialects import chat_frames
from text2sql_ws.dialects.chat import Chat
from text2sql_ws.dialects.chat_commands import Send
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import Bulletin, SessionJoined, SessionLeft
from text2sql_ws.ledger import Ledger, Receipt, Spoken
from text2sql_ws.messages import Conversation, Said
from text2sql_ws.queries import Queries
from text2sql_ws.query import Owner
from text2sql_ws.settings import Limits
from text2sql_ws.texts import Locale, say

SESSIONS = 100
"""So many sessions one connection may be in."""


class Guest(Seat, Protocol):
    """A seat with the sessions that it is in, and a way to say what became of its commands."""

    locale: Locale
    circles: dict[str, Circle]

    def told(self, fault: Fault, request: str, **named: str | None) -> None: ...


class ChatRooms:
    def __init__(
        self,
        conversations: Conversations,
        ledger: Ledger,
        queries: Queries,
        pipeline: Answerer,
        clock: Clock,
        bulletin: Bulletin,
        limits: Limits,
    ) -> None:
        self._conversations = conversations
        self._ledger = ledger
        self._queries = queries
        self._pipeline = pipeline
        self._clock = clock
        self._bulletin = bulletin
        self._limits = limits
        self._guests: dict[str, dict[Guest, None]] = {}
        self._circles: dict[str, Circle] = {}
        self._replies: dict[str, Reply] = {}
        self._deserted: dict[str, asyncio.TimerHandle] = {}

    # --- coming and going -----------------------------------------------------------------------

    def welcome(self, guest: Guest) -> None:
        self._guests.setdefault(guest.user_id, {})[guest] = None

    def farewell(self, guest: Guest) -> None:
        """The connection is gone, however it closed."""
        guest.outbox.close()
        theirs = self._guests[guest.user_id]
        del theirs[guest]
        if not theirs:
            del self._guests[guest.user_id]
        for circle in list(guest.circles.values()):
            self._part(guest, circle)
            circle.tell(self._left(guest, circle))

    async def enter(self, guest: Guest, name: str) -> Circle:
        """Be in a session from now on; the others hear of it. Raises `Fault` SESSION_NOT_FOUND."""
        if name in guest.circles:
            return guest.circles[name]
        if len(guest.circles) >= SESSIONS:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("chat.too_many", limit=SESSIONS))
        return self.seat(guest, await self._conversations.open("chat", guest.user_id, name))

    def seat(self, guest: Guest, conversation: Conversation) -> Circle:
        """Have a guest in a session that they may enter."""
        name = conversation.name
        circle = self._circles.setdefault(name, Circle(conversation))
        if (deserted := self._deserted.pop(name, None)) is not None:
            deserted.cancel()
        circle.enter(guest)
        guest.circles[name] = circle
        self._bulletin.tell(SessionJoined(name, guest.user_id))
        circle.tell(self._joined(guest, circle), but=guest)
        return circle

    async def join(self, guest: Guest, name: str) -> None:
        """The same, and the guest hears of it too; it is the connection's session from then on."""
        circle = await self.enter(guest, name)
        guest.circles[name] = guest.circles.pop(name)
        push(guest, self._joined(guest, circle))

    def leave(self, guest: Guest, circle: Circle) -> None:
        self._part(guest, circle)
        frame = self._left(guest, circle)
        push(guest, frame)
        circle.tell(frame)

    def dissolve(self, conversation: Conversation) -> None:
        """It was deleted: nobody is in it any more, and what is still being answered there is stopped.

        Whoever is first to name it again begins another, and meets nobody of this one.
        """
        circle = self._circles.get(conversation.name)
        if circle is None or circle.conversation.id != conversation.id:
            return
        circle.is_gone = True
        for guest in [guest for theirs in self._guests.values() for guest in theirs]:
            if guest.circles.get(circle.name) is circle:
                self.leave(guest, circle)
        self._abandon(circle)
        self._forget(circle)

    async def share(self, guest: Guest, name: str, user_id: str) -> None:
        """Let another user in. Raises `Fault` SESSION_NOT_FOUND, also for a session of somebody else's."""
        conversation = await self._conversations.find("chat", guest.user_id, name)
        if conversation.owner_id != guest.user_id:
            raise Fault(Code.SESSION_NOT_FOUND, say("chat.not_owner", name=name[:100]))
        await self._conversations.share(conversation, user_id)
        frame = chat_frames.shared(name, user_id, self._clock.now())
        for seat in {guest: None, **self._guests.get(user_id, {})}:
            push(seat, frame)

    # --- what is said ---------------------------------------------------------------------------

    def type(self, guest: Guest, circle: Circle, is_typing: bool) -> None:
        frame = chat_frames.typing(circle.name, guest.user_id, is_typing, self._clock.now())
        circle.tell(frame, but=guest)

    def say(self, guest: Guest, circle: Circle, command: Send) -> None:
        """Have a message kept, and then tell everybody and answer it. Raises `Fault`, and nothing happens."""
        ask = Ask(command.content, DataSourceChoice(command.datasource), locale=guest.locale)
        self._pipeline.check(ask)
        at, message_id = self._clock.now(), str(uuid.uuid4())
        said = Said("user", command.content, guest.user_id, id=message_id)
        kept = partial(self._kept, guest, circle, ask, command.client_id, message_id, at)
        self._ledger.add(Spoken(circle.conversation.id, said, at, kept))
        circle.errands += 1

    def _kept(
        self,
        guest: Guest,
        circle: Circle,
        ask: Ask,
        client_id: str | None,
        message_id: str,
        at: datetime,
        fault: Fault | None,
    ) -> None:
        """A message was kept, or not: acknowledge it, tell the others, have it answered."""
        try:
            if fault is not None:
                raise fault
            push(guest, chat_frames.status_update(message_id, "sent", self._clock.now(), client_id))
            circle.note(message_id, guest.user_id)
            self._pass_on(guest, circle, message_id, ask.question, at)
            self._reply(guest, circle, ask, message_id)
        except Fault as why:
            named = {} if why is fault else {"message_id": message_id}
            guest.told(why, "send_message", client_id=client_id, **named)
        finally:
            self._settle(circle)

    def _pass_on(self, guest: Guest, circle: Circle, message_id: str, content: str, at: datetime) -> None:
        others = [seat for seat in circle.seats if seat is not guest]
        delivery = Delivery(len(others))

        def heard(taken: bool) -> None:
            if delivery.heard(taken):
                push(guest, chat_frames.status_update(message_id, "delivered", self._clock.now()))

        frame = chat_frames.said(message_id, circle.name, content, guest.user_id, at)
        for seat in others:
            try:
                seat.outbox.push(frame, heard=heard)
            except Overwhelmed:
                seat.drop_out()

    def read_lately(self, guest: Guest, message_id: str) -> bool:
        """Note that a message was read, where it is known who wrote it; else false."""
        for circle in guest.circles.values():
            if (author_id := circle.author(message_id)) is not None:
                self._receive(guest, message_id, author_id)
                return True
        return False

    async def read(self, guest: Guest, message_id: str) -> None:
        """Note that a message was read. Raises `Fault` for one that isn't there, or not for this user."""
        author = await self._ledger.author(message_id)
        try:
            name = author.conversation_name if author is not None else ""
            await self._conversations.find("chat", guest.user_id, name)
        except Fault as fault:
            if fault.code is not Code.SESSION_NOT_FOUND:
                raise
            author = None
        if author is None:
            why = say("chat.no_message")
            raise Fault(Code.INVALID_MESSAGE, say("message.field", field="message_id", why=why))
        self._receive(guest, message_id, author.user_id)

    def _receive(self, guest: Guest, message_id: str, author_id: str) -> None:
        at = self._clock.now()

        def kept(fault: Fault | None) -> None:
            if fault is not None:
                guest.told(fault, "message_read")
                return
            frame = chat_frames.status_update(message_id, "read", at, user_id=guest.user_id)
            for seat in list(self._guests.get(author_id, {})):
                push(seat, frame)

        if author_id != guest.user_id:
            self._ledger.add(Receipt(message_id, guest.user_id, "read", at, kept))

    # --- what is answered -----------------------------------------------------------------------

    def cancel(self, guest: Guest, message_id: str) -> None:
        """Stop an answer, by its own id or its question's. Raises `Fault` QUERY_NOT_FOUND."""
        for reply in self._replies.values():
            if message_id in (reply.id, reply.question_id) and self._may_cancel(guest, reply):
                self._queries.cancel(reply.id, lambda _: True)
                return
        raise Fault(Code.QUERY_NOT_FOUND, say("query.not_found", query_id=message_id[:100]))

    def _may_cancel(self, guest: Guest, reply: Reply) -> bool:
        return guest.user_id in (reply.asker_id, reply.circle.conversation.owner_id)

    def _reply(self, guest: Guest, circle: Circle, ask: Ask, question_id: str) -> None:
        """Begin the answer; all who are in the session hear it. Raises `Fault` where there are too many."""
        voice = Chat(guest.locale, self._limits.question_chars, circle.name, question_id)
        reply = Reply(
            circle, question_id, guest.user_id, voice,
            self._ledger, self._clock, self._limits.slow_client_timeout, self._replied,
        )  # fmt: skip
        reminded = Reminded(self._pipeline, partial(self._ledger.recall, circle.conversation.id))
        # What no session of another dialect can be called: theirs never end these.
        owner = Owner(guest.user_id, f"chat/{circle.name}")
        self._queries.start(ask, owner, reply, reminded)
        self._replies[reply.id] = reply
        circle.errands += 1

    def _replied(self, reply: Reply) -> None:
        self._replies.pop(reply.id, None)
        reply.circle.note(reply.id, "")
        self._settle(reply.circle)

    # --- the end of a session -------------------------------------------------------------------

    def _part(self, guest: Guest, circle: Circle) -> None:
        circle.leave(guest)
        del guest.circles[circle.name]
        self._bulletin.tell(SessionLeft(circle.name, guest.user_id))
        if circle.seats:
            return
        if circle.errands:
            loop = asyncio.get_running_loop()
            abandon = loop.call_later(self._limits.resume_seconds, self._abandon, circle)
            self._deserted[circle.name] = abandon
        else:
            self._forget(circle)

    def _settle(self, circle: Circle) -> None:
        """Something that was to be done for a session is done; an empty one with nothing to do goes."""
        circle.errands -= 1
        if circle.errands == 0 and not circle.seats:
            self._forget(circle)

    def _forget(self, circle: Circle) -> None:
        """Unless another goes by its name already."""
        if self._circles.get(circle.name) is circle:
            del self._circles[circle.name]
            if (deserted := self._deserted.pop(circle.name, None)) is not None:
                deserted.cancel()

    def _abandon(self, circle: Circle) -> None:
        """Nobody came back in time."""
        self._deserted.pop(circle.name, None)
        for reply in list(self._replies.values()):
            if reply.circle is circle:
                with suppress(Fault):  # it has ended, and is being written down
                    self._queries.cancel(reply.id, lambda _: True)

    def close(self) -> None:
        for deserted in self._deserted.values():
            deserted.cancel()
        self._deserted.clear()

    def _joined(self, guest: Guest, circle: Circle) -> bytes:
        return chat_frames.joined(circle.name, guest.user_id, circle.users, self._clock.now())

    def _left(self, guest: Guest, circle: Circle) -> bytes:
        return chat_frames.left(circle.name, guest.user_id, circle.users, self._clock.now())
