"""What `chat` tells besides answers: of sessions, members, messages and what became of them. Pure."""

from collections.abc import Sequence
from datetime import datetime

from text2sql_ws.clock import iso
from text2sql_ws.dialects import flat


def established(
    connection_id: str, user_id: str, session_id: str | None, at: datetime, heartbeat_seconds: float
) -> bytes:
    named = {"session_id": session_id} if session_id is not None else {}
    body = {"connection_id": connection_id, "user_id": user_id, **named}
    told = {"server_time": iso(at), "heartbeat_interval": heartbeat_seconds}
    return flat.frame("connection_established", at, body | told)


def joined(session_id: str, user_id: str, members: Sequence[str], at: datetime) -> bytes:
    body = {"session_id": session_id, "user_id": user_id, "members": members}
    return flat.frame("session_joined", at, body)


def left(session_id: str, user_id: str, members: Sequence[str], at: datetime) -> bytes:
    body = {"session_id": session_id, "user_id": user_id, "members": members}
    return flat.frame("session_left", at, body)


def shared(session_id: str, user_id: str, at: datetime) -> bytes:
    return flat.frame("session_shared", at, {"session_id": session_id, "user_id": user_id})


def typing(session_id: str, user_id: str, is_typing: bool, at: datetime) -> bytes:
    body = {"session_id": session_id, "user_id": user_id, "is_typing": is_typing}
    return flat.frame("typing", at, body)


def said(message_id: str, session_id: str, content: str, user_id: str, created_at: datetime) -> bytes:
    message = {
        "id": message_id,
        "session_id": session_id,
        "role": "user",
        "content": content,
        "user_id": user_id,
        "created_at": iso(created_at),
    }
    return flat.frame("new_message", created_at, {"message": message})


def status_update(
    message_id: str, status: str, at: datetime, client_id: str | None = None, user_id: str | None = None
) -> bytes:
    named = {"client_id": client_id, "user_id": user_id}
    body = {"message_id": message_id, "status": status}
    return flat.frame("message_status_update", at, body | {k: v for k, v in named.items() if v is not None})
