"""The tables of our own storage. Times are UTC without a zone; ids are strings, because users' are.

A change here comes with a migration; a test holds the two together.
"""

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
)
from sqlalchemy.dialects import mysql

MYSQL = ("mysql", "mariadb")
"""Whose own types tell upper case from lower in names, hold more than 64 KiB, and keep parts of a second."""

ID = String(64)
NAME = String(200).with_variant(mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
"""What clients and configurations call things: users, sessions, conversations, providers."""

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
    # Whom it is for; empty for everyone.
    Column("user_id", NAME, nullable=False),
    Column("type", String(16), nullable=False),
    Column("title", NAME, nullable=False),
    Column("message", LONG, nullable=False),
    Column("action_url", LONG),
    Column("auto_close", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Index("ix_notifications_of_user", "user_id", "position"),
    Index("ix_notifications_created", "created_at"),
)

notification_receipts = Table(
    "notification_receipts",
    metadata,
    # One that is for everyone is delivered, and read, by each for himself.
    Column("notification_id", ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", NAME, primary_key=True),
    Column("delivered_at", MOMENT, nullable=False),
    Column("read_at", MOMENT),
)

deliveries = Table(
    "deliveries",
    metadata,
    # What still has to go out by e-mail, SMS or push; kept until it went or its retries are over.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    # Which of the channel's services: a digest of its URL, which holds secrets and stays in the settings.
    Column("service", String(16), nullable=False),
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
    Index("ix_audit_action", "action", "at"),
)
