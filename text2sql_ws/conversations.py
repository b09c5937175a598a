"""Conversations and their messages: stored, one user's own, or shared with named members.

Three spaces keep apart what different clients call by the same name: "ask" (the questions of `text2sql` and
`steps`), "scm" and "chat". In "chat" a name belongs to whoever named it first, elsewhere each user has their
own.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Answer
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import RECALLED_TURNS, Conversation, Message, Said, Space, said_of, title_of
from text2sql_ws.recorded import (
    COUNTED,
    conversation_of,
    holds,
    joined_conversation_of,
    message_of,
    named,
    readable,
    utc,
)
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import conversations, members, messages
from text2sql_ws.texts import say

PAGE_SIZE = 100
"""Conversations or messages that one answer holds at most."""


class Conversations:
    """Every method raises `Fault` UNKNOWN_ERROR when the storage fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Two who open the same name at once must not both make it.
        self._opening = asyncio.Lock()

    # --- conversations --------------------------------------------------------------------------

    async def open(self, space: Space, user_id: str, name: str, title: str = "") -> Conversation:
        """The conversation of that name; a new one of this user's where there is none.

        Raises `Fault` SESSION_NOT_FOUND for one that exists and may not be entered (in "chat").
        """
        async with self._opening, self._database.transaction() as connection:
            found = await self._look_up(connection, space, user_id, name)
            if found is not None:
                return await self._entered(connection, found, user_id, name)
            return await self._create(connection, space, user_id, name, title)

    async def find(self, space: Space, user_id: str, name: str) -> Conversation:
        """Raises `Fault` SESSION_NOT_FOUND for one that is unknown or may not be entered."""
        async with self._database.transaction() as connection:
            found = await self._look_up(connection, space, user_id, name)
            if found is None:
                raise _not_found(name)
            return await self._entered(connection, found, user_id, name)

    async def get(
        self, spaces: Sequence[Space], user_id: str, conversation_id: str, *, in_chat: str = ""
    ) -> Conversation:
        """One that a user may read, by our id. Raises `Fault` SESSION_NOT_FOUND.

        `in_chat`: what the user is called in "chat", if not the same.
        """
        mine = readable(spaces, user_id, in_chat)
        wanted = COUNTED.where(conversations.c.id == conversation_id, mine)
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise _not_found(conversation_id)
        return conversation_of(row)

    async def rename(self, conversation: Conversation, title: str) -> Conversation:
        changed = {"title": title_of(title), "updated_at": self._now()}
        mine = conversations.c.id == conversation.id
        async with self._database.transaction() as connection:
            await connection.execute(update(conversations).where(mine).values(changed))
        return await self.find(conversation.space, conversation.owner_id, conversation.name)

    async def delete(self, conversation: Conversation) -> None:
        """Its messages go with it."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(conversations).where(conversations.c.id == conversation.id))

    async def page(
        self,
        spaces: Sequence[Space],
        user_id: str,
        page: int = 1,
        size: int = 20,
        text: str = "",
        *,
        name: str = "",
        in_chat: str = "",
    ) -> tuple[list[Conversation], int]:
        """What a user may read, what was used last first, and how much there is in all. `page` is from 1.

        With `text` only those that hold it, in their title or in a message; with `name` those called so.
        """
        mine = readable(spaces, user_id, in_chat)
        if name:
            mine &= conversations.c.name == name
        if text:
            inside = (messages.c.conversation_id == conversations.c.id) & holds(text)
            mine &= conversations.c.title.icontains(text, autoescape=True) | exists().where(inside)
        size = min(size, PAGE_SIZE)
        wanted = (
            COUNTED.where(mine)
            .order_by(conversations.c.updated_at.desc(), conversations.c.id)
            .limit(size)
            .offset((page - 1) * size)
        )
        async with self._database.transaction() as connection:
            total = await connection.scalar(select(func.count()).select_from(conversations).where(mine))
            rows = (await connection.execute(wanted)).all()
        return [conversation_of(row) for row in rows], total or 0

    async def share(self, conversation: Conversation, user_id: str) -> None:
        """Let another user in; saying so twice changes nothing."""
        row = {"conversation_id": conversation.id, "user_id": user_id, "since": self._now()}
        async with self._database.transaction() as connection:
            if not await self._is_member(connection, conversation.id, user_id):
                await connection.execute(insert(members).values(row))

    async def members(self, conversation: Conversation) -> list[str]:
        """Its owner, and whom it was shared with."""
        theirs = select(members.c.user_id).where(members.c.conversation_id == conversation.id)
        async with self._database.transaction() as connection:
            rows = (await connection.scalars(theirs.order_by(members.c.since))).all()
        return [conversation.owner_id, *(user_id for user_id in rows if user_id != conversation.owner_id)]

    # --- messages -------------------------------------------------------------------------------

    async def add(self, conversation: Conversation, *said: Said) -> list[Message]:
        """Store messages, in this order and all or none. When it returns they outlive the process.

        Raises `Fault` SESSION_NOT_FOUND where the conversation was deleted meanwhile.
        """
        async with self._database.transaction() as connection:
            changed: dict[str, Any] = {"updated_at": self._now()}
            if question := _first_question(said):
                untitled = conversations.c.title == ""
                changed["title"] = case((untitled, title_of(question)), else_=conversations.c.title)
            mine = conversations.c.id == conversation.id
            found = await connection.execute(update(conversations).where(mine).values(changed))
            if not found.rowcount:
                raise _not_found(conversation.name)
            return [await self._add(connection, conversation.id, one) for one in said]

    async def messages(
        self,
        conversation: Conversation,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE_SIZE,
    ) -> list[Message]:
        """The latest `limit` messages, oldest first; those ahead of position `before`.

        With `after` the first ones beyond that position instead.
        """
        wanted = select(messages).where(messages.c.conversation_id == conversation.id)
        if after is not None:
            wanted = wanted.where(messages.c.position > after).order_by(messages.c.position).limit(limit)
            async with self._database.transaction() as connection:
                return [message_of(row) for row in (await connection.execute(wanted)).all()]
        if before is not None:
            wanted = wanted.where(messages.c.position < before)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted.order_by(messages.c.position.desc()).limit(limit))).all()
        return [message_of(row) for row in reversed(rows)]

    async def said_lately(self, conversation: Conversation, limit: int) -> list[Message]:
        """The latest `limit` messages, oldest first, without rows and charts: for models to be told of."""
        bare = [column for column in messages.c if column.name not in ("results", "visualization")]
        wanted = select(*bare, null().label("results"), null().label("visualization"))
        mine = messages.c.conversation_id == conversation.id
        latest = wanted.where(mine).order_by(messages.c.position.desc()).limit(limit)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(latest)).all()
        return [message_of(row) for row in reversed(rows)]

    async def search(
        self,
        spaces: Sequence[Space],
        user_id: str,
        text: str,
        limit: int = 50,
        within: Sequence[Conversation] | None = None,
        *,
        in_chat: str = "",
    ) -> list[tuple[Conversation, Message]]:
        """A user's own messages that hold `text` (case ignored in ASCII), the latest first.

        `within`: only those of these conversations.
        """
        mine = readable(spaces, user_id, in_chat)
        if within is not None:
            mine &= conversations.c.id.in_([conversation.id for conversation in within])
        both = select(messages, *[column.label(f"c_{column.name}") for column in conversations.c]).join(
            conversations, conversations.c.id == messages.c.conversation_id
        )
        wanted = (
            both.where(mine, holds(text)).order_by(messages.c.position.desc()).limit(min(limit, PAGE_SIZE))
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(wanted)).all()
        return [(joined_conversation_of(row), message_of(row)) for row in rows]

    # --- what a query recalls -------------------------------------------------------------------

    async def recall(self, user_id: str, conversation_id: str) -> Sequence[Turn]:
        """The latest turns of a conversation in "ask", oldest first; none for one that is new."""
        latest = (
            select(messages.c.content, messages.c.sql)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(
                named("ask", user_id, conversation_id),
                messages.c.role == "user",
                messages.c.sql.is_not(None),
            )
            .order_by(messages.c.position.desc())
            .limit(RECALLED_TURNS)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(latest)).all()
        return [Turn(row.content, row.sql) for row in reversed(rows)]

    async def remember(self, user_id: str, conversation_id: str, question: str, answer: Answer) -> None:
        """Add a question and its answer to a conversation in "ask". The question bears the SQL it became."""
        conversation = await self.open("ask", user_id, conversation_id)
        asked = Said("user", question, user_id, sql=answer.sql, id=uuid.uuid4().hex)
        await self.add(conversation, asked, replace(said_of(answer), parent_id=asked.id))

    # --- inside ---------------------------------------------------------------------------------

    async def _look_up(
        self, connection: AsyncConnection, space: Space, user_id: str, name: str
    ) -> Conversation | None:
        row = (await connection.execute(COUNTED.where(named(space, user_id, name)))).first()
        return conversation_of(row) if row is not None else None

    async def _entered(
        self, connection: AsyncConnection, found: Conversation, user_id: str, name: str
    ) -> Conversation:
        if found.owner_id != user_id and not await self._is_member(connection, found.id, user_id):
            raise _not_found(name)
        return found

    async def _is_member(self, connection: AsyncConnection, conversation_id: str, user_id: str) -> bool:
        theirs = (members.c.conversation_id == conversation_id) & (members.c.user_id == user_id)
        return bool(await connection.scalar(select(exists().where(theirs))))

    async def _create(
        self, connection: AsyncConnection, space: Space, user_id: str, name: str, title: str
    ) -> Conversation:
        now = self._now()
        new = Conversation(uuid.uuid4().hex, space, user_id, name, title_of(title), utc(now), utc(now))
        row = {
            "id": new.id, "space": space, "owner_id": user_id, "name": name, "title": new.title,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        await connection.execute(insert(conversations).values(row))
        return new

    async def _add(self, connection: AsyncConnection, conversation_id: str, said: Said) -> Message:
        now, message_id = self._now(), said.id or uuid.uuid4().hex
        row = {
            "id": message_id, "conversation_id": conversation_id, "parent_id": said.parent_id,
            "role": said.role, "author_id": said.author_id, "content": said.content, "sql": said.sql,
            "results": said.results, "visualization": said.visualization, "status": said.status,
            "tokens": said.tokens, "created_at": now,
        }  # fmt: skip
        key = (await connection.execute(insert(messages).values(row))).inserted_primary_key
        position: int = key[0] if key is not None else 0
        return Message(position, message_id, conversation_id, utc(now), replace(said, id=message_id))

    def _now(self) -> datetime:
        return self._clock.now().replace(tzinfo=None)


def _first_question(said: Sequence[Said]) -> str:
    return next((one.content for one in said if one.role == "user"), "")


def _not_found(name: str) -> Fault:
    return Fault(Code.SESSION_NOT_FOUND, say("conversation.not_found", name=name[:100]))
