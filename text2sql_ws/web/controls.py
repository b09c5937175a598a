"""What administrators do to connections, over HTTP or at the monitor. Each deed is in the audit log first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from text2sql_ws.auditing import AuditLog
from text2sql_ws.clock import Clock
from text2sql_ws.departures import DISCONNECTED, Departure
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import StatusAnnounced
from text2sql_ws.notifications import Notifications
from text2sql_ws.texts import say
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.connections import Connections

MAINTENANCE = "maintenance"
"""The `message_type` of a broadcast that is also for those who are away."""

REASON_BYTES = 120
"""What a close frame has room for."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody, one user, or those in one session."""

    kind: Literal["broadcast", "user", "session"] = "broadcast"
    id: str = ""


class Controls:
    """`by` is the administrator. Every method raises `Fault` SESSION_NOT_FOUND for an unknown id."""

    def __init__(
        self, connections: Connections, audit: AuditLog, notifications: Notifications, clock: Clock
    ) -> None:
        self._connections = connections
        self._audit = audit
        self._notifications = notifications
        self._clock = clock

    async def announce(self, by: str, message: str, kind: str, audience: Audience) -> int:
        """Say something to all of an audience, each in their own form; returns how many took it.

        Of maintenance who is away learns on their return, and by every channel there is.
        """
        self._reached(audience)
        detail = {"message": message, "type": kind, "target_type": audience.kind}
        await self._audit.record(by, "broadcast", audience.id or "*", detail)
        kept = kind == MAINTENANCE and audience.kind == "broadcast"
        ids = await self._kept_for_who_is_away(message) if kept else []
        notice, at = StatusAnnounced(message, kind), self._clock.now()
        took = [connection for connection in self._reached(audience) if connection.tell(notice, at)]
        if ids:
            for user_id in {connection.user_id for connection in took}:
                self._notifications.delivered(user_id, ids)
        return len(took)

    async def _kept_for_who_is_away(self, message: str) -> list[str]:
        title, channels = say("notify.maintenance.title"), self._notifications.channels
        both = f"{title.zh} / {title.en}"
        return await self._notifications.send("everyone", both, message, "warning", channels, quietly=True)

    async def disconnect_user(self, by: str, user_id: str, reason: str = "") -> int:
        """Close all of a user's connections with 4510; returns how many."""
        present = self.of_user(user_id)
        await self._audit.record(by, "user_disconnected", user_id, {"reason": reason})
        return _close(present, reason)

    async def disconnect(self, by: str, connection_id: str) -> None:
        present = self.connection(connection_id)
        detail = {"user_id": present.user_id, "dialect": present.dialect_name}
        await self._audit.record(by, "connection_closed", connection_id, detail)
        _close([present], "")

    async def recorded(self, by: str, action: str, subject: str, **detail: object) -> None:
        """Record what else an administrator is about to do."""
        await self._audit.record(by, action, subject, detail)

    def connection(self, connection_id: str) -> Connection:
        for connection in self._connections:
            if connection.id == connection_id:
                return connection
        raise _unknown("admin.no_connection", connection_id)

    def of_user(self, user_id: str) -> list[Connection]:
        if present := self._connections.of_user(user_id):
            return present
        raise _unknown("admin.no_user", user_id)

    def of_session(self, session_id: str) -> list[Connection]:
        if present := self._connections.of_session(session_id):
            return present
        raise _unknown("admin.no_session", session_id)

    def _reached(self, audience: Audience) -> Sequence[Connection]:
        match audience.kind:
            case "broadcast":
                return list(self._connections)
            case "user":
                return self.of_user(audience.id)
            case "session":
                return self.of_session(audience.id)


def _close(connections: Sequence[Connection], reason: str) -> int:
    said = reason.encode()[:REASON_BYTES].decode(errors="ignore")
    departure = Departure(DISCONNECTED.code, said) if said else DISCONNECTED
    for connection in connections:
        connection.leave(departure)
    return len(connections)


def _unknown(key: str, its_id: str) -> Fault:
    return Fault(Code.SESSION_NOT_FOUND, say(key, id=its_id[:100]))
