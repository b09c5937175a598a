"""Flat JSON, `{"type", "timestamp", …}`: what `chat` and its monitor have in common. Pure."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.commands import RefreshToken
from text2sql_ws.dialects.bodies import Body
from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Notified, StatusAnnounced
from text2sql_ws.texts import Locale, say

CommandT = TypeVar("CommandT")


class Typed(Incoming):
    type: str


class _Token(Incoming):
    token: str = Field(min_length=1)


class Refresh(Incoming):
    data: _Token


def parse(text: str, readers: Mapping[str, Callable[[Body], CommandT]]) -> CommandT:
    """One message by its `type`. Raises `Fault` INVALID_MESSAGE, UNKNOWN_MESSAGE_TYPE."""
    message = read_json(text)
    kind = read(Typed, message).type
    reader = readers.get(kind)
    if reader is None:
        known = ", ".join(readers)
        raise Fault(Code.UNKNOWN_MESSAGE_TYPE, say("message.unknown_type", type=kind[:100], known=known))
    return reader(message)


def read_refresh(message: Body) -> RefreshToken:
    return RefreshToken(read(Refresh, message).data.token)


def frame(kind: str, at: datetime, body: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": iso(at), **body})


def kind_of(text: str) -> str | None:
    """The `type` of a message that may be wrong otherwise."""
    try:
        kind = read_json(text).get("type")
    except Fault:
        return None
    return kind[:100] if isinstance(kind, str) else None


def error(fault: Fault, at: datetime, locale: Locale, **named: str | None) -> bytes:
    """`named` says what it is about: `request`, the type of the message that was refused; its ids."""
    about = {name: value for name, value in named.items() if value is not None}
    return frame("error", at, fault_body(fault, locale) | about)


def fault_body(fault: Fault, locale: Locale) -> Body:
    entry = fault.entry
    later = {"retry_after": math.ceil(fault.retry_after)} if fault.retry_after is not None else {}
    return {
        "code": fault.code.value,
        "level": entry.level,
        "title": entry.title.in_(locale),
        "message": fault.message.in_(locale),
        "suggestion": entry.suggestion.in_(locale),
        "can_retry": entry.can_retry,
    } | later


def announced(notice: StatusAnnounced, at: datetime, locale: Locale) -> bytes:
    """A broadcast, as the notification that it is to these clients."""
    kind = notice.kind if notice.kind in KINDS else "info"
    title = say("broadcast.title").in_(locale)
    return notification(notice.id, title, notice.message, kind, at)


def notified(one: Notified) -> bytes:
    return notification(one.id, one.title, one.message, one.kind, one.at, one.action_url, one.auto_close)


def notification(
    notification_id: str,
    title: str,
    message: str,
    kind: str,
    at: datetime,
    action_url: str | None = None,
    auto_close: bool = False,
) -> bytes:
    body = {
        "id": notification_id,
        "title": title,
        "message": message,
        "type": kind,
        "action_url": action_url,
        "auto_close": auto_close,
        "timestamp": iso(at),
    }
    return frame("notification", at, {"notification": body})


KINDS = ("info", "success", "warning", "error", "urgent")
