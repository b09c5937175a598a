"""What administrators see of connections: the figures and bodies of `wire.md` 4, with the fields of 002."""

from collections.abc import Iterable
from typing import Any

from text2sql_ws.clock import iso
from text2sql_ws.tally import Noted, Tally
from text2sql_ws.web.connection import Connection
from text2sql_ws.web.connections import Connections


def stats(connections: Connections, tally: Tally) -> dict[str, Any]:
    """002's figures. `active` is who still answers; messages, disconnections, errors count from the start."""
    present = list(connections)
    rate = tally.rate()
    return {
        "total_connections": len(present),
        "active_connections": sum(connection.is_alive for connection in present),
        "messages_sent": connections.messages_sent,
        "messages_received": connections.messages_received,
        "disconnections": tally.disconnections,
        "errors": tally.errors,
        "active_users": len({connection.user_id for connection in present}),
        "active_sessions": len({name for connection in present for name in connection.session_ids()}),
        "total_user_connections": len(present),
        "total_session_connections": sum(bool(connection.session_ids()) for connection in present),
        "error_rate": round(rate.value, 4),
        "uptime_seconds": round(tally.uptime_seconds, 3),
    }


def connection_body(connection: Connection) -> dict[str, Any]:
    vitals, sessions = connection.vitals, list(connection.session_ids())
    return {
        "connection_id": connection.id,
        "user_id": connection.user_id,
        "session_id": sessions[0] if sessions else None,
        "sessions": sessions,
        "connected_at": iso(vitals.since),
        "last_ping": iso(vitals.pinged_at) if vitals.pinged_at is not None else None,
        "last_pong": iso(vitals.heard_at),
        "is_alive": connection.is_alive,
        "metadata": {
            "username": connection.user_id,
            "role": "admin" if connection.is_admin else "user",
            "organization_id": None,
            "dialect": connection.dialect_name,
            "address": connection.address,
            "messages_sent": connection.sent,
            "messages_received": vitals.received,
            "waiting_bytes": connection.waiting_bytes,
        },
    }


def session_bodies(connections: Iterable[Connection]) -> list[dict[str, Any]]:
    """The sessions that somebody is connected to, by name."""
    present: dict[str, list[Connection]] = {}
    for connection in connections:
        for name in connection.session_ids():
            present.setdefault(name, []).append(connection)
    return [
        {
            "session_id": name,
            "dialects": sorted({connection.dialect_name for connection in there}),
            "user_ids": sorted({connection.user_id for connection in there}),
            "connections": len(there),
            "since": iso(min(connection.vitals.since for connection in there)),
        }
        for name, there in sorted(present.items())
    ]


def user_bodies(connections: Iterable[Connection]) -> list[dict[str, Any]]:
    present: dict[str, list[Connection]] = {}
    for connection in connections:
        present.setdefault(connection.user_id, []).append(connection)
    return [
        {
            "user_id": user_id,
            "connections": len(there),
            "since": iso(min(connection.vitals.since for connection in there)),
        }
        for user_id, there in sorted(present.items())
    ]


def event_body(noted: Noted) -> dict[str, Any]:
    return {"timestamp": iso(noted.at), "event": noted.kind, **noted.facts}
