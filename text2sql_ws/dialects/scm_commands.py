"""What a client of `scm` can ask of its session: a closed union of frozen values; and reading it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from text2sql_ws.commands import Heartbeat, RefreshToken
from text2sql_ws.dialects.incoming import Incoming, read, read_json, read_question
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

Passed = Literal["TYPING_START", "TYPING_STOP", "ONLINE_STATUS"]

PAGE_SIZE = 100
"""Conversations, or messages, that one answer lists at most."""

MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose data was not looked at yet; `request_id` is what its client calls it, if anything."""

    type: str
    data: Any
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Chat:
    """`about_data`: the question goes to a database, `datasource` or the one that fits, else to the model."""

    message: str
    streaming: bool
    provider: str | None
    model: str | None
    conversation_id: str | None
    parent_id: str | None
    about_data: bool
    datasource: str | None


@dataclass(frozen=True, slots=True)
class CancelChat:
    """Named by its message or by its request; at least one of the two is there."""

    message_id: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class CreateConversation:
    title: str


@dataclass(frozen=True, slots=True)
class RenameConversation:
    conversation_id: str
    title: str


@dataclass(frozen=True, slots=True)
class DeleteConversation:
    conversation_id: str


@dataclass(frozen=True, slots=True)
class ListConversations:
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class ReadMessages:
    """The latest `limit`, or those that came ahead of the position `before`."""

    conversation_id: str
    before: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class PassOn:
    """Something for the session's other connections, as it came."""

    type: Passed
    data: Any


@dataclass(frozen=True, slots=True)
class Disconnect:
    pass


AboutConversations = (
    CreateConversation | RenameConversation | DeleteConversation | ListConversations | ReadMessages
)
ScmCommand = Chat | CancelChat | AboutConversations | PassOn | Disconnect | Heartbeat | RefreshToken


def receive(text: str) -> Received:
    """Read a message's envelope. Raises `Fault` INVALID_MESSAGE."""
    envelope = read(_Envelope, read_json(text))
    data = {} if envelope.data is None else envelope.data
    named = data.get("requestId") if isinstance(data, dict) else None
    return Received(
        envelope.type, data, named if isinstance(named, str) and 0 < len(named) <= ID_CHARS else None
    )


def command(received: Received, question_chars: int) -> ScmCommand:
    """What a message asks for. Raises `Fault` INVALID_MESSAGE, UNKNOWN_MESSAGE_TYPE or INVALID_QUESTION."""
    if received.type == "CHAT_REQUEST":
        return _chat(received.data, question_chars)
    reader = _READERS.get(received.type)
    if reader is None:
        known = ", ".join(["CHAT_REQUEST", *_READERS])
        named = received.type[:100]
        raise Fault(Code.UNKNOWN_MESSAGE_TYPE, say("message.unknown_type", type=named, known=known))
    return reader(received.data)


def _chat(data: Any, question_chars: int) -> Chat:
    body = read(_ChatRequest, data, "data")
    return Chat(
        message=read_question(body.message, question_chars),
        streaming=body.streaming,
        provider=body.provider or None,
        model=body.model or None,
        conversation_id=body.conversation_id or None,
        parent_id=body.parent_message_id or None,
        about_data=bool(body.datasource) or body.mode == "text2sql",
        datasource=body.datasource or None,
    )


def _cancel(data: Any) -> CancelChat:
    body = read(_ChatCancel, data, "data")
    if body.message_id is None and body.request_id is None:
        raise Fault(
            Code.INVALID_MESSAGE, say("message.field", field="data.messageId", why=say("field.missing"))
        )
    return CancelChat(body.message_id, body.request_id)


def _rename(data: Any) -> RenameConversation:
    body = read(_SessionUpdate, data, "data")
    return RenameConversation(body.conversation_id, body.title)


def _list(data: Any) -> ListConversations:
    body = read(_SessionList, data, "data")
    return ListConversations(body.page, body.page_size)


def _messages(data: Any) -> ReadMessages:
    body = read(_SessionMessages, data, "data")
    return ReadMessages(body.conversation_id, body.before, body.limit)


# --- the shapes that come in: `conversation_id` is `conversationId` on the wire ----------------------

ID_CHARS = 200


class _Body(Incoming):
    model_config = ConfigDict(alias_generator=to_camel)


class _Envelope(Incoming):
    type: str
    data: Any = None


class _ChatRequest(_Body):
    message: str
    streaming: bool = True
    model: str | None = None
    provider: str | None = None
    conversation_id: str | None = Field(default=None, max_length=ID_CHARS)
    parent_message_id: str | None = Field(default=None, max_length=ID_CHARS)
    datasource: str | None = None
    mode: str | None = None
    request_id: str | None = Field(default=None, max_length=ID_CHARS)


class _ChatCancel(_Body):
    message_id: str | None = Field(default=None, max_length=ID_CHARS)
    request_id: str | None = Field(default=None, max_length=ID_CHARS)


class _SessionCreate(_Body):
    title: str | None = Field(default=None, max_length=ID_CHARS)


class _Conversation(_Body):
    conversation_id: str = Field(min_length=1, max_length=ID_CHARS)


class _SessionUpdate(_Conversation):
    title: str = Field(min_length=1, max_length=ID_CHARS)


class _SessionList(_Body):
    page: int = Field(default=1, ge=1, le=MOST_PAGES)
    page_size: int = Field(default=20, ge=1, le=PAGE_SIZE)


class _SessionMessages(_Conversation):
    before: int | None = Field(default=None, ge=1, lt=2**53)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=PAGE_SIZE)


class _Refresh(Incoming):
    token: str = Field(min_length=1)


_READERS: Mapping[str, Callable[[Any], ScmCommand]] = {
    "CHAT_CANCEL": _cancel,
    "SESSION_CREATE": lambda data: CreateConversation(read(_SessionCreate, data, "data").title or ""),
    "SESSION_UPDATE": _rename,
    "SESSION_DELETE": lambda data: DeleteConversation(read(_Conversation, data, "data").conversation_id),
    "SESSION_LIST": _list,
    "SESSION_MESSAGES": _messages,
    "TYPING_START": lambda data: PassOn("TYPING_START", data),
    "TYPING_STOP": lambda data: PassOn("TYPING_STOP", data),
    "ONLINE_STATUS": lambda data: PassOn("ONLINE_STATUS", data),
    "HEARTBEAT": lambda data: Heartbeat(),
    "REFRESH_TOKEN": lambda data: RefreshToken(read(_Refresh, data, "data").token),
    "DISCONNECT": lambda data: Disconnect(),
}

INCOMING: Mapping[str, type[Incoming]] = {
    "CHAT_REQUEST": _ChatRequest,
    "CHAT_CANCEL": _ChatCancel,
    "SESSION_CREATE": _SessionCreate,
    "SESSION_UPDATE": _SessionUpdate,
    "SESSION_DELETE": _Conversation,
    "SESSION_LIST": _SessionList,
    "SESSION_MESSAGES": _SessionMessages,
    "TYPING_START": Incoming,
    "TYPING_STOP": Incoming,
    "ONLINE_STATUS": Incoming,
    "HEARTBEAT": Incoming,
    "REFRESH_TOKEN": _Refresh,
    "DISCONNECT": Incoming,
}
"""The `data` of each type: these models are what messages are held to, and what is told of them."""
