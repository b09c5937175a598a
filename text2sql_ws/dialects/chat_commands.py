"""What a `chat` client can ask, as a closed union of frozen values; and how it is read. Pure.

`None` for a session: the connection's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import Field

from text2sql_ws.commands import RefreshToken
from text2sql_ws.dialects import flat
from text2sql_ws.dialects.bodies import Body
from text2sql_ws.dialects.incoming import Incoming, read


@dataclass(frozen=True, slots=True)
class Join:
    session_id: str | None


@dataclass(frozen=True, slots=True)
class Share:
    session_id: str | None
    user_id: str


@dataclass(frozen=True, slots=True)
class Leave:
    session_id: str | None


@dataclass(frozen=True, slots=True)
class Type:
    session_id: str | None
    is_typing: bool


@dataclass(frozen=True, slots=True)
class Send:
    """`client_id` is what its client calls the message until it has an id."""

    session_id: str | None
    content: str
    client_id: str | None = None
    datasource: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    message_id: str


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """`message_id` is the question's or the answer's."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping of ours: it is a sign of life, and asks for nothing."""


ChatCommand = Join | Share | Leave | Type | Send | Read | CancelAnswer | Ping | Pong | RefreshToken


# --- the shapes that come in ------------------------------------------------------------------------


class _InSession(Incoming):
    session_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.:@+~-]{1,128}$")


class _Share(_InSession):
    user_id: str = Field(min_length=1, max_length=200)


class _Typing(_InSession):
    is_typing: bool


class _Send(_InSession):
    content: str
    client_id: str | None = Field(default=None, max_length=200)
    datasource: str | None = Field(default=None, max_length=200)


class _OfMessage(Incoming):
    message_id: str = Field(min_length=1, max_length=64)


def _read_send(message: Body) -> Send:
    body = read(_Send, message)
    return Send(body.session_id, body.content, body.client_id, body.datasource)


def _read_share(message: Body) -> Share:
    body = read(_Share, message)
    return Share(body.session_id, body.user_id)


def _read_typing(message: Body) -> Type:
    body = read(_Typing, message)
    return Type(body.session_id, body.is_typing)


READERS: Mapping[str, Callable[[Body], ChatCommand]] = {
    "join_session": lambda message: Join(read(_InSession, message).session_id),
    "share_session": _read_share,
    "leave_session": lambda message: Leave(read(_InSession, message).session_id),
    "typing": _read_typing,
    "send_message": _read_send,
    "message_read": lambda message: Read(read(_OfMessage, message).message_id),
    "cancel": lambda message: CancelAnswer(read(_OfMessage, message).message_id),
    "ping": lambda _: Ping(),
    "pong": lambda _: Pong(),
    "refresh_token": flat.read_refresh,
}

INCOMING: Mapping[str, type[Incoming]] = {
    "join_session": _InSession,
    "share_session": _Share,
    "leave_session": _InSession,
    "typing": _Typing,
    "send_message": _Send,
    "message_read": _OfMessage,
    "cancel": _OfMessage,
    "ping": Incoming,
    "pong": Incoming,
    "refresh_token": flat.Refresh,
}
"""The messages by type, beside it: these models are what they are held to, and what is told of them."""
