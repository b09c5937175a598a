"""What users think of answers, stored as they said it."""

from sqlalchemy import insert

from text2sql_ws.clock import Clock
from text2sql_ws.commands import Feedback
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import feedback


class FeedbackBook:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(self, user_id: str, given: Feedback) -> None:
        """Store one piece of feedback. Raises `Fault`."""
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(feedback).values(
                    user_id=user_id,
                    query_id=given.query_id,
                    rating=given.rating,
                    sql=given.sql,
                    feedback=given.feedback,
                    created_at=self._clock.now().replace(tzinfo=None),
                )
            )
