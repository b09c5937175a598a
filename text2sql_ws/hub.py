"""Who is connected: the sessions, which of them has a connection, and for how long one without is kept.

A session belongs to the user who first named it. It lives `resume_seconds` beyond its connection; that it was
here is remembered for ten minutes more, so that who comes back too late learns why.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from text2sql_ws.clock import Clock
from text2sql_ws.departures import NOT_OWNER, REPLACED, SHUTTING_DOWN, Departure
from text2sql_ws.events import Connected, NotResumed
from text2sql_ws.happenings import Bulletin, SessionJoined, SessionLeft
from text2sql_ws.sessions import Attached, Session
from text2sql_ws.users import User

log = structlog.get_logger()

REMEMBERED_SECONDS = 600
REMEMBERED = 10_000

NewSession = Callable[[str, User], Session]


class Refused(Exception):
    """A connection that may not have this session."""

    def __init__(self, departure: Departure) -> None:
        super().__init__(departure.reason)
        self.departure = departure


@dataclass(frozen=True, slots=True)
class Claim:
    """What a connection says it saw last of its session."""

    last_sequence: int | None = None
    epoch: str | None = None


class Hub:
    def __init__(
        self, clock: Clock, resume_seconds: float, heartbeat_seconds: float, bulletin: Bulletin
    ) -> None:
        self._clock = clock
        self._bulletin = bulletin
        self._resume_seconds = resume_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._sessions: dict[str, Session] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._expired: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._farewells: set[asyncio.Task[None]] = set()

    # --- connections ----------------------------------------------------------------------------

    def attach(
        self, session_id: str, user: User, connection: Attached, claim: Claim, new_session: NewSession
    ) -> Session:
        """Give `connection` its session: a living one, or a new one; the ack is queued first.

        An older connection of the session is closed. Raises `Refused` when it is another user's.
        """
        session = self._sessions.get(session_id)
        if session is not None and session.user.id != user.id:
            raise Refused(NOT_OWNER)
        if session is None:
            session = self._sessions[session_id] = new_session(session_id, user)
            self._bulletin.tell(SessionJoined(session_id, user.id))
            acknowledged = self._begin(session, claim)
        else:
            acknowledged = self._resume(session, claim)
        session.connection = connection
        session.channel.offer(acknowledged)
        return session

    def detach(self, session: Session, connection: Attached) -> None:
        """`connection` is gone, however it closed; its session waits for another."""
        if session.connection is not connection:
            return
        session.connection = None
        loop = asyncio.get_running_loop()
        self._expiries[session.id] = loop.call_later(self._resume_seconds, self._expire, session)

    def _begin(self, session: Session, claim: Claim) -> Connected:
        expired = self._has_expired(session)
        reason: NotResumed | None = "expired" if expired else None
        if not expired and claim.last_sequence is not None:
            reason = "unknown"
        return self._acknowledge(session, False, 0, reason)

    def _resume(self, session: Session, claim: Claim) -> Connected:
        if session.connection is not None:
            session.connection.leave(REPLACED)
        if (expiry := self._expiries.pop(session.id, None)) is not None:
            expiry.cancel()
        if claim.epoch is not None and claim.epoch != session.epoch:
            session.channel.attach(None)
            return self._acknowledge(session, False, 0, "epoch")
        outcome, replayed = session.channel.attach(claim.last_sequence)
        if outcome == "resumed":
            return self._acknowledge(session, True, replayed, None)
        return self._acknowledge(session, False, 0, outcome)

    def _acknowledge(
        self, session: Session, resumed: bool, replayed: int, reason: NotResumed | None
    ) -> Connected:
        return Connected(
            session_id=session.id,
            epoch=session.epoch,
            heartbeat_seconds=self._heartbeat_seconds,
            resumed=resumed,
            replayed=replayed,
            last_sequence=session.channel.last_sequence,
            queries=session.queries(),
            reason=reason,
        )

    # --- the end of a session -------------------------------------------------------------------

    def _expire(self, session: Session) -> None:
        """Nobody came back in time."""
        self._expiries.pop(session.id, None)
        del self._sessions[session.id]
        self._expired[session.user.id, session.id] = self._clock.monotonic()
        while len(self._expired) > REMEMBERED:
            self._expired.popitem(last=False)
        farewell = asyncio.get_running_loop().create_task(session.aclose())
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)
        log.info("session_ended", session_id=session.id, user_id=session.user.id)
        self._bulletin.tell(SessionLeft(session.id, session.user.id))

    def _has_expired(self, session: Session) -> bool:
        at = self._expired.pop((session.user.id, session.id), None)
        return at is not None and self._clock.monotonic() - at < REMEMBERED_SECONDS

    async def close(self) -> None:
        """Tell every client that the server is going, and end every session."""
        for session in self._attached():
            if session.connection is not None:
                session.connection.leave(SHUTTING_DOWN)
        for expiry in self._expiries.values():
            expiry.cancel()
        self._expiries.clear()
        await asyncio.gather(*(session.aclose() for session in self._sessions.values()))
        await asyncio.gather(*self._farewells)

    # --- everyone at once -----------------------------------------------------------------------

    def __len__(self) -> int:
        """How many sessions live, with a connection or without."""
        return len(self._sessions)

    def count_by_user(self) -> dict[str, int]:
        """How many connections each user has."""
        counts: dict[str, int] = {}
        for session in self._attached():
            counts[session.user.id] = counts.get(session.user.id, 0) + 1
        return counts

    def _attached(self) -> Iterator[Session]:
        return (session for session in list(self._sessions.values()) if session.connection is not None)
