"""Every connection there is: how many there may be, and the tick that looks after them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from text2sql_ws.clock import Clock
from text2sql_ws.departures import SHUTTING_DOWN, SILENT
from text2sql_ws.places import Place, Places
from text2sql_ws.settings import Heartbeat, Limits
from text2sql_ws.web.connection import Connection

log = structlog.get_logger()


class Connections:
    """One ticking task for all connections, not one for each."""

    def __init__(self, heartbeat: Heartbeat, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        # Once a second, or finer where the heartbeat is quick.
        self._tick_seconds = min(1.0, heartbeat.interval / 4, heartbeat.timeout / 4)
        self._connections: dict[Connection, Place | None] = {}
        self._places = Places(limits.connections_per_user, limits.connections)
        self._ticking: asyncio.Task[None] | None = None
        self._sent = 0
        self._received = 0

    def __iter__(self) -> Iterator[Connection]:
        """Every connection, the oldest first."""
        return iter(list(self._connections))

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def waiting_bytes(self) -> int:
        """What waits for all clients, roughly."""
        return sum(connection.waiting_bytes for connection in self._connections)

    @property
    def messages_sent(self) -> int:
        """Since the start, pongs and heartbeats counted."""
        return self._sent + sum(connection.sent for connection in self._connections)

    @property
    def messages_received(self) -> int:
        return self._received + sum(connection.vitals.received for connection in self._connections)

    def of_user(self, user_id: str) -> list[Connection]:
        return [connection for connection in self if connection.user_id == user_id]

    def of_session(self, session_id: str) -> list[Connection]:
        return [connection for connection in self if session_id in connection.session_ids()]

    @contextmanager
    def place(self, user_id: str, name: str) -> Iterator[Place | None]:
        """A place for as long as the block runs; `None` where there is none, for 4504.

        Taken at once, before the handshake waits for anything. Connections that no longer answer lose theirs
        first. `name` is the session's: two connections of one session need one place, for the older one goes.
        """
        place = self._places.take(user_id, name) or self._take_over(user_id, name)
        try:
            yield place
        finally:
            if place is not None:
                place.release()

    def watch(self, connection: Connection, place: Place | None) -> None:
        """Look after `connection` from now on, until `forget`."""
        self._connections[connection] = place

    def forget(self, connection: Connection) -> None:
        """It is over; what it sent and received stays counted."""
        del self._connections[connection]
        self._sent += connection.sent
        self._received += connection.vitals.received

    def start(self) -> None:
        self._ticking = asyncio.create_task(self._tick(), name="watchdog")

    async def close(self) -> None:
        """Stop ticking, and wait until every connection is closed; each bounds its own farewell."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.wait({self._ticking})
        for connection in list(self._connections):
            connection.leave(SHUTTING_DOWN)
        await asyncio.gather(*(connection.gone() for connection in list(self._connections)))

    def _take_over(self, user_id: str, name: str) -> Place | None:
        """The place of a connection that seems dead: of this user's, or of anybody's where all are taken."""
        for connection, place in list(self._connections.items()):
            is_in_the_way = connection.user_id == user_id or self._places.are_full
            if place is not None and is_in_the_way and connection.seems_dead():
                connection.leave(SILENT)
                place.release()
        place = self._places.take(user_id, name)
        if place is None:
            log.warning("no_place", user_id=user_id, connections=len(self._places))
        return place

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._tick_seconds)
            now, at = self._clock.monotonic(), self._clock.now()
            for connection in list(self._connections):
                connection.check(now, at)
