"""Conversations and messages in our storage: which rows are meant, and what they say as values.

The rules of who may read what stand here, as conditions; `conversations.py` asks for rows by them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from text2sql_ws.messages import Conversation, Message, Said, Space
from text2sql_ws.storage.tables import conversations, members, messages

COUNTED = select(
    conversations,
    select(func.count())
    .where(messages.c.conversation_id == conversations.c.id)
    .scalar_subquery()
    .label("message_count"),
)


def named(space: Space, user_id: str, name: str) -> ColumnElement[bool]:
    called = (conversations.c.space == space) & (conversations.c.name == name)
    return called if space == "chat" else called & (conversations.c.owner_id == user_id)


def readable(spaces: Sequence[Space], user_id: str, in_chat: str) -> ColumnElement[bool]:
    """A user's own, and in "chat" also what was shared with them."""
    private = [space for space in spaces if space != "chat"]
    mine = conversations.c.space.in_(private) & (conversations.c.owner_id == user_id)
    if "chat" not in spaces:
        return mine
    name = in_chat or user_id
    shared = conversations.c.id.in_(select(members.c.conversation_id).where(members.c.user_id == name))
    return mine | ((conversations.c.space == "chat") & ((conversations.c.owner_id == name) | shared))


def holds(text: str) -> ColumnElement[bool]:
    return or_(
        messages.c.content.icontains(text, autoescape=True), messages.c.sql.icontains(text, autoescape=True)
    )


def conversation_of(row: Any) -> Conversation:
    return Conversation(
        row.id, row.space, row.owner_id, row.name, row.title,
        utc(row.created_at), utc(row.updated_at), row.message_count,
    )  # fmt: skip


def joined_conversation_of(row: Any) -> Conversation:
    return Conversation(
        row.c_id, row.c_space, row.c_owner_id, row.c_name, row.c_title,
        utc(row.c_created_at), utc(row.c_updated_at),
    )  # fmt: skip


def message_of(row: Any) -> Message:
    said = Said(
        row.role, row.content, row.author_id, row.parent_id, row.sql, row.results, row.visualization,
        row.status, row.tokens, row.id,
    )  # fmt: skip
    return Message(row.position, row.id, row.conversation_id, utc(row.created_at), said)


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
