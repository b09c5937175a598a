"""Notifications are taken, and read, by each of their users; deliveries name their service; audit by action.

Nothing was ever stored in `notifications` and `deliveries` before: they are made anew.
"""

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

MYSQL = ("mysql", "mariadb")
ID = String(64)
NAME = String(200).with_variant(mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
LONG = Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
MOMENT = DateTime().with_variant(mysql.DATETIME(fsp=6), *MYSQL)

metadata = MetaData()

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
    Index("ix_notifications_of_user", "user_id", "position"),
    Index("ix_notifications_created", "created_at"),
)

notification_receipts = Table(
    "notification_receipts",
    metadata,
    Column("notification_id", ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", NAME, primary_key=True),
    Column("delivered_at", MOMENT, nullable=False),
    Column("read_at", MOMENT),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
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


def upgrade() -> None:
    connection = op.get_bind()
    metadata.drop_all(connection)
    metadata.create_all(connection)
    if "ix_audit_action" not in {index["name"] for index in inspect(connection).get_indexes("audit")}:
        op.create_index("ix_audit_action", "audit", ["action", "at"])
