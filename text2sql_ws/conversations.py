"""Conversations: the earlier questions of a user, and the SQL that answered them."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from text2sql_ws.clock import Clock
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import turns

RECALLED_TURNS = 10
"""What a model is reminded of; older turns rarely bear on a question, and each costs tokens."""


class Conversations:
    """Each user's own: the same `conversation_id` of another user is another conversation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def recall(self, user_id: str, conversation_id: str) -> Sequence[Turn]:
        """The latest turns, oldest first; none for a conversation that is new. Raises `Fault`."""
        latest = (
            select(turns.c.question, turns.c.sql)
            .where(turns.c.user_id == user_id, turns.c.conversation_id == conversation_id)
            .order_by(turns.c.id.desc())
            .limit(RECALLED_TURNS)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(latest)).all()
        return [Turn(row.question, row.sql) for row in reversed(rows)]

    async def remember(self, user_id: str, conversation_id: str, turn: Turn) -> None:
        """Add a turn. Raises `Fault`."""
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(turns).values(
                    user_id=user_id,
                    conversation_id=conversation_id,
                    question=turn.question,
                    sql=turn.sql,
                    created_at=self._clock.now().replace(tzinfo=None),
                )
            )
