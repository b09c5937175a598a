"""One question and its answer: the question stored, the answer heard as it comes, stored, and its end told.

An exchange answers for `Queries` (it knows what was said before) and is the query's way out: it tells the
connection that asked, as long as that is there. The one rule: whatever becomes of the connection or of the
query, what was said is stored, and then the ending is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from text2sql_ws.channel import Channel
from text2sql_ws.commands import Ask
from text2sql_ws.conversations import Conversations
from text2sql_ws.dialects.scm import Expected, Scm
from text2sql_ws.dialects.scm_commands import Chat
from text2sql_ws.dialects.wording import Wording
from text2sql_ws.done import DONE
from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    Answer,
    Emit,
    Ending,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    RowsReady,
    StageProgressed,
    Stamped,
)
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import Conversation, Message, Outcome, Said, said_of
from text2sql_ws.pipeline import Pipeline, Resume
from text2sql_ws.reminders import line_to, spoken, turns
from text2sql_ws.scm.errands import Errands
from text2sql_ws.talking import Talker
from text2sql_ws.texts import Text, say
from text2sql_ws.token_estimate import tokens_in

REMEMBERED = 200
"""Messages of a conversation that are looked through for what a question follows on."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers, and where it is written down. `history_tokens`: what a model is reminded of, at most."""

    pipeline: Pipeline
    talker: Talker
    conversations: Conversations
    errands: Errands
    history_tokens: int


class Recipient(Protocol):
    """The connection that asked."""

    @property
    def dialect(self) -> Scm: ...

    @property
    def channel(self) -> Channel: ...

    def warn(self, message: Text, request_id: str) -> None:
        """Tell it what went otherwise than it was asked; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the answer goes on from: the conversation before the question, and the question as stored."""

    conversation: Conversation
    earlier: Sequence[Message]
    question: Message


class Exchange:
    def __init__(
        self,
        chat: Chat,
        expected: Expected,
        user_id: str,
        desk: Desk,
        recipient: Recipient,
        over: Callable[[], None],
    ) -> None:
        self.expected = expected
        self._chat = chat
        self._user_id = user_id
        self._desk = desk
        self._recipient: Recipient | None = recipient
        self._over = over
        self._wording = Wording()
        self._opening: asyncio.Task[_Opened] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_forgotten = False

    @property
    def recipient(self) -> Recipient | None:
        """`None` once the connection that asked is gone."""
        return self._recipient

    def leave(self, query_id: str) -> None:
        """The connection that asked is gone: nobody listens, and nothing waits for room any more."""
        if self._recipient is not None:
            self._recipient.channel.drop(query_id)
            self._recipient = None

    async def forget(self) -> None:
        """The conversation is about to be deleted: store nothing more; returns when that is so."""
        self._is_forgotten = True
        await asyncio.wait({self._opened(), *([self._closing] if self._closing else [])})

    # --- answering: as `Queries` wants it -------------------------------------------------------

    def check(self, ask: Ask) -> None:
        (self._desk.pipeline if self._chat.about_data else self._desk.talker).check(ask)

    async def answer(
        self, query_id: str, ask: Ask, emit: Emit, resume: Resume, history: Sequence[Turn] = ()
    ) -> Answer:
        # Shielded: a question that is cancelled at once is stored all the same.
        opened = await asyncio.shield(self._opened())
        if self._chat.about_data:
            return await self._desk.pipeline.answer(query_id, ask, emit, resume, turns(opened.earlier))
        return await self._desk.talker.answer(ask, emit, spoken(opened.earlier, self._desk.history_tokens))

    # --- the query's way out --------------------------------------------------------------------

    def put(self, stamped: Stamped) -> Awaitable[None]:
        self._wording.hear(stamped.event)
        told = _told(stamped)
        if self._recipient is None or told is None:
            return DONE
        return self._recipient.channel.put(told)

    def put_now(self, stamped: Stamped) -> None:
        """The start is told at once, the end when the answer is stored."""
        self._wording.hear(stamped.event)
        match stamped.event:
            case QueryCompleted() | QueryFailed() | QueryCancelled() as ending:
                self._closing = self._desk.errands.run(self._close(stamped, ending))
            case QueryStarted():
                self._opened()
                if self._recipient is not None:
                    self._recipient.dialect.expect(stamped.query_id, self.expected)
                    self._recipient.channel.put_now(stamped)
            case _:
                pass

    def drop(self, query_id: str) -> None:
        if self._recipient is not None:
            self._recipient.channel.drop(query_id)

    # --- what is stored -------------------------------------------------------------------------

    def _opened(self) -> asyncio.Task[_Opened]:
        """Begun once, with the query; its result is asked for more than once."""
        if self._opening is None:
            self._opening = self._desk.errands.run(self._open())
        return self._opening

    async def _open(self) -> _Opened:
        kept, user_id = self._desk.conversations, self._user_id
        conversation = await kept.open("scm", user_id, self.expected.conversation_id)
        earlier = line_to(await kept.said_lately(conversation, REMEMBERED), self._chat.parent_id)
        parent_id = earlier[-1].id if earlier else None
        (question,) = await kept.add(
            conversation, Said("user", self._chat.message, user_id, parent_id=parent_id)
        )
        return _Opened(conversation, earlier, question)

    async def _close(self, stamped: Stamped, ending: Ending) -> None:
        try:
            await self._store(stamped.query_id, ending)
        except Fault as fault:
            # A failure that is the ending is told as that, and not a second time.
            unheard = not (isinstance(ending, QueryFailed) and ending.fault.code is fault.code)
            if self._recipient is not None and unheard:
                self._recipient.warn(say("scm.not_stored", why=fault.message), self.expected.request_id)
        finally:
            if self._recipient is not None:
                self._recipient.channel.put_now(stamped)
            self._over()

    async def _store(self, query_id: str, ending: Ending) -> None:
        """Raises `Fault`."""
        opened = await self._opened()
        said = self._said(ending)
        if said is not None and not self._is_forgotten:
            answer = replace(said, id=query_id, parent_id=opened.question.id)
            await self._desk.conversations.add(opened.conversation, answer)

    def _said(self, ending: Ending) -> Said | None:
        """The answer as it was told; half an answer too, unless nothing was said."""
        content = self._wording.text.strip()
        match ending:
            case QueryCompleted(answer=answer):
                status: Outcome = "length" if answer.cut_short else "complete"
                said = said_of(answer)
                tokens = said.tokens or tokens_in(content)
                return replace(said, content=content, status=status, tokens=tokens)
            case QueryFailed():
                status = "failed"
            case QueryCancelled():
                status = "cancelled"
        return Said("assistant", content, status=status, tokens=tokens_in(content)) if content else None


def _told(stamped: Stamped) -> Stamped | None:
    """What a connection is told of an event: that rows came, but not the rows; and of progress nothing."""
    match stamped.event:
        case StageProgressed():
            return None
        case RowsReady(chunk_index=index) as event:
            return replace(stamped, event=replace(event, rows_json=b"[]")) if index == 0 else None
        case _:
            return stamped
