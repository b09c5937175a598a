"""Where what is said in chats is written down: many messages in one transaction, and none told before it.

Whoever adds a message goes on at once and is called when it is kept, or told why it isn't. What comes in one
turn of the loop, and while the last batch is being written, makes the next batch; the order is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import structlog
from sqlalchemy import bindparam, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from text2sql_ws.errors import Code, Fault
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import RECALLED_TURNS, Said, title_of
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import conversations, messages, receipts
from text2sql_ws.texts import say

log = structlog.get_logger()

PENDING = 10_000
"""Entries that may wait to be written: ten seconds of a full house."""

BATCH = 1000
SETTLING_SECONDS = 5.0

Kept = Callable[[Fault | None], None]
"""Called when an entry is kept, or with the reason why it isn't. It returns at once and raises nothing."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message for a conversation. `said.id` is set: its writer knows what to call it."""

    conversation_id: str
    said: Said
    at: datetime
    then: Kept


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a user has read a message; only the first of a user's counts."""

    message_id: str
    user_id: str
    status: str
    at: datetime
    then: Kept


Entry = Spoken | Receipt


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message (empty for the assistant), and in which conversation, as its client calls it."""

    user_id: str
    conversation_name: str


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: list[Entry] = []
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    # --- in -------------------------------------------------------------------------------------

    def add(self, entry: Entry) -> None:
        """Have an entry written. Raises `Fault` RESOURCE_LIMIT_EXCEEDED where too much waits already."""
        if len(self._pending) >= PENDING:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("storage.behind"))
        self._pending.append(entry)
        self._idle.clear()
        self._wanted.set()

    # --- what is asked of it --------------------------------------------------------------------

    async def author(self, message_id: str) -> Author | None:
        """Who wrote a message of a chat. Raises `Fault` UNKNOWN_ERROR when the storage fails."""
        wanted = (
            select(messages.c.author_id, conversations.c.name)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.id == message_id, conversations.c.space == "chat")
        )
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted)).first()
        return Author(row.author_id, row.name) if row is not None else None

    async def recall(self, conversation_id: str) -> Sequence[Turn]:
        """The latest questions that SQL answered, and that SQL, oldest first. Raises `Fault`."""
        question = messages.alias()
        latest = (
            select(question.c.content, messages.c.sql)
            .join(question, question.c.id == messages.c.parent_id)
            .where(
                messages.c.conversation_id == conversation_id,
                messages.c.role == "assistant",
                messages.c.sql.is_not(None),
            )
            .order_by(messages.c.position.desc())
            .limit(RECALLED_TURNS)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(latest)).all()
        return [Turn(row.content, row.sql) for row in reversed(rows)]

    # --- its life -------------------------------------------------------------------------------

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Self]:
        """Write while the block runs; what was added until its end is written then."""
        task = asyncio.create_task(self._write_on(), name="ledger")
        try:
            yield self
            await self.settled()
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def settled(self) -> None:
        """Wait until all is written, or for so long as a server that is stopping can."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.error("messages_not_written", count=len(self._pending))

    # --- inside ---------------------------------------------------------------------------------

    async def _write_on(self) -> None:
        while True:
            await self._wanted.wait()
            batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
            if not self._pending:
                self._wanted.clear()
            await self._keep([entry for entry in batch if isinstance(entry, Spoken)])
            await self._note([entry for entry in batch if isinstance(entry, Receipt)])
            if not self._pending:
                self._idle.set()

    async def _keep(self, spoken: Sequence[Spoken]) -> None:
        """Messages of a conversation that is gone are refused; they must not keep others from being kept."""
        fault = await self._write(spoken)
        if fault is not None and (gone := await self._gone(spoken)):
            orphans = [entry for entry in spoken if entry.conversation_id in gone]
            spoken = [entry for entry in spoken if entry.conversation_id not in gone]
            fault = await self._write(spoken)
            for orphan in orphans:
                orphan.then(Fault(Code.SESSION_NOT_FOUND, say("chat.gone")))
        for entry in spoken:
            entry.then(fault)

    async def _write(self, spoken: Sequence[Spoken]) -> Fault | None:
        try:
            if spoken:
                async with self._database.transaction() as connection:
                    await connection.execute(insert(messages), [_message_row(entry) for entry in spoken])
                    await _touch(connection, spoken)
        except Fault as fault:
            return fault
        return None

    async def _gone(self, spoken: Sequence[Spoken]) -> set[str]:
        """The conversations among theirs that are there no more; none where that can't be found out."""
        named = {entry.conversation_id for entry in spoken}
        wanted = select(conversations.c.id).where(conversations.c.id.in_(named))
        try:
            async with self._database.transaction() as connection:
                living = set(await connection.scalars(wanted))
        except Fault:
            return set()
        return named - living

    async def _note(self, read: Sequence[Receipt]) -> None:
        fault: Fault | None = None
        try:
            if read:
                async with self._database.transaction() as connection:
                    await connection.execute(_FIRST_RECEIPT, [_receipt_row(entry) for entry in read])
        except Fault as failed:
            fault = failed
        for entry in read:
            entry.then(fault)


async def _touch(connection: AsyncConnection, spoken: Sequence[Spoken]) -> None:
    """Conversations were used just now; one without a title is called by its first question."""
    latest: dict[str, dict[str, object]] = {}
    for entry in spoken:
        row = latest.setdefault(entry.conversation_id, {"its_id": entry.conversation_id, "its_title": ""})
        row["its_time"] = _naive(entry.at)
        if entry.said.role == "user" and not row["its_title"]:
            row["its_title"] = title_of(entry.said.content)
    await connection.execute(_TOUCHED, list(latest.values()))


_TOUCHED = (
    update(conversations)
    .where(conversations.c.id == bindparam("its_id"))
    .values(
        updated_at=bindparam("its_time"),
        title=case((conversations.c.title == "", bindparam("its_title")), else_=conversations.c.title),
    )
)

_FIRST_RECEIPT = (
    insert(receipts)
    .prefix_with("OR IGNORE", dialect="sqlite")
    .prefix_with("IGNORE", dialect="mysql")
    .prefix_with("IGNORE", dialect="mariadb")
)


def _message_row(entry: Spoken) -> dict[str, object]:
    said = entry.said
    return {
        "id": said.id,
        "conversation_id": entry.conversation_id,
        "parent_id": said.parent_id,
        "role": said.role,
        "author_id": said.author_id,
        "content": said.content,
        "sql": said.sql,
        "results": said.results,
        "visualization": said.visualization,
        "status": said.status,
        "tokens": said.tokens,
        "created_at": _naive(entry.at),
    }


def _receipt_row(entry: Receipt) -> dict[str, object]:
    return {
        "message_id": entry.message_id,
        "user_id": entry.user_id,
        "status": entry.status,
        "at": _naive(entry.at),
    }


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
