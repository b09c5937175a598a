"""The sessions of `scm`: each user's own by name, for as long as a connection or an answer is in it."""

from text2sql_ws.channel import Channel
from text2sql_ws.dialects.scm import Scm
from text2sql_ws.happenings import Bulletin, SessionJoined, SessionLeft
from text2sql_ws.scm.seat import Seat
from text2sql_ws.scm.session import Premises, Session
from text2sql_ws.sessions import Attached
from text2sql_ws.users import User


class Lobby:
    """`outbox_bytes` bounds what waits for one connection."""

    def __init__(
        self, premises: Premises, bulletin: Bulletin, heartbeat_seconds: float, outbox_bytes: int
    ) -> None:
        self._premises = premises
        self._bulletin = bulletin
        self._heartbeat_seconds = heartbeat_seconds
        self._outbox_bytes = outbox_bytes
        self._sessions: dict[tuple[str, str], Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def attach(
        self, session_id: str, user: User, connection: Attached, connection_id: str, dialect: Scm
    ) -> Seat:
        """A seat in the user's session of that name; `connection` is greeted, the others hear of it."""
        session = self._sessions.get((user.id, session_id)) or self._open(session_id, user)
        clock = self._premises.clock
        # Nobody resumes here: what was sent is not kept.
        channel = Channel(dialect, clock, self._outbox_bytes, 0)
        seat = Seat(session, connection, connection_id, dialect, channel, clock)
        seat.greet(self._heartbeat_seconds)
        session.seat(seat)
        return seat

    def detach(self, seat: Seat) -> None:
        """Its connection is gone, however it closed."""
        seat.connection = None
        seat.session.unseat(seat)

    async def settle(self) -> None:
        """Wait until what was said is stored, and its endings told. For shutdown, when no query runs."""
        await self._premises.desk.errands.settle()

    async def close(self) -> None:
        for session in self._sessions.values():
            session.close()
        await self._premises.desk.errands.settle()

    def _open(self, session_id: str, user: User) -> Session:
        session = Session(session_id, user, self._premises, lambda: self._over(session))
        self._sessions[user.id, session_id] = session
        self._bulletin.tell(SessionJoined(session_id, user.id))
        return session

    def _over(self, session: Session) -> None:
        if self._sessions.pop((session.user.id, session.id), None) is not None:
            self._bulletin.tell(SessionLeft(session.id, session.user.id))
