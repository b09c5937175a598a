"""The tables of our own storage. Times are UTC; ids are strings, because users' are."""

from sqlalchemy import JSON, Column, DateTime, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

turns = Table(
    "conversation_turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False),
    Column("conversation_id", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index("ix_conversation_turns_conversation", "user_id", "conversation_id", "id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False),
    Column("query_id", String(200), nullable=False, index=True),
    Column("rating", Integer),
    Column("sql", Text),
    Column("feedback", JSON, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
