"""What the administrators' monitor says and hears: flat JSON, as `wire.md` 4 has it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, assert_never

from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.commands import RefreshToken
from text2sql_ws.dialects import flat
from text2sql_ws.dialects.bodies import Body
from text2sql_ws.dialects.incoming import Incoming, read
from text2sql_ws.events import (
    Closing,
    Connected,
    FeedbackReceived,
    HeartbeatAnswered,
    HeartbeatSent,
    MessageRefused,
    Notice,
    Notified,
    Stamped,
    StatusAnnounced,
    TokenRefreshed,
)
from text2sql_ws.texts import Locale, Text


@dataclass(frozen=True, slots=True)
class GetStats:
    pass


@dataclass(frozen=True, slots=True)
class DisconnectUser:
    user_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    message: str


@dataclass(frozen=True, slots=True)
class Ping:
    pass


MonitorCommand = GetStats | DisconnectUser | Broadcast | Ping | RefreshToken


class Monitor:
    """One watcher's wire format. No query's events come here."""

    name: ClassVar[str] = "monitor"

    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def parse(self, text: str) -> MonitorCommand:
        """Raises `Fault` INVALID_MESSAGE or UNKNOWN_MESSAGE_TYPE."""
        return flat.parse(text, READERS)

    def render(self, stamped: Stamped, sequence: int) -> None:
        return None

    def notice(self, notice: Notice, at: datetime) -> bytes:
        match notice:
            case HeartbeatSent():
                return flat.frame("ping", at, {})
            case HeartbeatAnswered():
                return flat.frame("pong", at, {})
            case MessageRefused(fault=fault):
                return flat.error(fault, at, self._locale)
            case TokenRefreshed(expires_at=expires_at):
                return flat.frame("token_refreshed", at, {"expires_at": iso(expires_at)})
            case StatusAnnounced():
                return flat.announced(notice, at, self._locale)
            case Notified():
                return flat.notified(notice)
            case Closing(reason=reason):
                return flat.frame("connection_close", at, {"reason": reason})
            case Connected() | FeedbackReceived():
                return flat.frame("connection_established", at, {"server_time": iso(at)})
            case other:
                assert_never(other)


def stats_update(stats: Mapping[str, Any], at: datetime) -> bytes:
    return flat.frame("stats_update", at, {"stats": stats})


def user_status_update(user_id: str, status: Literal["online", "offline"], at: datetime) -> bytes:
    return flat.frame("user_status_update", at, {"user_id": user_id, "status": status})


def alert(message: Text, locale: Locale, facts: Mapping[str, Any], at: datetime) -> bytes:
    return flat.frame("alert", at, {"level": "warning", "message": message.in_(locale), **facts})


def command_result(command: str, ok: bool, detail: Any, at: datetime) -> bytes:
    return flat.frame("command_result", at, {"command": command, "ok": ok, "detail": detail})


# --- the shapes that come in ------------------------------------------------------------------------


class _Disconnect(Incoming):
    user_id: str = Field(min_length=1, max_length=200)
    reason: str = Field(default="", max_length=1000)


class _Broadcast(Incoming):
    message: str = Field(min_length=1, max_length=10_000)


def _read_disconnect(message: Body) -> DisconnectUser:
    body = read(_Disconnect, message)
    return DisconnectUser(body.user_id, body.reason)


READERS: Mapping[str, Callable[[Body], MonitorCommand]] = {
    "get_stats": lambda _: GetStats(),
    "disconnect_user": _read_disconnect,
    "broadcast": lambda message: Broadcast(read(_Broadcast, message).message),
    "ping": lambda _: Ping(),
    "refresh_token": flat.read_refresh,
}

INCOMING: Mapping[str, type[Incoming]] = {
    "get_stats": Incoming,
    "disconnect_user": _Disconnect,
    "broadcast": _Broadcast,
    "ping": Incoming,
    "refresh_token": flat.Refresh,
}
"""The messages by type, beside it: these models are what they are held to, and what is told of them."""
