"""What is asked about stored conversations, answered: created, renamed, deleted, listed, read."""

import uuid
from typing import assert_never

from text2sql_ws.conversations import Conversations
from text2sql_ws.dialects.scm import Body, conversation_body, list_body, message_body, messages_body
from text2sql_ws.dialects.scm_commands import (
    AboutConversations,
    CreateConversation,
    DeleteConversation,
    ListConversations,
    ReadMessages,
    RenameConversation,
)
from text2sql_ws.messages import Conversation, Message


async def answered(command: AboutConversations, kept: Conversations, user_id: str) -> Body:
    """The `data` of the answer. Raises `Fault` SESSION_NOT_FOUND for an unknown one, or another user's."""
    match command:
        case CreateConversation(title=title):
            return _conversation(await kept.open("scm", user_id, uuid.uuid4().hex, title))
        case RenameConversation(conversation_id=name, title=title):
            return _conversation(await kept.rename(await kept.find("scm", user_id, name), title))
        case DeleteConversation(conversation_id=name):
            await kept.delete(await kept.find("scm", user_id, name))
            return {"conversationId": name, "deleted": True}
        case ListConversations(page=page, size=size):
            found, total = await kept.page(("scm",), user_id, page, size)
            return list_body([_conversation(one) for one in found], total, page, size)
        case ReadMessages(conversation_id=name, before=before, limit=limit):
            conversation = await kept.find("scm", user_id, name)
            latest = await kept.messages(conversation, before=before, limit=limit + 1)
            return messages_body(name, [_message(one) for one in latest[-limit:]], len(latest) > limit)
        case other:
            assert_never(other)


def _conversation(found: Conversation) -> Body:
    return conversation_body(found.name, found.title, found.created_at, found.updated_at, found.message_count)


def _message(found: Message) -> Body:
    said = found.said
    return message_body(found.id, said.parent_id, said.role, said.content, found.created_at, found.position)
