"""The tables of the first releases; what an older checkout made without revisions is taken over.

Every step may be repeated: MySQL keeps what was done of a migration that was interrupted.
"""

import uuid
from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
)
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

MYSQL = ("mysql", "mariadb")
ID = String(64)
NAME = String(200).with_variant(mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
LONG = Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
MOMENT = DateTime().with_variant(mysql.DATETIME(fsp=6), *MYSQL)

metadata = MetaData()


conversations = Table(
    "conversations",
    metadata,
    Column("id", ID, primary_key=True),
    # Whose kind of conversation: "ask" (questions to a database), "scm", "chat". Names are apart by space.
    Column("space", String(16), nullable=False),
    Column("owner_id", NAME, nullable=False),
    # What its client calls it. In "chat" a name is one for all users, elsewhere each user's own.
    Column("name", NAME, nullable=False),
    Column("title", NAME, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    UniqueConstraint("space", "owner_id", "name", name="uq_conversations_name"),
    Index("ix_conversations_by_name", "space", "name"),
    Index("ix_conversations_lately", "space", "owner_id", "updated_at"),
)

members = Table(
    "conversation_members",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", NAME, primary_key=True),
    Column("since", MOMENT, nullable=False),
    Index("ix_conversation_members_user", "user_id"),
)

messages = Table(
    "messages",
    metadata,
    # Their order: ids come from anywhere, times may be equal.
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", ID),
    Column("role", String(16), nullable=False),
    # Who wrote it; empty for the assistant.
    Column("author_id", NAME, nullable=False),
    Column("content", LONG, nullable=False),
    Column("sql", LONG),
    Column("results", JSON),
    Column("visualization", JSON),
    # "complete", or how an answer ended else: "failed", "cancelled", "length".
    Column("status", String(16), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Index("ix_messages_conversation", "conversation_id", "position"),
    Index("ix_messages_created", "created_at"),
)

receipts = Table(
    "message_receipts",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", NAME, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("at", MOMENT, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", NAME, nullable=False),
    Column("query_id", NAME, nullable=False, index=True),
    Column("rating", Integer),
    Column("sql", LONG),
    Column("feedback", JSON, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)

notifications = Table(
    "notifications",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),
    Column("user_id", NAME, nullable=False),
    Column("type", String(16), nullable=False),
    Column("title", NAME, nullable=False),
    Column("message", LONG, nullable=False),
    Column("action_url", LONG),
    Column("auto_close", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("delivered_at", MOMENT),
    Index("ix_notifications_waiting", "user_id", "delivered_at"),
    Index("ix_notifications_created", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    # What still has to go out by e-mail, SMS or push; kept until it went or its retries are over.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("title", NAME, nullable=False),
    Column("message", LONG, nullable=False),
    Column("type", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("error", LONG),
    Column("created_at", MOMENT, nullable=False),
    Column("next_at", MOMENT, nullable=False),
    Index("ix_deliveries_due", "status", "next_at"),
)

token_usage = Table(
    "token_usage",
    metadata,
    Column("day", Date, primary_key=True),
    Column("user_id", NAME, primary_key=True),
    Column("provider", NAME, primary_key=True),
    Column("model", NAME, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    # Who asked what and what ran; what administrators did.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", MOMENT, nullable=False),
    Column("user_id", NAME, nullable=False),
    Column("action", String(64), nullable=False),
    # What it was done to: a query's id, a user's, a session's.
    Column("subject", NAME, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_user", "user_id", "at"),
)

older = MetaData()

turns = Table(
    "conversation_turns",
    older,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False),
    Column("conversation_id", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
)


def upgrade() -> None:
    connection = op.get_bind()
    there = set(inspect(connection).get_table_names())
    metadata.create_all(connection)
    if "feedback" in there and connection.dialect.name in MYSQL:
        _widen_feedback()
    if "conversation_turns" in there:
        for (user_id, name), asked in _turns(connection).items():
            _take_over(connection, user_id, name, asked)
        turns.drop(connection)


def _widen_feedback() -> None:
    """Its columns were made before names told upper case from lower."""
    for name, kind, nullable in (
        ("user_id", NAME, False),
        ("query_id", NAME, False),
        ("sql", LONG, True),
        ("created_at", MOMENT, False),
    ):
        op.alter_column("feedback", name, type_=kind, nullable=nullable, existing_nullable=nullable)


def _turns(connection: Any) -> dict[tuple[str, str], list[Any]]:
    conversations_of: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(select(turns).order_by(turns.c.id)):
        conversations_of.setdefault((row.user_id, row.conversation_id), []).append(row)
    return conversations_of


def _take_over(connection: Any, user_id: str, name: str, asked: list[Any]) -> None:
    """A conversation of which only the questions and their SQL were kept."""
    key = {"space": "ask", "owner_id": user_id, "name": name}
    if connection.execute(select(conversations.c.id).filter_by(**key)).first() is not None:
        return
    conversation_id = uuid.uuid4().hex
    times = {"created_at": asked[0].created_at, "updated_at": asked[-1].created_at}
    row = {"id": conversation_id, "title": " ".join(asked[0].question.split())[:80], **key, **times}
    connection.execute(insert(conversations).values(row))
    said = [
        {
            "id": uuid.uuid4().hex, "conversation_id": conversation_id, "role": "user", "author_id": user_id,
            "content": turn.question, "sql": turn.sql, "status": "complete", "tokens": 0,
            "created_at": turn.created_at,
        }
        for turn in asked
    ]  # fmt: skip
    connection.execute(insert(messages), said)
